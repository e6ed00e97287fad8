"""What looks wrong in the trail: detectors, their alerts, and the events that leave for a SIEM."""

from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "portal.security"
    label = "security"

    def ready(self) -> None:
        from django.core.checks import register

        from portal.core.health import show_figures
        from portal.security.checks import check_streams
        from portal.security.figures import StreamFigures

        register(check_streams)
        show_figures(StreamFigures())
