"""The kit for every endpoint: keys, parsing, problems, idempotency, limits and the schema."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "portal.api"
    label = "api"

    def ready(self) -> None:
        # Registers how the schema describes our authentication.
        from portal.api import schema  # noqa: F401
