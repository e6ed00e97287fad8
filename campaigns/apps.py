"""The campaigns domain: codes from order to redemption."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
