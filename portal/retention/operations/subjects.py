"""Access and erasure: find what is held about somebody, hand it out, erase it with two signatures."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, permit
from portal.accounts.models import Organization
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask
from portal.audit.operations import record
from portal.core.errors import DomainError, InvalidError, Kind, NotFoundError, WrongStateError
from portal.core.ids import shortened
from portal.core.phrases import Phrase, marked
from portal.retention.certificates import FORMAT, certify
from portal.retention.operations.holds import keep_holds_still
from portal.retention.operations.periods import place_of
from portal.retention.queries import is_held
from portal.retention.subjects import Subject, SubjectKind, kind_of, subject_with


class HeldError(DomainError):
    """Refuse to erase what a legal hold keeps."""

    kind = Kind.CONFLICT
    code = "held"
    title = Phrase("A legal hold keeps this")


@dataclass(frozen=True, slots=True)
class Nobody:
    """Whom a look-up did not find, as the subject of its entry."""

    public_id: str = ""


@transaction.atomic(durable=True)
def find_subject(
    kind: SubjectKind, reference: str, *, organization: Organization | None, by: Actor, now: datetime
) -> Subject:
    """Find whom a reference names; the look-up is recorded, the reference is not.

    :raises InvalidError: no reference, or no organization where this kind needs one
    """
    permit(by, Act.SUBJECT_ACCESS, place_of(organization))
    if not reference.strip():
        raise InvalidError.of("reference", _("Enter what this person is known by."))
    if (organization.kind if organization else None) != kind.per:
        raise InvalidError.of("organization", _("Choose where this person belongs."))
    subject = kind.find(reference, organization)
    who = subject or Nobody(organization.public_id if organization else "")
    record(by, "subject.looked_up", who, now=now, kind=kind.name, found=subject is not None)
    return subject or Subject("", kind.name)


@transaction.atomic(durable=True)
def export_subject(public_id: str, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Give all that is held about a person; the reading is recorded.

    :raises NotFoundError: there is nobody of this id within the actor's reach
    """
    subject = _reached(public_id, by)
    record(by, "subject.exported", subject, now=now, kind=subject.kind)
    held = kind_of(subject).export(subject)
    return {"format": FORMAT, "subject": subject.public_id, "at": now.isoformat(), **held}


@transaction.atomic(durable=True)
def ask_to_erase(public_id: str, *, by: Actor, now: datetime) -> Approval:
    """Ask to erase what is held about a person; a second person approves.

    :raises HeldError: a legal hold keeps it
    :raises WrongStateError: it was erased before
    """
    subject = _reached(public_id, by)
    _check_erasable(subject)
    # No name of somebody who is to be forgotten; the whole id is what the request is about.
    facts = {"person": shortened(public_id)}
    approval = ask(ERASURE, subject, by=by, now=now, place=subject.place, facts=facts)
    record(by, "subject.erasure_asked_for", subject, now=now)
    return approval


def _reached(public_id: str, by: Actor) -> Subject:
    subject = subject_with(public_id)
    if subject is None or not by.may(Act.SUBJECT_ACCESS, subject.place):
        raise NotFoundError
    return subject


def _check_erasable(subject: Subject) -> None:
    if subject.is_erased:
        raise WrongStateError(_("This was erased already."))
    if is_held(subject):
        raise HeldError(_("Lift the hold first; a second person has to approve that."))


def _erase(approval: Approval, *, by: Actor, now: datetime) -> None:
    keep_holds_still()
    subject = subject_with(approval.subject_id)
    if subject is None:
        raise NotFoundError
    _check_erasable(subject)
    kind_of(subject).erase(subject, by=by, now=now)
    content = {
        "format": FORMAT,
        "certificate": "erasure",
        "subject": subject.public_id,
        "kind": subject.kind,
        "request": approval.public_id,
        "asked_by": approval.asked_by,
        "approved_by": by.id,
        "erased_at": now.isoformat(),
    }
    certificate = certify(subject.public_id, content, now=now)
    record(by, "subject.erased", subject, now=now, kind=subject.kind, certificate=certificate)


ERASURE = ApprovalKind(
    name="erasure",
    ask_act=Act.SUBJECT_ACCESS,
    decide_act=Act.RETENTION_EDIT,
    lasts=timedelta(days=14),
    title=marked("Erase what is held about {person}"),
    sentences=(marked("The keys of this person's data are destroyed. Nobody can bring it back."),),
    carry_out=_erase,
    page="",
)
