"""Cases are opened once for what is referred, and come back when something new is learned."""

import pytest
from django.db import transaction

from fraud.models import Application, Case, Institution
from fraud.operations.cases.claiming import claim_case
from fraud.operations.cases.opening import open_cases, reopen_case
from fraud.rules.cases import CaseOrigin, CaseState, Verdict
from fraud.rules.decisions import Outcome, ScreeningKind
from portal.accounts.actors import SYSTEM, Actor
from portal.audit.models import Entry
from portal.core.errors import InvalidError, WrongStateError
from tests.makers_fraud import NOW, make_application, make_case, make_screening, referral_of

pytestmark = pytest.mark.django_db


def opened(application: Application, outcome: Outcome, kind: ScreeningKind, score: int = 800) -> int:
    screening = make_screening(application, outcome, kind=kind, score=score)
    with transaction.atomic():
        return open_cases([referral_of(screening)], by=SYSTEM, now=NOW)


@pytest.mark.parametrize(("outcome", "count"), [(Outcome.REFER, 1), (Outcome.REVIEW, 0), (Outcome.CLEAR, 0)])
def test_opens_a_case_for_what_is_referred_alone(bank_a: Institution, outcome: Outcome, count: int) -> None:
    assert opened(make_application(bank_a), outcome, ScreeningKind.FIRST) == count
    assert Case.objects.count() == count


@pytest.mark.parametrize(
    ("kind", "origin"),
    [
        (ScreeningKind.FIRST, CaseOrigin.SCREENING),
        (ScreeningKind.RETRO, CaseOrigin.RETRO),
        (ScreeningKind.RECHECK, CaseOrigin.DEGRADED),
    ],
)
def test_says_what_opened_a_case(bank_a: Institution, kind: ScreeningKind, origin: CaseOrigin) -> None:
    opened(make_application(bank_a), Outcome.REFER, kind)

    case = Case.objects.get()
    assert (case.origin, case.priority, case.state) == (origin, 800, CaseState.OPEN)
    assert Entry.objects.get(act="case.opened").subject_id == case.public_id


def test_a_later_screening_changes_the_priority_of_a_waiting_case(bank_a: Institution) -> None:
    case = make_case(bank_a, score=500)

    assert opened(case.application, Outcome.REFER, ScreeningKind.RETRO, 950) == 0

    case.refresh_from_db()
    assert (case.priority, case.state) == (950, CaseState.OPEN)


@pytest.mark.parametrize(
    ("verdict", "outcome", "state"),
    [
        (Verdict.CLEAR, Outcome.REFER, CaseState.REOPENED),
        (Verdict.UNSURE, Outcome.REFER, CaseState.REOPENED),
        (Verdict.FRAUD, Outcome.REFER, CaseState.DECIDED),
        (Verdict.CLEAR, Outcome.REVIEW, CaseState.DECIDED),
    ],
)
def test_a_decided_case_comes_back_when_it_is_referred_without_fraud_found(
    bank_a: Institution, verdict: Verdict, outcome: Outcome, state: CaseState
) -> None:
    case = decided(make_case(bank_a), verdict)

    opened(case.application, outcome, ScreeningKind.RETRO)

    case.refresh_from_db()
    assert case.state == state


def decided(case: Case, verdict: Verdict = Verdict.CLEAR) -> Case:
    facts = {"verdict": verdict, "decided_by": "usr_1", "confirmed_by": "usr_2", "decided_at": NOW}
    Case.objects.filter(pk=case.pk).update(state=CaseState.DECIDED, **facts)
    return Case.objects.get(pk=case.pk)


def test_a_person_brings_a_decided_case_back_with_a_reason(bank_a: Institution, analyst: Actor) -> None:
    case = decided(make_case(bank_a))

    case = reopen_case(case, reason="The victim has called.", by=analyst, now=NOW)

    assert case.state == CaseState.REOPENED


def test_refuses_to_bring_a_case_back_without_a_reason(bank_a: Institution, analyst: Actor) -> None:
    case = decided(make_case(bank_a))

    with pytest.raises(InvalidError):
        reopen_case(case, reason=" ", by=analyst, now=NOW)


def test_refuses_to_bring_back_what_somebody_works_on(bank_a: Institution, analyst: Actor) -> None:
    case = claim_case(make_case(bank_a), by=analyst, now=NOW)

    with pytest.raises(WrongStateError):
        reopen_case(case, reason="The victim has called.", by=analyst, now=NOW)
