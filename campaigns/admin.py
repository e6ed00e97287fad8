"""The tables of campaigns in the admin, for looking; keys stay hidden."""

from django.contrib import admin

from campaigns.models import (
    Batch,
    BatchFile,
    Brand,
    Campaign,
    LedgerEntry,
    Market,
    Member,
    Printer,
    Redemption,
    VoidRange,
)
from portal.web.admin import Looking, site


@admin.register(Market, site=site)
class MarketAdmin(Looking):
    """Markets."""

    list_display = ("name", "code", "time_zone", "currency", "language", "guess_odds_floor")
    search_fields = ("name", "code", "public_id")


@admin.register(Brand, site=site)
class BrandAdmin(Looking):
    """Brands."""

    list_display = ("name", "code", "public_id")
    search_fields = ("name", "code", "public_id")


@admin.register(Printer, site=site)
class PrinterAdmin(Looking):
    """Printers."""

    list_display = ("name", "bucket", "prefix", "rows_per_file", "test_passed", "tested_at")
    search_fields = ("name", "bucket", "public_id")


@admin.register(Campaign, site=site)
class CampaignAdmin(Looking):
    """Campaigns, without their keys."""

    hidden = ("wrapped_key",)
    list_display = ("name", "slug", "market", "brand", "opens_at", "closes_at", "paused_at")
    list_filter = ("market", "brand")
    list_select_related = ("market", "brand")
    search_fields = ("name", "slug", "public_id")


@admin.register(Batch, site=site)
class BatchAdmin(Looking):
    """Batches, without the keys that clients gave their requests."""

    hidden = ("request_key",)
    list_display = ("public_id", "campaign", "printer", "state", "quantity", "planned_at", "activated_at")
    list_filter = ("state",)
    list_select_related = ("campaign", "printer")
    search_fields = ("public_id", "lot", "campaign__name")


@admin.register(BatchFile, site=site)
class BatchFileAdmin(Looking):
    """Files of batches."""

    list_display = ("batch", "number", "state", "rows", "rows_done", "attempt", "delivered_at", "problem")
    list_filter = ("state",)
    list_select_related = ("batch",)
    search_fields = ("batch__public_id",)


@admin.register(VoidRange, site=site)
class VoidRangeAdmin(Looking):
    """Serials that no longer count."""

    list_display = ("batch", "serials", "reason", "voided_at", "voided_by")
    list_select_related = ("batch",)


@admin.register(Member, site=site)
class MemberAdmin(Looking):
    """Members, by id; who they are is the brand's to know."""

    hidden = ("reference_token", "sealed_reference")
    list_display = ("public_id", "market", "balance", "created_at")
    list_filter = ("market",)
    list_select_related = ("market",)
    search_fields = ("public_id",)


@admin.register(Redemption, site=site)
class RedemptionAdmin(Looking):
    """Redemptions: serials, never codes."""

    hidden = ("request_key",)
    list_display = ("public_id", "campaign", "serial", "member", "points", "redeemed_at")
    list_select_related = ("campaign", "member")
    search_fields = ("public_id",)
    # Choosing one of millions of rows from a list would load them all.
    raw_id_fields = ("member", "batch")


@admin.register(LedgerEntry, site=site)
class LedgerEntryAdmin(Looking):
    """Points given and taken."""

    list_display = ("member", "points", "balance_after", "at")
    list_select_related = ("member",)
    raw_id_fields = ("member", "redemption")
