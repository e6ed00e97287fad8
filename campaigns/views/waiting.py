"""What of the campaigns waits for somebody, and what the search field finds."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Batch
from campaigns.queries.batches import batches
from campaigns.queries.campaigns import campaigns
from campaigns.queries.figures import overview
from campaigns.queries.members import members
from campaigns.queries.parties import printers
from campaigns.rules.states import BatchState, FileState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.language import grouped
from portal.web.navigation import Figure, Hit, Waiting, Words

# A home page is for the next thing to do, not for a list of all.
MOST_OF_EACH = 20
MOST_HITS = 8
S = BatchState


def waiting(actor: Actor) -> Sequence[Waiting]:
    """List disputes, failed deliveries, receipts to give, and batches to activate."""
    items: list[Waiting] = []
    if actor.may(Act.BATCH_PLAN):
        failed = batches(actor, Act.BATCH_PLAN).filter(state__in=[S.APPROVED, S.DELIVERING]).filter(_failed())
        items += _items(
            _("Mend the delivery of %(batch)s"), failed.distinct(), "planned_at", "alert-triangle"
        )
    if actor.may(Act.BATCH_ACTIVATE):
        items += _to_activate(actor)
    if actor.may(Act.BATCH_ACKNOWLEDGE):
        arrived = batches(actor, Act.BATCH_ACKNOWLEDGE).filter(state=S.DELIVERED)
        items += _items(_("Acknowledge %(batch)s"), arrived, "delivered_at", "truck-delivery")
    return items


def _failed() -> Q:
    return Q(files__state=FileState.FAILED) | ~Q(problem="")


def _to_activate(actor: Actor) -> list[Waiting]:
    mine = batches(actor, Act.BATCH_ACTIVATE)
    acknowledged = mine.filter(state=S.ACKNOWLEDGED, activates_at=None)
    disputed = mine.filter(state=S.DISPUTED)
    return [
        *_items(_("Activate %(batch)s"), acknowledged, "acknowledged_at", "bolt"),
        *_items(_("Settle the dispute over %(batch)s"), disputed, "delivered_at", "alert-triangle"),
    ]


def _items(title: str, rows: QuerySet[Batch], since: str, icon: str) -> list[Waiting]:
    found = []
    for batch in rows[:MOST_OF_EACH]:
        name = _("%(count)s codes for %(campaign)s") % {
            "count": grouped(batch.quantity),
            "campaign": batch.campaign.name,
        }
        detail = f"{batch.printer.name} · {batch.campaign.market.name}"
        at = getattr(batch, since) or batch.planned_at
        found.append(
            Waiting(title % {"batch": name}, detail, reverse("batch", args=[batch.public_id]), at, icon)
        )
    return found


def figures(actor: Actor) -> Sequence[Figure]:
    """Count what runs, for those who may see campaigns."""
    if not actor.may(Act.CAMPAIGN_READ):
        return []
    now = overview(actor, now=clock.now())
    return [
        Figure(
            _("Campaigns live"),
            now.live_campaigns,
            _("open at this moment"),
            f"{reverse('campaigns')}?phase=live",
        ),
        Figure(
            _("Active codes"), now.active_codes, _("in active batches"), f"{reverse('batches')}?state=active"
        ),
        Figure(_("Redeemed"), now.redeemed, _("in the last 24 hours"), reverse("campaigns")),
    ]


def found(actor: Actor, words: str) -> Sequence[Hit]:
    """Find campaigns, batches and printers by their names and ids, and members by their ids alone."""
    return [
        *_campaigns(actor, words),
        *_batches(actor, words),
        *_printers(actor, words),
        *_members(actor, words),
    ]


def _campaigns(actor: Actor, words: str) -> list[Hit]:
    named = Q(name__icontains=words) | Q(slug__icontains=words) | Q(public_id=words)
    rows = campaigns(actor).filter(named)[:MOST_HITS] if actor.may(Act.CAMPAIGN_READ) else []
    return [_hit(_("Campaign"), row.name, row.market.name, "campaign", row.public_id) for row in rows]


def _batches(actor: Actor, words: str) -> list[Hit]:
    named = Q(public_id__icontains=words) | Q(campaign__name__icontains=words) | Q(lot__icontains=words)
    rows = batches(actor).filter(named)[:MOST_HITS] if actor.may(Act.BATCH_READ) else []
    count = _("%(count)s codes")
    return [
        _hit(
            _("Batch"),
            f"{row.campaign.name} · {row.lot}" if row.lot else row.campaign.name,
            count % {"count": grouped(row.quantity)},
            "batch",
            row.public_id,
        )
        for row in rows
    ]


def _printers(actor: Actor, words: str) -> list[Hit]:
    named = Q(name__icontains=words) | Q(public_id=words)
    rows = printers(actor).filter(named)[:MOST_HITS] if actor.may(Act.PRINTER_READ) else []
    return [_hit(_("Printer"), row.name, row.contact_email, "printer", row.public_id) for row in rows]


def _members(actor: Actor, words: str) -> list[Hit]:
    if not actor.may(Act.MEMBER_READ) or not words.startswith("mem_"):
        return []
    rows = members(actor).filter(public_id=words)
    return [_hit(_("Member"), row.public_id, row.market.name, "member", row.public_id) for row in rows]


def _hit(kind: Words, title: str, detail: Words, url_name: str, public_id: str) -> Hit:
    return Hit(kind, title, detail, reverse(url_name, args=[public_id]))
