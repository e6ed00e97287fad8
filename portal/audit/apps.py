"""The trail: what happened, by whom, when; it never says why or decides anything."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"
