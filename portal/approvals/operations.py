"""Asking for a second signature, giving it, refusing it, taking the question back.

`ask`, `approve`, `refuse` and `withdraw` are parts for the transactions of those who own a kind; the operations
below them are for doors that know nothing but the request.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, Place, permit
from portal.approvals.kinds import ApprovalKind, kind_named
from portal.approvals.letters import tell_asker, tell_deciders
from portal.approvals.models import Approval, ApprovalState
from portal.audit.operations import Subject, record
from portal.core.db import locked, refusing
from portal.core.errors import DomainError, FourEyesError, InvalidError, Kind, WrongStateError
from portal.core.language import said
from portal.core.phrases import Phrase, stored

S = ApprovalState
LONGEST_REASON = 500
# As many in one transaction; the next round finds the rest.
MOST_EXPIRED = 200
_RENEWED = ["state", "decided_at", "expires_at", "renewed_by", "renewed_by_person"]


class AskedAlreadyError(DomainError):
    """Refuse to ask twice for the same act upon the same thing."""

    kind = Kind.CONFLICT
    code = "asked-already"
    title = Phrase("This waits for a second person already")


def ask(
    kind: ApprovalKind,
    subject: Subject,
    *,
    by: Actor,
    now: datetime,
    place: Place,
    facts: Mapping[str, str | int],
) -> Approval:
    """Ask for a second signature, within the caller's transaction.

    :raises ForbiddenError: the actor may not ask for this here
    :raises AskedAlreadyError: somebody has asked, and nobody has decided
    """
    permit(by, kind.ask_act, place)
    with refusing("one_open_request_per_thing", AskedAlreadyError()), transaction.atomic():
        approval = Approval.objects.create(
            kind=kind.name,
            subject_kind=type(subject).__name__.lower(),
            subject_id=subject.public_id,
            title=Phrase(kind.title, **facts),
            facts={name: stored(value) for name, value in facts.items()},
            place={str(name): pk for name, pk in place.items()},
            within=sorted(set(place.values())),
            asked_at=now,
            asked_by=by.id,
            asked_by_person=by.person,
            expires_at=now + kind.lasts,
        )
    _record(by, "request.made", approval, now)
    tell_deciders(approval, now=now)
    return approval


def approve(approval: Approval, *, by: Actor, now: datetime) -> Approval:
    """Give the second signature and carry out what was asked for, within the caller's transaction.

    :raises ForbiddenError: the actor may not decide this here
    :raises FourEyesError: it is the one who asked, under whatever role or key, or nobody in person
    :raises WrongStateError: it was decided before, or has expired
    """
    kind, approval = _held_for_decision(approval, by, now)
    _end(approval, S.APPROVED, "", by, now)
    _record(by, "request.approved", approval, now)
    tell_asker(approval, now=now)
    kind.carry_out(approval, by=by, now=now)
    return approval


def refuse(approval: Approval, *, reason: str, by: Actor, now: datetime) -> Approval:
    """Refuse what was asked for, within the caller's transaction; the same people may as may approve.

    :raises InvalidError: no reason
    """
    kind, approval = _held_for_decision(approval, by, now)
    _end(approval, S.REFUSED, _checked(reason), by, now)
    _record(by, "request.refused", approval, now)
    tell_asker(approval, now=now)
    if kind.refused is not None:
        kind.refused(approval, by=by, now=now)
    return approval


def withdraw(kind: ApprovalKind, subject: Subject, *, reason: str, by: Actor, now: datetime) -> None:
    """End the question about a thing that is no longer wanted, if there is one; within the caller's transaction."""
    rows = Approval.objects.select_for_update().filter(kind=kind.name, subject_id=subject.public_id)
    for approval in rows.filter(state__in=[S.PENDING, S.EXPIRED]).order_by("pk"):
        _end(approval, S.WITHDRAWN, reason, by, now)
        _record(by, "request.withdrawn", approval, now)


@transaction.atomic(durable=True)
def approve_request(approval: Approval, *, by: Actor, now: datetime) -> Approval:
    """Approve a request of any kind; what was asked for is carried out in the same transaction.

    :raises FourEyesError: it is the one who asked, under whatever role or key
    :raises WrongStateError: it was decided before, or has expired, or its thing has moved on
    """
    return approve(approval, by=by, now=now)


