"""Figures of campaigns and batches for lists and charts, within an actor's scope."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, TruncHour

from campaigns.models import Batch, Campaign, Redemption
from campaigns.queries.batches import batches
from campaigns.rules.calendar import Phase
from campaigns.rules.states import ENDED, BatchState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act

S = BatchState


def campaign_figures(actor: Actor, *, now: datetime) -> QuerySet[Campaign]:
    """List campaigns with `phase_now`, `ordered` and `redeemed`; each figure is counted for the rows shown only."""
    ordered = (
        Batch.objects.filter(campaign=OuterRef("pk")).exclude(state__in=ENDED).order_by().values("campaign")
    )
    spent = Redemption.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    # The same order of questions as campaigns.rules.calendar.phase.
    phase_now = Case(
        When(closes_at__lte=now, then=Value(Phase.ENDED)),
        When(paused_at__isnull=False, then=Value(Phase.PAUSED)),
        When(opens_at__gt=now, then=Value(Phase.UPCOMING)),
        default=Value(Phase.LIVE),
        output_field=CharField(),
    )
    return (
        Campaign.objects.filter(actor.scope(Act.CAMPAIGN_READ, market="market", brand="brand"))
        .select_related("market", "brand")
        .annotate(
            phase_now=phase_now,
            ordered=Coalesce(Subquery(ordered.annotate(n=Sum("quantity")).values("n")), 0),
            redeemed=Coalesce(Subquery(spent.annotate(n=Count("pk")).values("n")), 0),
        )
    )


def batch_figures(actor: Actor, campaign: Campaign | None = None) -> QuerySet[Batch]:
    """List batches with `file_count`, `codes_done` and `redeemed`; of one campaign when it is given."""
    files = Batch.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
    spent = Redemption.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
    rows = batches(actor)
    if campaign is not None:
        rows = rows.filter(campaign=campaign)
    redeemed = Coalesce(Subquery(spent.annotate(n=Count("pk")).values("n")), 0)
    return rows.annotate(
        file_count=Coalesce(Subquery(files.annotate(n=Count("files")).values("n")), 0),
        codes_done=Coalesce(Subquery(files.annotate(n=Sum("files__rows_done")).values("n")), 0),
        redeemed=redeemed,
        redeemed_percent=redeemed * 100.0 / Greatest(F("quantity"), 1),
    )


@dataclass(frozen=True, slots=True)
class Hours:
    """Redemptions in each hour of today and of the same day last week; `today` is None from now on."""

    labels: list[str]
    today: list[int | None]
    last_week: list[int]


def redemptions_per_hour(campaign: Campaign, *, now: datetime) -> Hours:
    """Count redemptions hour by hour in the market's zone, in one query."""
    zone = ZoneInfo(campaign.market.time_zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    # Wall-clock arithmetic: the same day last week begins at its own midnight, also over a change of clocks.
    before = midnight - timedelta(days=7)
    spans = Q(redeemed_at__gte=midnight, redeemed_at__lte=now) | Q(
        redeemed_at__gte=before, redeemed_at__lt=before + timedelta(days=1)
    )
    counted = (
        Redemption.objects.filter(spans, campaign=campaign)
        .annotate(hour=TruncHour("redeemed_at", tzinfo=zone))
        .values("hour")
        .order_by("hour")
        .annotate(count=Count("pk"))
    )
    today, last_week = [0] * 24, [0] * 24
    for row in counted:
        day = today if row["hour"] >= midnight else last_week
        day[row["hour"].astimezone(zone).hour] += row["count"]
    reached = now.astimezone(zone).hour
    return Hours(
        labels=[f"{hour:02d}:00" for hour in range(24)],
        today=[count if hour <= reached else None for hour, count in enumerate(today)],
        last_week=last_week,
    )


@dataclass(frozen=True, slots=True)
class Overview:
    """How much runs within an actor's scope; `redeemed` counts the last 24 hours."""

    live_campaigns: int
    active_codes: int
    redeemed: int


def overview(actor: Actor, *, now: datetime) -> Overview:
    """Count what runs, in three queries."""
    reach = actor.scope(Act.CAMPAIGN_READ, market="market", brand="brand")
    live = Campaign.objects.filter(reach, opens_at__lte=now, closes_at__gt=now, paused_at=None)
    active = batches(actor).filter(state=S.ACTIVE).order_by().aggregate(codes=Sum("quantity"))
    within = actor.scope(Act.CAMPAIGN_READ, market="campaign__market", brand="campaign__brand")
    spent = Redemption.objects.filter(within, redeemed_at__gt=now - timedelta(days=1))
    return Overview(live.count(), int(active["codes"] or 0), spent.count())
