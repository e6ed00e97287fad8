"""The fraud domain: applications from their arrival to a verdict."""

from django.apps import AppConfig


class FraudConfig(AppConfig):
    name = "fraud"

    def ready(self) -> None:
        from fraud.operations.cases.deciding import FRAUD_VERDICT
        from fraud.operations.mappings.publishing import MAPPING
        from fraud.operations.rulebooks import RULEBOOK
        from fraud.queries.zones import institution_zones
        from fraud.views import looks
        from portal.approvals import kinds
        from portal.security.queries import register_zones

        looks.register()
        kinds.register(FRAUD_VERDICT)
        kinds.register(MAPPING)
        kinds.register(RULEBOOK)
        register_zones(institution_zones)
