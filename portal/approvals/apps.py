"""Four eyes: what somebody asked for and a second person approves or refuses; it does not carry it out."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "portal.approvals"
    label = "approvals"
