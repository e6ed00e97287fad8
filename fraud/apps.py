"""The fraud domain: applications from their arrival to a verdict."""

from django.apps import AppConfig


class FraudConfig(AppConfig):
    name = "fraud"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from fraud import retention
        from fraud.models import Screening
        from fraud.operations.cases.deciding import FRAUD_VERDICT
        from fraud.operations.feeds import FEED
        from fraud.operations.mappings.publishing import MAPPING
        from fraud.operations.rulebooks import RULEBOOK
        from fraud.queries.zones import institution_zones
        from fraud.views import looks, waiting
        from portal.accounts.roles import Act
        from portal.approvals import kinds
        from portal.audit.runs import RunSource, register_run
        from portal.security.queries import register_zones
        from portal.web.navigation import Entry, Group, register

        looks.register()
        kinds.register(FEED)
        kinds.register(FRAUD_VERDICT)
        kinds.register(MAPPING)
        kinds.register(RULEBOOK)
        register_zones(institution_zones)
        # Without what retention takes out of a screening later: the rules that spoke, and what the consortium told.
        decided = (
            "id",
            "public_id",
            "institution_id",
            "application_id",
            "kind",
            "outcome",
            "score",
            "reasons",
        )
        by_what = ("is_degraded", "rulebook_version_id", "screened_at")
        register_run(RunSource("screenings", Screening, decided + by_what))
        retention.register_all()
        register(
            Entry(Group.FRAUD, _("Cases"), "cases", "inbox", Act.CASE_READ, order=10),
            Entry(
                Group.FRAUD, _("Applications"), "applications", "file-text", Act.APPLICATION_READ, order=11
            ),
            Entry(Group.FRAUD, _("Mappings"), "mappings", "table", Act.MAPPING_READ, order=14),
            Entry(Group.FRAUD, _("Submissions"), "submissions", "packages", Act.SUBMISSION_READ, order=12),
            Entry(Group.FRAUD, _("Rulebooks"), "rulebooks", "adjustments", Act.RULEBOOK_READ, order=15),
            Entry(Group.FRAUD, _("Watch lists"), "watch-lists", "eye", Act.WATCH_EDIT, order=16),
            Entry(
                Group.FRAUD,
                _("Institutions"),
                "institutions",
                "building-store",
                Act.INSTITUTION_READ,
                order=20,
            ),
            waiting=waiting.waiting,
            figures=waiting.figures,
            search=waiting.found,
        )
