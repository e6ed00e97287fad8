"""The life of a delivered batch: activate, recall, close."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Batch, Campaign
from campaigns.operations.moves import move_batch
from campaigns.rules.states import ENDED, BatchState, in_a_sentence
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError, WrongStateError
from portal.core.language import said

S = BatchState


@transaction.atomic(durable=True)
def activate_batch(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    """Make the codes of an acknowledged batch redeemable.

    :raises WrongStateError: the batch is not ACKNOWLEDGED, or its campaign has closed
    """
    permit(by, Act.BATCH_ACTIVATE, batch.place)
    return _activate(locked(Batch, batch, "campaign"), by=by, now=now)


@transaction.atomic(durable=True)
def activate_due_batch(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    """Activate a batch whose time has come; the time may have been moved since somebody was told of it.

    :raises WrongStateError: its time is later, or none is set, or it cannot be activated
    """
    permit(by, Act.BATCH_ACTIVATE, batch.place)
    batch = locked(Batch, batch, "campaign")
    if batch.activates_at is None or now < batch.activates_at:
        raise WrongStateError(_("The time of this batch has not come."))
    return _activate(batch, by=by, now=now)


def _activate(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    move_batch(batch, S.ACTIVE)
    if batch.campaign.closes_at <= now:
        raise WrongStateError(_("The campaign has closed; its codes can no longer become active."))
    batch.activated_at = now
    batch.save(update_fields=["state", "activated_at"])
    record(by, "batch.activated", batch, now=now)
    return batch


@transaction.atomic(durable=True)
def schedule_activation(batch: Batch, *, activates_at: datetime | None, by: Actor, now: datetime) -> Batch:
    """Set, change or clear the time at which the batch becomes active by itself once acknowledged.

    :raises InvalidError: a time in the past or after the campaign closes
    :raises WrongStateError: the batch is active already, or ended
    """
    permit(by, Act.BATCH_ACTIVATE, batch.place)
    batch = locked(Batch, batch, "campaign")
    if batch.state == S.ACTIVE or batch.state in ENDED:
        says = _("This batch is %(state)s; its time cannot be set.")
        raise WrongStateError(says % {"state": said(in_a_sentence(batch.state))})
    check_activation_time(activates_at, batch.campaign, now=now)
    batch.activates_at = activates_at
    batch.save(update_fields=["activates_at"])
    record(by, "activation.scheduled", batch, now=now, at=activates_at.isoformat() if activates_at else None)
    return batch


def check_activation_time(activates_at: datetime | None, campaign: Campaign, *, now: datetime) -> None:
    """Pass a time that lies ahead and before the campaign closes, or none.

    :raises InvalidError: any other
    """
    if activates_at is not None and not now < activates_at < campaign.closes_at:
        raise InvalidError.of("activates_at", _("Choose a time from now until the campaign closes."))


@transaction.atomic(durable=True)
def recall_batch(batch: Batch, *, reason: str, by: Actor, now: datetime) -> Batch:
    """End a batch at once: none of its codes can be redeemed from now on; past redemptions stay.

    :raises InvalidError: no reason
    :raises WrongStateError: it has not been delivered, or has ended
    """
    permit(by, Act.BATCH_RECALL, batch.place)
    return end_batch(batch, S.RECALLED, given_reason(reason), "batch.recalled", by=by, now=now)


@transaction.atomic(durable=True)
def close_batch(batch: Batch, *, reason: str, by: Actor, now: datetime) -> Batch:
    """Close an active batch whose codes have run their course.

    :raises InvalidError: no reason
    :raises WrongStateError: the batch is not ACTIVE
    """
    permit(by, Act.BATCH_ACTIVATE, batch.place)
    return end_batch(batch, S.CLOSED, given_reason(reason), "batch.closed", by=by, now=now)


def given_reason(reason: str) -> str:
    """Return the reason, trimmed.

    :raises InvalidError: there is none, or it is an essay
    """
    if not reason.strip():
        raise InvalidError.of("reason", _("Say why; the reason stays with the batch."))
    if len(reason) > 500:
        raise InvalidError.of("reason", _("Say it in at most 500 characters."))
    return reason.strip()


def end_batch(batch: Batch, state: BatchState, reason: str, act: str, *, by: Actor, now: datetime) -> Batch:
    """End a batch in one of its last states; within the caller's transaction."""
    batch = locked(Batch, batch)
    move_batch(batch, state)
    batch.ended_at, batch.end_reason = now, reason
    batch.save(update_fields=["state", "ended_at", "end_reason"])
    record(by, act, batch, now=now)
    return batch
