"""Claiming: the most urgent first, never two analysts on one case, each within their reach."""

import threading

import pytest
from django.db import connection

from fraud.models import Case, Institution
from fraud.operations.cases.claiming import NothingWaitsError, claim_case, claim_next_case, release_case
from fraud.rules.cases import CaseState
from portal.accounts.actors import SYSTEM, Actor
from portal.core.errors import ForbiddenError, WrongStateError
from portal.core.tenancy import act_within
from tests.makers_fraud import NOW, make_case

pytestmark = pytest.mark.django_db


def test_the_next_case_is_the_most_urgent_one(bank_a: Institution, analyst: Actor) -> None:
    make_case(bank_a, "A-1", score=500)
    urgent = make_case(bank_a, "A-2", score=900)

    claimed = claim_next_case(by=analyst, now=NOW)

    assert (claimed.pk, claimed.state, claimed.claimed_by) == (urgent.pk, CaseState.CLAIMED, analyst.person)


def test_nothing_waits_when_every_case_is_taken(bank_a: Institution, analyst: Actor, lead: Actor) -> None:
    claim_case(make_case(bank_a), by=lead, now=NOW)

    with pytest.raises(NothingWaitsError):
        claim_next_case(by=analyst, now=NOW)


def test_the_next_case_of_another_bank_is_out_of_reach(bank_a: Institution, analyst_of_b: Actor) -> None:
    make_case(bank_a)

    with pytest.raises(NothingWaitsError):
        claim_next_case(by=analyst_of_b, now=NOW)


def test_refuses_a_case_that_somebody_else_works_on(
    bank_a: Institution, analyst: Actor, second_analyst: Actor
) -> None:
    case = claim_case(make_case(bank_a), by=analyst, now=NOW)

    with pytest.raises(WrongStateError):
        claim_case(case, by=second_analyst, now=NOW)


def test_refuses_a_case_of_another_bank(bank_a: Institution, analyst_of_b: Actor) -> None:
    with pytest.raises(ForbiddenError):
        claim_case(make_case(bank_a), by=analyst_of_b, now=NOW)


def test_a_program_claims_nothing(bank_a: Institution) -> None:
    with pytest.raises(ForbiddenError):
        claim_case(make_case(bank_a), by=SYSTEM, now=NOW)


def test_a_case_is_given_back_by_whoever_holds_it(bank_a: Institution, analyst: Actor) -> None:
    case = claim_case(make_case(bank_a), by=analyst, now=NOW)

    case = release_case(case, by=analyst, now=NOW)

    assert (case.state, case.claimed_by) == (CaseState.OPEN, "")


def test_a_lead_gives_back_the_case_of_somebody_else(
    bank_a: Institution, analyst: Actor, lead: Actor
) -> None:
    case = claim_case(make_case(bank_a), by=analyst, now=NOW)

    assert release_case(case, by=lead, now=NOW).state == CaseState.OPEN


def test_an_analyst_does_not_give_back_the_case_of_somebody_else(
    bank_a: Institution, analyst: Actor, second_analyst: Actor
) -> None:
    case = claim_case(make_case(bank_a), by=analyst, now=NOW)

    with pytest.raises(ForbiddenError):
        release_case(case, by=second_analyst, now=NOW)


def test_refuses_to_give_back_what_nobody_holds(bank_a: Institution, analyst: Actor) -> None:
    with pytest.raises(WrongStateError):
        release_case(make_case(bank_a), by=analyst, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_analysts_never_get_one_case(bank_a: Institution, analyst: Actor, second_analyst: Actor) -> None:
    for number in range(6):
        make_case(bank_a, f"A-{number}")
    start = threading.Barrier(2)
    claimed: list[int] = []

    def claim(by: Actor) -> None:
        act_within(by.tenants)
        start.wait()
        try:
            claimed.extend(claim_next_case(by=by, now=NOW).pk for _each in range(3))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(by,)) for by in (analyst, second_analyst)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(claimed) == len(set(claimed)) == 6
    assert Case.objects.filter(state=CaseState.CLAIMED).count() == 6
