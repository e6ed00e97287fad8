"""The campaigns domain: codes from order to redemption."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from campaigns import retention
        from campaigns.models import LedgerEntry, Redemption
        from campaigns.operations.approving import BATCH
        from campaigns.queries.codebooks import CAMPAIGN_KEYS
        from campaigns.queries.zones import market_zones
        from campaigns.views import looks, waiting
        from portal.accounts.roles import Act
        from portal.approvals import kinds
        from portal.audit.runs import RunSource, register_run
        from portal.keys.steps import register_step
        from portal.security.queries import register_zones
        from portal.web.navigation import Entry, Group, register

        looks.register()
        register_step(CAMPAIGN_KEYS)
        kinds.register(BATCH)
        # Without the request key, which is no fact of the redemption.
        redeemed = ("id", "public_id", "campaign_id", "serial", "batch_id", "member_id", "client_id")
        register_run(RunSource("redemptions", Redemption, (*redeemed, "points", "redeemed_at")))
        booked = ("id", "member_id", "redemption_id", "points", "balance_after", "at")
        register_run(RunSource("ledger", LedgerEntry, booked))
        retention.register_all()
        register_zones(market_zones)
        register(
            Entry(Group.CAMPAIGNS, _("Campaigns"), "campaigns", "speakerphone", Act.CAMPAIGN_READ, order=10),
            Entry(Group.CAMPAIGNS, _("Batches"), "batches", "packages", Act.BATCH_READ, order=11),
            Entry(Group.CAMPAIGNS, _("Check a code"), "codes", "ticket", Act.CODE_CHECK, order=12),
            Entry(Group.CAMPAIGNS, _("Members"), "members", "users", Act.MEMBER_READ, order=13),
            Entry(Group.CAMPAIGNS, _("Printers"), "printers", "printer", Act.PRINTER_READ, order=20),
            Entry(Group.CAMPAIGNS, _("Markets"), "markets", "world", Act.MARKET_READ, order=21),
            Entry(Group.CAMPAIGNS, _("Brands"), "brands", "building-store", Act.BRAND_READ, order=22),
            waiting=waiting.waiting,
            figures=waiting.figures,
            search=waiting.found,
        )
