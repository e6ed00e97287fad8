"""Acts on keys by hand: asked for by name, allowed by a second person, then done once by the holder of the file."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval, ApprovalState
from portal.approvals.operations import ask
from portal.core.actors import Identity
from portal.core.db import locked
from portal.core.errors import WrongStateError
from portal.core.phrases import marked
from portal.crypto.keyring import KeyFacts, Purpose
from portal.keys.models import Rotation
from portal.keys.operations.retirement import Keys, record_retirement, retirable_keys
from portal.keys.operations.rotation import begin_rotation

# A permission that nobody used by then has to be asked for again.
LASTS = timedelta(days=7)


def _leave_to_the_holder(approval: Approval, *, by: Actor, now: datetime) -> None:
    """Change nothing yet: only whoever holds the key file can, with the command that asked."""


CHANGE = ApprovalKind(
    name="key change by hand",
    ask_act=Act.KEY_EDIT,
    decide_act=Act.REQUEST_DECIDE,
    lasts=LASTS,
    title=marked("Change the keys of the purpose {purpose} by hand"),
    sentences=(
        marked(
            "Whoever holds the key file adds a new key to it and lets it take over, once, within seven days."
        ),
        marked("Nothing becomes unreadable: old keys go on opening what they sealed."),
    ),
    carry_out=_leave_to_the_holder,
)
RETIREMENT = ApprovalKind(
    name="key retirement",
    ask_act=Act.KEY_EDIT,
    decide_act=Act.REQUEST_DECIDE,
    lasts=LASTS,
    title=marked("Remove the old keys of the purpose {purpose} from the key file"),
    sentences=(
        marked("Only keys that wrap nothing in the database any more are removed, once, within seven days."),
        marked("Backups of the database from before the last change can no longer be opened without a copy."),
    ),
    carry_out=_leave_to_the_holder,
)


def permission(kind: ApprovalKind, purpose: Purpose, *, now: datetime) -> Approval | None:
    """Find what a second person allowed and nobody has used yet, the oldest first."""
    rows = Approval.objects.filter(kind=kind.name, subject_id=str(purpose), state=ApprovalState.APPROVED)
    return rows.filter(used_at=None, decided_at__gt=now - LASTS).order_by("pk").first()


def is_waiting(kind: ApprovalKind, purpose: Purpose, *, now: datetime) -> bool:
    """Say whether somebody asked for it and nobody has decided."""
    rows = Approval.objects.filter(kind=kind.name, subject_id=str(purpose), state=ApprovalState.PENDING)
    return rows.filter(expires_at__gt=now).exists()


@transaction.atomic(durable=True)
def ask_for_key_act(kind: ApprovalKind, purpose: Purpose, *, by: Actor, now: datetime) -> Approval:
    """Ask for an act on keys that is done by hand once it is allowed.

    :raises ForbiddenError: the actor may not ask for this
    :raises portal.approvals.operations.AskedAlreadyError: somebody has asked, and nobody has decided
    """
    facts = {"purpose": str(purpose)}
    return ask(kind, Keys(str(purpose)), by=by, now=now, place={}, facts=facts)


@transaction.atomic(durable=True)
def begin_allowed_rotation(allowed: Approval, *, by: Identity, now: datetime) -> Rotation:
    """Begin to change keys by a permission, which is used up.

    :raises WrongStateError: it was used before or ran out, or a change of the same keys is under way
    """
    purpose = _used(allowed, now=now)
    return begin_rotation(purpose, by=by, now=now, request=allowed.public_id)


@transaction.atomic(durable=True)
def retire_allowed(allowed: Approval, *, by: Identity, now: datetime) -> list[KeyFacts]:
    """Write down that old keys are removed by a permission, which is used up; `remove_keys` follows.

    :raises WrongStateError: it was used before or ran out, or one of the keys still wraps something
    """
    purpose = _used(allowed, now=now)
    keys = retirable_keys(purpose, now=now)
    record_retirement(purpose, keys, by=by, now=now)
    return keys


def _used(allowed: Approval, *, now: datetime) -> Purpose:
    allowed = locked(Approval, allowed)
    at = allowed.decided_at if allowed.state == ApprovalState.APPROVED else None
    if at is None or allowed.used_at is not None or now >= at + LASTS:
        raise WrongStateError(_("This permission was used or has run out. Ask again."))
    allowed.used_at = now
    allowed.save(update_fields=["used_at"])
    return Purpose(allowed.subject_id)
