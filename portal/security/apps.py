"""What looks wrong in the trail: detectors, their alerts, and the events that leave for a SIEM."""

from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "portal.security"
    label = "security"

    def ready(self) -> None:
        from django.core.checks import register

        from portal.security.checks import check_streams

        register(check_streams)
