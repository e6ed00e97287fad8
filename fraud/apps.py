"""The fraud domain: applications from their arrival to a verdict."""

from django.apps import AppConfig


class FraudConfig(AppConfig):
    name = "fraud"

    def ready(self) -> None:
        from fraud.queries.zones import institution_zones
        from fraud.views import looks
        from portal.security.queries import register_zones

        looks.register()
        register_zones(institution_zones)
