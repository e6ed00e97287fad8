"""Pages of records, disputes and standings: who may see and change what."""

from typing import Any

import pytest
from django.test import Client as Browser

from fraud.models import Case, Contribution, Dispute, Institution, Screening, Standing
from fraud.rules.cases import ContributionState
from fraud.rules.disputes import DisputeSide, DisputeState
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from tests import makers
from tests.cast import signed_in
from tests.makers_fraud import NOW, make_case

pytestmark = pytest.mark.django_db
HIT = {
    "tier": "strong",
    "kinds": ["sin"],
    "fraud_type": "money-mule",
    "role": "mule",
    "month": "2026-02",
    "members": "1-2",
}


@pytest.fixture
def lead_browser(lead: Actor) -> Browser:
    return signed_in(lead)


@pytest.fixture
def operator_browser(db: None) -> Browser:
    return signed_in(makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house()))


def registered(bank: Institution, **facts: Any) -> Contribution:
    known = {"fraud_type": "money-mule", "role": "mule", "proof": "admission", "record": "rec_abcdefgh"}
    state = ContributionState.REGISTERED
    case = make_case(bank, "R-1")
    return Contribution.objects.create(institution=bank, case=case, state=state, made_at=NOW, **known | facts)


def asked(contribution: Contribution) -> Dispute:
    return Dispute.objects.create(
        institution=contribution.institution,
        contribution=contribution,
        side=DisputeSide.RECEIVED,
        state=DisputeState.ASKED,
        record=contribution.record,
        month="2026-02",
        reason="misused",
        fraud_type="money-mule",
        role="mule",
        due_on=NOW.date(),
        made_at=NOW,
    )


def test_a_hit_is_disputed_from_the_page_of_its_case(analyst_browser: Browser, case: Case) -> None:
    Screening.objects.update(hits=[HIT])
    url = f"/cases/{case.public_id}/disputes/money-mule/mule/"
    page = analyst_browser.get(f"/cases/{case.public_id}/").content.decode()

    answer = analyst_browser.post(url, {"reason": "misused"})

    assert url in page
    assert answer.status_code == 302
    assert Dispute.objects.get().state == DisputeState.WAITING
    assert (
        f"/disputes/{Dispute.objects.get().public_id}/"
        in analyst_browser.get(answer["Location"]).content.decode()
    )
    assert analyst_browser.post(url, {"reason": "misused"}).status_code == 409
    assert analyst_browser.get(f"/cases/{case.public_id}/disputes/x/mule/").status_code == 404


def test_records_are_listed_with_their_end_and_their_disputes(
    analyst_browser: Browser, browser_of_b: Browser, bank_a: Institution
) -> None:
    asked(registered(bank_a))

    page = analyst_browser.get("/records/").content.decode()

    assert "Money mule" in page
    assert "2030-03" in page
    assert "Disputed" in page
    assert "Money mule" not in browser_of_b.get("/records/").content.decode()


def test_a_lead_answers_for_a_disputed_record_and_an_analyst_does_not(
    lead_browser: Browser, analyst_browser: Browser, bank_a: Institution
) -> None:
    dispute = asked(registered(bank_a))
    url = f"/disputes/{dispute.public_id}/"

    assert "Confirm record" in lead_browser.get(url).content.decode()
    assert "Confirm record" not in analyst_browser.get(url).content.decode()
    assert analyst_browser.post(f"{url}confirm/").status_code == 403
    assert lead_browser.post(f"{url}confirm/").status_code == 302
    dispute.refresh_from_db()
    assert (dispute.state, dispute.answer) == (DisputeState.ANSWERED, "upheld")
    assert dispute.public_id in lead_browser.get("/disputes/").content.decode()


@pytest.mark.parametrize("from_dispute", [False, True])
def test_a_lead_corrects_and_retracts(lead_browser: Browser, bank_a: Institution, from_dispute: bool) -> None:
    contribution = registered(bank_a)
    url = (
        f"/disputes/{asked(contribution).public_id}" if from_dispute else f"/records/{contribution.public_id}"
    )
    right = {"fraud_type": "other", "role": "victim", "proof": "police-report"}

    assert lead_browser.get(f"{url}/correct/").status_code == 200
    assert lead_browser.post(f"{url}/correct/", {**right, "role": ""}).status_code == 422
    assert lead_browser.post(f"{url}/correct/", right).status_code == 302
    contribution.refresh_from_db()
    assert (contribution.state, contribution.role) == (ContributionState.CORRECTING, "victim")
    assert lead_browser.post(f"{url}/retract/").status_code == 409


def test_an_operator_sees_where_a_member_stands_and_sets_its_quota(
    operator_browser: Browser, analyst_browser: Browser, bank_a: Institution
) -> None:
    Standing.objects.create(
        institution=bank_a, quota=1_000, asked_today=250, asked=4_000, given=6, heard_at=NOW
    )
    url = f"/consortium/{bank_a.public_id}/"

    answer = operator_browser.post(f"{url}quota/", {"quota": "2,000"})

    page = operator_browser.get(url).content.decode()
    standing = Standing.objects.get()
    assert (answer.status_code, standing.wanted_quota, standing.is_quota_told) == (302, 2_000, False)
    assert "Bait records met" in page
    assert "1.5" in page
    assert "Bait records met" not in analyst_browser.get(url).content.decode()
    assert analyst_browser.post(f"{url}quota/", {"quota": "1"}).status_code == 403
    assert bank_a.name in operator_browser.get("/consortium/").content.decode()


def test_an_institution_that_never_asked_has_a_page_all_the_same(
    operator_browser: Browser, bank_a: Institution
) -> None:
    assert operator_browser.get(f"/consortium/{bank_a.public_id}/").status_code == 200
