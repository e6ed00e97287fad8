"""The core app: it has commands and checks, no tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "portal.core"
    label = "core"

    def ready(self) -> None:
        # Importing registers the checks, and how packed arrays are sent, which an open connection no longer learns.
        from portal.core import arrays, checks  # noqa: F401