@transaction.atomic(durable=True)
def refuse_request(approval: Approval, *, reason: str, by: Actor, now: datetime) -> Approval:
    """Refuse a request of any kind, for a reason that whoever asked can read.

    :raises InvalidError: no reason
    :raises FourEyesError: it is the one who asked, under whatever role or key
    :raises WrongStateError: it was decided before, or has expired
    """
    return refuse(approval, reason=reason, by=by, now=now)


@transaction.atomic(durable=True)
def withdraw_request(approval: Approval, *, reason: str, by: Actor, now: datetime) -> Approval:
    """Take a question back: whoever asked may, and whoever may ask for the same.

    :raises InvalidError: no reason
    :raises WrongStateError: it was decided before
    """
    kind = kind_named(approval.kind)
    if not approval.is_asked_by(by):
        permit(by, kind.ask_act, approval.place)
    approval = locked(Approval, approval)
    if approval.state not in {S.PENDING, S.EXPIRED}:
        raise WrongStateError(_("This was decided already."))
    _end(approval, S.WITHDRAWN, _checked(reason), by, now)
    _record(by, "request.withdrawn", approval, now)
    if kind.refused is not None:
        kind.refused(approval, by=by, now=now)
    return approval


@transaction.atomic(durable=True)
def renew_request(approval: Approval, *, by: Actor, now: datetime) -> Approval:
    """Ask again for what expired; the one who asked first stays the one who may not decide.

    :raises AskedAlreadyError: somebody has asked anew in the meantime
    :raises WrongStateError: it has not expired
    """
    kind = kind_named(approval.kind)
    permit(by, kind.ask_act, approval.place)
    approval = locked(Approval, approval)
    is_overdue = approval.state == S.PENDING and not approval.is_open(now)
    if approval.state != S.EXPIRED and not is_overdue:
        raise WrongStateError(_("Only a request that has expired can be renewed."))
    approval.state, approval.decided_at, approval.expires_at = S.PENDING, None, now + kind.lasts
    approval.renewed_by, approval.renewed_by_person = by.id, by.person
    with refusing("one_open_request_per_thing", AskedAlreadyError()):
        approval.save(update_fields=_RENEWED)
    _record(by, "request.renewed", approval, now)
    tell_deciders(approval, now=now)
    return approval


@transaction.atomic(durable=True)
def expire_requests(*, by: Actor, now: datetime) -> int:
    """End the requests that nobody decided in time; return how many."""
    overdue = Approval.objects.filter(state=S.PENDING, expires_at__lte=now).order_by("expires_at", "pk")
    rows = list(overdue.select_for_update(skip_locked=True)[:MOST_EXPIRED])
    for approval in rows:
        approval.state, approval.decided_at = S.EXPIRED, approval.expires_at
        approval.save(update_fields=["state", "decided_at"])
        record(by, "request.expired", approval, now=now, kind=approval.kind, about=approval.subject_id)
    return len(rows)


def _held_for_decision(approval: Approval, by: Actor, now: datetime) -> tuple[ApprovalKind, Approval]:
    kind = kind_named(approval.kind)
    permit(by, kind.decide_act, approval.place)
    approval = locked(Approval, approval)
    if approval.is_asked_by(by):
        raise FourEyesError(said(Phrase(kind.yours)))
    if approval.is_renewed_by(by):
        raise FourEyesError(_("You asked for this again. Another person has to decide."))
    if not by.person:
        raise FourEyesError(_("Only a person can decide this."))
    if approval.state == S.EXPIRED or (approval.state == S.PENDING and not approval.is_open(now)):
        raise WrongStateError(said(Phrase(kind.expired)))
    if approval.state != S.PENDING:
        raise WrongStateError(_("This was decided already."))
    return kind, approval


def _end(approval: Approval, state: ApprovalState, reason: str, by: Actor, now: datetime) -> None:
    approval.state, approval.decided_at, approval.reason = state, now, reason
    approval.decided_by, approval.decided_by_person = by.id, by.person
    approval.save(update_fields=["state", "decided_at", "decided_by", "decided_by_person", "reason"])


def _record(by: Actor, act: str, approval: Approval, now: datetime) -> None:
    record(by, act, approval, now=now, kind=approval.kind, about=approval.subject_id)


def _checked(reason: str) -> str:
    if not reason.strip():
        raise InvalidError.of("reason", _("Say why; whoever asked will read it."))
    if len(reason) > LONGEST_REASON:
        raise InvalidError.of("reason", _("Say it in at most 500 characters."))
    return reason.strip()
