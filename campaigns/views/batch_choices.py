"""What can be done with a batch in its state, by this person; the operations decide again."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models import Batch
from campaigns.rules.states import BatchState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.web.navigation import Words
from portal.web.pieces import Choice

S = BatchState
_DELIVERED = frozenset({S.DELIVERED, S.DISPUTED, S.ACKNOWLEDGED, S.ACTIVE})
_OPEN = frozenset({S.PLANNED, S.APPROVED, S.DELIVERING, S.PAUSED})


@dataclass(frozen=True, slots=True)
class Offer:
    """One act: its page, who may, in which states; `leads` where it is what the page is for."""

    title: Words
    url_name: str
    icon: str
    act: Act
    states: Collection[BatchState]
    leads: Collection[BatchState] = ()
    is_question: bool = True
    is_grave: bool = False

    def choice(self, batch: Batch) -> Choice:
        """Give the entry for a batch's menu."""
        url = reverse(self.url_name, args=[batch.public_id])
        return Choice(self.title, url, self.icon, is_question=self.is_question, is_grave=self.is_grave)


OFFERS = (
    Offer(_("Approve batch"), "batch-approve", "check", Act.BATCH_APPROVE, {S.PLANNED}, {S.PLANNED}),
    Offer(_("Pause delivery"), "batch-pause", "player-pause", Act.BATCH_PLAN, {S.DELIVERING}, {S.DELIVERING}),
    Offer(_("Resume delivery"), "batch-resume", "player-play", Act.BATCH_PLAN, {S.PAUSED}, {S.PAUSED}),
    Offer(
        _("Acknowledge delivery"),
        "batch-acknowledge",
        "truck-delivery",
        Act.BATCH_ACKNOWLEDGE,
        {S.DELIVERED, S.DISPUTED},
        {S.DELIVERED, S.DISPUTED},
        is_question=False,
    ),
    Offer(
        _("Activate batch"), "batch-activate", "bolt", Act.BATCH_ACTIVATE, {S.ACKNOWLEDGED}, {S.ACKNOWLEDGED}
    ),
    Offer(
        _("Schedule activation"),
        "batch-schedule",
        "calendar",
        Act.BATCH_ACTIVATE,
        {*_OPEN, S.DELIVERED, S.DISPUTED, S.ACKNOWLEDGED},
        is_question=False,
    ),
    Offer(_("Send a test file"), "batch-test-file", "test-pipe", Act.BATCH_PLAN, {*_OPEN, *_DELIVERED}),
    Offer(
        _("Void a range of serials"),
        "batch-void-range",
        "ban",
        Act.BATCH_RECALL,
        _DELIVERED,
        is_question=False,
    ),
    Offer(
        _("Void codes given back"), "batch-void-codes", "ban", Act.BATCH_RECALL, _DELIVERED, is_question=False
    ),
    Offer(_("Close batch"), "batch-close", "lock", Act.BATCH_ACTIVATE, {S.ACTIVE}),
    Offer(_("Recall batch"), "batch-recall", "alert-triangle", Act.BATCH_RECALL, _DELIVERED, is_grave=True),
    Offer(_("Cancel batch"), "batch-cancel", "x", Act.BATCH_PLAN, _OPEN, is_grave=True),
)


def _offered(batch: Batch, actor: Actor, *, may_approve: bool) -> list[Offer]:
    state = BatchState(batch.state)
    return [
        offer
        for offer in OFFERS
        if state in offer.states
        and actor.may(offer.act, batch.place)
        # Nobody is offered the second signature on a plan of their own, nor on one that waits no longer.
        and (offer.act is not Act.BATCH_APPROVE or may_approve)
    ]


def primary_for(batch: Batch, actor: Actor, *, may_approve: bool) -> Choice | None:
    """Give the one act that moves the batch on, if this person may do it."""
    state = BatchState(batch.state)
    return next(
        (
            offer.choice(batch)
            for offer in _offered(batch, actor, may_approve=may_approve)
            if state in offer.leads
        ),
        None,
    )


def choices_for(batch: Batch, actor: Actor, *, may_approve: bool) -> list[Choice]:
    """List the rest of what this person may do with the batch."""
    state = BatchState(batch.state)
    return [
        offer.choice(batch)
        for offer in _offered(batch, actor, may_approve=may_approve)
        if state not in offer.leads
    ]
