"""Legal holds: placed at once by one person, lifted by two."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, Place, permit
from portal.accounts.models import Organization
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError, WrongStateError
from portal.core.phrases import marked
from portal.retention.models import LegalHold
from portal.retention.operations.periods import place_of

# Whoever removes holds it shared, whoever places a hold alone: no hold is placed in the midst of a removal.
_HOLDS_LOCK = 0x686F6C64
LONGEST_REASON = 500


@transaction.atomic(durable=True)
def hold_organization(organization: Organization, *, reason: str, by: Actor, now: datetime) -> LegalHold:
    """Keep everything of an organization from now on; the operator's means everything there is.

    :raises InvalidError: no reason
    """
    hold = LegalHold(organization=organization, reason=reason)
    return _place(hold, place_of(organization), by, now)


@transaction.atomic(durable=True)
def hold_subject(subject: str, *, place: Place, reason: str, by: Actor, now: datetime) -> LegalHold:
    """Keep everything about one person from now on, by their public id.

    :raises InvalidError: no reason
    """
    return _place(LegalHold(subject=subject, reason=reason), place, by, now)


def _place(hold: LegalHold, place: Place, by: Actor, now: datetime) -> LegalHold:
    permit(by, Act.RETENTION_EDIT, place)
    hold.reason = hold.reason.strip()[:LONGEST_REASON]
    if not hold.reason:
        raise InvalidError.of("reason", _("Say why, such as the number of the case."))
    _lock_holds("pg_advisory_xact_lock")
    hold.place = {str(kind): pk for kind, pk in place.items()}
    hold.placed_at, hold.placed_by = now, by.id
    hold.save(force_insert=True)
    record(by, "hold.placed", hold, now=now, on=hold.on)
    return hold


@transaction.atomic(durable=True)
def ask_to_lift(hold: LegalHold, *, by: Actor, now: datetime) -> Approval:
    """Ask to lift a hold; a second person approves.

    :raises WrongStateError: it was lifted before
    """
    hold = locked(LegalHold, hold)
    if hold.lifted_at is not None:
        raise WrongStateError(_("This hold was lifted already."))
    approval = ask(LIFT, hold, by=by, now=now, place=hold.place, facts={"on": hold.on_what})
    record(by, "hold.lift_asked_for", hold, now=now)
    return approval


def _lift(approval: Approval, *, by: Actor, now: datetime) -> None:
    hold = locked(LegalHold, LegalHold.objects.get(public_id=approval.subject_id))
    if hold.lifted_at is not None:
        raise WrongStateError(_("This hold was lifted already."))
    hold.lifted_at, hold.lifted_by = now, by.id
    hold.save(update_fields=["lifted_at", "lifted_by"])
    record(by, "hold.lifted", hold, now=now)


LIFT = ApprovalKind(
    name="hold lift",
    ask_act=Act.RETENTION_EDIT,
    decide_act=Act.RETENTION_EDIT,
    lasts=timedelta(days=14),
    title=marked("Lift the hold on {on}"),
    sentences=(marked("What is due then goes with the next run, and cannot be brought back."),),
    carry_out=_lift,
)


def keep_holds_still() -> None:
    """Let no hold be placed until the caller's transaction ends: what it removes is under none."""
    _lock_holds("pg_advisory_xact_lock_shared")


def _lock_holds(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_HOLDS_LOCK])
