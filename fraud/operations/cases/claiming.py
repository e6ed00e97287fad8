"""Who works on a case: taking the next one, taking a certain one, giving it back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import Case
from fraud.operations.cases.moves import move_case
from fraud.queries.cases import waiting_cases
from fraud.rules.cases import CaseState, refusal
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import DomainError, ForbiddenError, Kind, WrongStateError
from portal.core.language import said
from portal.core.phrases import Phrase

S = CaseState


class NothingWaitsError(DomainError):
    """Say that there is no next case."""

    kind = Kind.CONFLICT
    code = "nothing-waits"
    title = Phrase("No case waits")


@transaction.atomic(durable=True)
def claim_next_case(*, by: Actor, now: datetime) -> Case:
    """Take the waiting case of the highest score, the oldest of equal ones; never one that somebody else is taking.

    :raises NothingWaitsError: none waits within the actor's reach
    """
    waiting = waiting_cases(by, Act.CASE_WORK).select_for_update(skip_locked=True, of=("self",))
    case = waiting.first() if by.person else None
    if case is None:
        raise NothingWaitsError(_("Every case that you can work on is taken or decided."))
    return _claim(case, by, now)


@transaction.atomic(durable=True)
def claim_case(case: Case, *, by: Actor, now: datetime) -> Case:
    """Take one case.

    :raises WrongStateError: somebody else works on it, or it is decided
    """
    permit(by, Act.CASE_WORK, case.place)
    if not by.person:
        raise ForbiddenError(_("Only a person can work on a case."))
    return _claim(locked(Case, case), by, now)


def _claim(case: Case, by: Actor, now: datetime) -> Case:
    if case.state == S.CONFIRMING:
        raise WrongStateError(said(refusal(case.state)))
    move_case(case, S.CLAIMED)
    case.claimed_by, case.claimed_at = by.person, now
    case.save(update_fields=["state", "claimed_by", "claimed_at"])
    record(by, "case.claimed", case, now=now)
    return case


@transaction.atomic(durable=True)
def release_case(case: Case, *, by: Actor, now: datetime) -> Case:
    """Give a case back to the queue: one's own, or, for whoever may assign cases, anybody's.

    :raises ForbiddenError: somebody else works on it
    :raises WrongStateError: nobody does, or it waits for a second analyst, or it is decided
    """
    permit(by, Act.CASE_WORK, case.place)
    case = locked(Case, case)
    if case.state != S.CLAIMED:
        raise WrongStateError(said(refusal(case.state)))
    if case.claimed_by != by.person and not by.may(Act.CASE_ASSIGN, case.place):
        raise ForbiddenError(_("Somebody else works on this case."))
    # Where it came from: a case that was decided before is still one that came back.
    move_case(case, S.REOPENED if case.reopened_at else S.OPEN)
    case.claimed_by, case.claimed_at = "", None
    case.save(update_fields=["state", "claimed_by", "claimed_at"])
    record(by, "case.released", case, now=now)
    return case
