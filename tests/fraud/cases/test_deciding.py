"""Verdicts: clear and unsure by one, fraud by two; the record goes out once, and comes back when it was wrong."""

import pytest

from fraud.models import Case, Contribution, Institution, WebhookDelivery, WebhookEndpoint
from fraud.operations.cases.claiming import claim_case
from fraud.operations.cases.deciding import FRAUD_VERDICT, Finding, decide_case, find_fraud
from fraud.operations.cases.opening import reopen_case
from fraud.rules.cases import CaseState, ContributionState, Proof, Verdict
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.elements import ElementKind
from portal.accounts.actors import Actor
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request, refuse_request
from portal.approvals.queries import request_about
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, FourEyesError, InvalidError, WrongStateError
from tests.makers_fraud import NOW, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(bank_a: Institution, analyst: Actor) -> Case:
    """A case that the analyst works on."""
    return claim_case(make_case(bank_a), by=analyst, now=NOW)


def finding(**changes: object) -> Finding:
    facts = {
        "fraud_type": FraudType.IDENTITY_THEFT,
        "role": RecordRole.PERPETRATOR,
        "proof": Proof.VICTIM_STATEMENT,
        "party": 0,
        "kinds": [ElementKind.SIN, ElementKind.NAME_PHONE],
    }
    return Finding(**facts | changes)


def asked(case: Case) -> Approval:
    approval = request_about(FRAUD_VERDICT, case)
    assert approval is not None
    return approval


@pytest.mark.parametrize("verdict", [Verdict.CLEAR, Verdict.UNSURE])
def test_one_analyst_decides_that_there_is_no_fraud(case: Case, analyst: Actor, verdict: Verdict) -> None:
    case = decide_case(case, verdict=verdict, by=analyst, now=NOW)

    assert (case.state, case.verdict, case.decided_by) == (CaseState.DECIDED, verdict, analyst.person)
    assert not Contribution.objects.exists()
    assert Entry.objects.get(act="case.decided").facts == {"verdict": str(verdict)}


def test_nobody_decides_the_case_of_somebody_else(case: Case, second_analyst: Actor) -> None:
    with pytest.raises(ForbiddenError):
        decide_case(case, verdict=Verdict.CLEAR, by=second_analyst, now=NOW)


def test_refuses_a_verdict_on_a_case_that_nobody_works_on(bank_a: Institution, analyst: Actor) -> None:
    with pytest.raises(WrongStateError):
        decide_case(make_case(bank_a), verdict=Verdict.CLEAR, by=analyst, now=NOW)


def test_refuses_fraud_by_one_analyst_alone(case: Case, analyst: Actor) -> None:
    with pytest.raises(InvalidError):
        decide_case(case, verdict=Verdict.FRAUD, by=analyst, now=NOW)


def test_fraud_waits_for_a_second_analyst(case: Case, analyst: Actor) -> None:
    case = find_fraud(case, finding(), by=analyst, now=NOW)

    assert case.state == CaseState.CONFIRMING
    assert not Contribution.objects.exists()
    assert "Bank A" in asked(case).title


def test_a_second_analyst_confirms_and_the_record_goes_out(
    case: Case, analyst: Actor, second_analyst: Actor
) -> None:
    case = find_fraud(case, finding(), by=analyst, now=NOW)

    approve_request(asked(case), by=second_analyst, now=NOW)

    case.refresh_from_db()
    sent = Contribution.objects.get()
    assert (case.state, case.verdict) == (CaseState.DECIDED, Verdict.FRAUD)
    assert (case.decided_by, case.confirmed_by) == (analyst.person, second_analyst.person)
    assert (sent.state, sent.fraud_type, sent.kinds) == (
        "waiting",
        "identity-theft",
        ["name-phone.1", "sin.1"],
    )


def test_the_first_analyst_does_not_confirm(case: Case, analyst: Actor) -> None:
    case = find_fraud(case, finding(), by=analyst, now=NOW)

    with pytest.raises(FourEyesError):
        approve_request(asked(case), by=analyst, now=NOW)
    assert not Contribution.objects.exists()


def test_an_analyst_of_another_bank_does_not_confirm(case: Case, analyst: Actor, analyst_of_b: Actor) -> None:
    case = find_fraud(case, finding(), by=analyst, now=NOW)

    with pytest.raises(ForbiddenError):
        approve_request(asked(case), by=analyst_of_b, now=NOW)


def test_a_refusal_gives_the_case_back_to_the_first_analyst(
    case: Case, analyst: Actor, second_analyst: Actor
) -> None:
    case = find_fraud(case, finding(), by=analyst, now=NOW)

    refuse_request(asked(case), reason="The victim has not signed.", by=second_analyst, now=NOW)

    case.refresh_from_db()
    assert (case.state, case.claimed_by, case.verdict) == (CaseState.CLAIMED, analyst.person, "")
    assert find_fraud(case, finding(), by=analyst, now=NOW).state == CaseState.CONFIRMING


@pytest.mark.parametrize("kinds", [[], [ElementKind.PHONE], [ElementKind.SIN, ElementKind.IP]])
def test_refuses_elements_that_may_not_leave(case: Case, analyst: Actor, kinds: list[ElementKind]) -> None:
    with pytest.raises(InvalidError):
        find_fraud(case, finding(kinds=kinds), by=analyst, now=NOW)


def test_refuses_a_person_whom_no_application_has(case: Case, analyst: Actor) -> None:
    with pytest.raises(InvalidError):
        find_fraud(case, finding(party=6), by=analyst, now=NOW)


@pytest.mark.parametrize("sent", [ContributionState.WAITING, ContributionState.REGISTERED])
def test_a_case_that_turns_out_clear_takes_its_record_back(
    case: Case, analyst: Actor, second_analyst: Actor, sent: ContributionState
) -> None:
    case = find_fraud(case, finding(), by=analyst, now=NOW)
    approve_request(asked(case), by=second_analyst, now=NOW)
    Contribution.objects.update(state=sent)
    case = reopen_case(case, reason="The wrong person.", by=analyst, now=NOW)

    decide_case(claim_case(case, by=analyst, now=NOW), verdict=Verdict.CLEAR, by=analyst, now=NOW)

    assert Contribution.objects.get().state == ContributionState.RETRACTING


def test_the_institution_is_told_the_verdict(case: Case, analyst: Actor, bank_a: Institution) -> None:
    WebhookEndpoint.objects.create(institution=bank_a, url="https://bank-a.example/hooks", created_at=NOW)

    decide_case(case, verdict=Verdict.CLEAR, by=analyst, now=NOW)

    told = WebhookDelivery.objects.get()
    assert (told.event, told.application_id) == ("application.verdict", case.application_id)
