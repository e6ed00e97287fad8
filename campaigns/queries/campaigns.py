"""Campaigns within an actor's scope, with what became of their codes."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from campaigns.models import Campaign, Redemption
from campaigns.rules.odds import guess_odds
from campaigns.rules.states import ARRIVED, ENDED, BatchState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act

S = BatchState


def campaigns(actor: Actor, act: Act = Act.CAMPAIGN_READ) -> QuerySet[Campaign]:
    """List campaigns, newest first, with market, brand and the codes of their ACTIVE batches."""
    return (
        Campaign.objects.filter(actor.scope(act, market="market", brand="brand"))
        .select_related("market", "brand")
        .annotate(
            batch_count=Count("batches"),
            active_codes=Sum("batches__quantity", filter=Q(batches__state=S.ACTIVE)),
        )
        .order_by("-pk")
    )


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many codes were ordered, arrived, can be redeemed, and were; `guess_odds` is the N of "1 in N"."""

    ordered: int
    delivered: int
    active: int
    redeemed: int
    guess_odds: int | None


def funnel(campaign: Campaign) -> Funnel:
    """Count what became of a campaign's codes, in two queries."""
    sums = campaign.batches.aggregate(
        ordered=Sum("quantity", filter=~Q(state__in=ENDED)),
        delivered=Sum("quantity", filter=Q(state__in=ARRIVED)),
        active=Sum("quantity", filter=Q(state=S.ACTIVE)),
    )
    ordered = int(sums["ordered"] or 0)
    odds = guess_odds(ordered, campaign.format.space) if ordered else None
    return Funnel(
        ordered=ordered,
        delivered=int(sums["delivered"] or 0),
        active=int(sums["active"] or 0),
        redeemed=Redemption.objects.filter(campaign=campaign).count(),
        guess_odds=int(odds) if odds is not None else None,
    )
