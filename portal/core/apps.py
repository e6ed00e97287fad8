"""The core app: it has commands and checks, no tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "portal.core"
    label = "core"

    def ready(self) -> None:
        # Importing registers the checks.
        from portal.core import checks  # noqa: F401
