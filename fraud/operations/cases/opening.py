"""Opening cases for what screening refers, and bringing decided ones back; a part of the screening's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import Case
from fraud.operations.cases.moves import check_reason, move_case
from fraud.operations.cases.noting import write_note
from fraud.rules.cases import CaseState, is_reopened_by, origin_of
from fraud.rules.decisions import Outcome, ScreeningKind
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import WrongStateError

S = CaseState
_RETURNED = ["state", "reopened_at", "priority", "reasons"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """What a screening means for the case of its application; `score` is 0 to 1,000, `reasons` gravest first."""

    institution_id: int
    application_id: int
    kind: ScreeningKind
    outcome: Outcome
    score: int
    reasons: Sequence[str] = field(default=())


def open_cases(referrals: Sequence[Referral], *, by: Actor, now: datetime) -> int:
    """Open a case for each application that is referred for the first time; return how many were opened.

    Part of the transaction that stores the screenings, of however many applications. A later screening of an
    application whose case is there changes its priority, and brings it back when it was decided without fraud.
    """
    wanted = [each for each in referrals if each.outcome == Outcome.REFER]
    later = [each for each in referrals if each.kind != ScreeningKind.FIRST]
    known = _known(later)
    new = [_case(each, now) for each in wanted if each.application_id not in known]
    Case.objects.bulk_create(new)
    for case in new:
        record(by, "case.opened", case, now=now, origin=str(case.origin), score=case.priority)
    for each in later:
        if each.application_id in known:
            _look_again(known[each.application_id], each, by, now)
    return len(new)


def _known(later: Sequence[Referral]) -> dict[int, Case]:
    """Hold the cases that are there already; only later screenings can meet one."""
    if not later:
        return {}
    rows = Case.objects.select_for_update().filter(application__in=[each.application_id for each in later])
    return {case.application_id: case for case in rows.order_by("pk")}


def _case(referral: Referral, now: datetime) -> Case:
    return Case(
        institution_id=referral.institution_id,
        application_id=referral.application_id,
        origin=origin_of(referral.kind),
        priority=referral.score,
        reasons=list(referral.reasons),
        opened_at=now,
    )


def _look_again(case: Case, referral: Referral, by: Actor, now: datetime) -> None:
    case.priority, case.reasons = referral.score, list(referral.reasons)
    comes_back = case.state == S.DECIDED and is_reopened_by(referral.outcome, case.verdict)
    if comes_back:
        case.state, case.reopened_at = S.REOPENED, now
    case.save(update_fields=_RETURNED)
    act = "case.reopened" if comes_back else "case.changed"
    record(by, act, case, now=now, origin=str(origin_of(referral.kind)), score=referral.score)


@transaction.atomic(durable=True)
def reopen_case(case: Case, *, reason: str, by: Actor, now: datetime) -> Case:
    """Bring a decided case back, because something new came up; whoever claims it decides again.

    :raises InvalidError: no reason
    :raises WrongStateError: it is not decided
    :raises portal.keys.sealed.ErasedError: the applicant was erased, and nothing is left to decide upon
    """
    permit(by, Act.CASE_WORK, case.place)
    words = check_reason(reason)
    case = locked(Case, case, "application")
    if case.state != S.DECIDED:
        raise WrongStateError(_("Only a decided case can be brought back."))
    move_case(case, S.REOPENED)
    case.reopened_at = now
    case.save(update_fields=["state", "reopened_at"])
    write_note(case, words, by=by, now=now)
    record(by, "case.reopened", case, now=now, origin="person")
    return case
