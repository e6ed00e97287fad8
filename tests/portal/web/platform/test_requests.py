"""Pages of requests: what waits for whom, approving and refusing there, and what nobody else can do."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.models import Batch, Campaign, Market
from campaigns.operations.approving import BATCH
from campaigns.rules.states import BatchState
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from portal.approvals.models import Approval, ApprovalState
from portal.approvals.operations import expire_requests
from portal.approvals.queries import request_about
from portal.core import clock
from tests import makers
from tests.cast import signed_in

pytestmark = pytest.mark.django_db
S = ApprovalState


@pytest.fixture
def marketer(mexico: Market) -> Actor:
    return makers.a_marketer(mexico)


@pytest.fixture
def marketer_browser(marketer: Actor) -> Browser:
    return signed_in(marketer)


@pytest.fixture
def campaign(mexico: Market) -> Campaign:
    return makers.make_campaign(market=mexico, opens=_naive(-1), closes=_naive(60))


def _naive(days: int) -> Any:
    return (clock.now() + timedelta(days=days)).replace(tzinfo=None, second=0, microsecond=0)


@pytest.fixture
def batch(campaign: Campaign) -> Batch:
    return makers.planned_batch(campaign, now=clock.now())


@pytest.fixture
def approval(batch: Batch) -> Approval:
    found = request_about(BATCH, batch)
    assert found is not None
    return found


def overdue(approval: Approval) -> Approval:
    approval.expires_at = clock.now() - timedelta(seconds=1)
    approval.save(update_fields=["expires_at"])
    return approval


def state(row: Any) -> str:
    row.refresh_from_db()
    return str(row.state)


def test_the_approver_finds_what_waits_and_decides_it(
    approver_browser: Browser, approval: Approval, batch: Batch
) -> None:
    listed = approver_browser.get("/requests/").content.decode()
    shown = approver_browser.get(f"/requests/{approval.public_id}/").content.decode()
    answer = approver_browser.post(f"/requests/{approval.public_id}/approve/")

    assert "Approve 50 codes for Summer caps" in listed
    assert "This waits for you." in shown
    assert answer.headers["Location"] == f"/requests/{approval.public_id}/"
    assert (state(approval), state(batch)) == (S.APPROVED, BatchState.APPROVED)


def test_who_asked_sees_it_as_their_own_and_is_offered_no_decision(
    marketer_browser: Browser, approval: Approval
) -> None:
    listed = marketer_browser.get("/requests/").content.decode()
    shown = marketer_browser.get(f"/requests/{approval.public_id}/").content.decode()

    assert "You asked for" in listed
    assert "Nothing waits for your decision." in listed
    assert "This waits for somebody else." in shown
    assert "/approve/" not in shown


def test_who_asked_is_refused_the_decision(mexico: Market, campaign: Campaign, approver: Actor) -> None:
    batch = makers.planned_batch(campaign, by=approver, now=clock.now())
    approval = request_about(BATCH, batch)

    answer = signed_in(approver).post(f"/requests/{approval.public_id}/approve/")

    assert answer.status_code == 403
    assert "Somebody else has to approve it." in answer.content.decode()
    assert state(batch) == BatchState.PLANNED


def test_a_refusal_needs_a_reason_and_ends_the_batch_with_it(
    approver_browser: Browser, approval: Approval, batch: Batch
) -> None:
    address = f"/requests/{approval.public_id}/refuse/"

    without = approver_browser.post(address, {"reason": ""})
    with_one = approver_browser.post(address, {"reason": "Twice as many as agreed"})

    assert (without.status_code, with_one.status_code) == (422, 302)
    assert (state(approval), state(batch)) == (S.REFUSED, BatchState.CANCELLED)
    assert batch.end_reason == "Twice as many as agreed"


def test_who_asked_takes_it_back_and_the_batch_ends(
    marketer_browser: Browser, approval: Approval, batch: Batch
) -> None:
    answer = marketer_browser.post(f"/requests/{approval.public_id}/withdraw/", {"reason": "A mistake"})

    assert answer.status_code == 302
    assert (state(approval), state(batch)) == (S.WITHDRAWN, BatchState.CANCELLED)


def test_cancelling_the_batch_ends_the_request(
    marketer_browser: Browser, approval: Approval, batch: Batch
) -> None:
    marketer_browser.post(f"/batches/{batch.public_id}/cancel/", {"reason": "A mistake"})

    assert (state(approval), state(batch)) == (S.WITHDRAWN, BatchState.CANCELLED)


def test_an_expired_request_can_be_made_again_and_the_batch_stays(
    marketer_browser: Browser, approver_browser: Browser, approval: Approval, batch: Batch
) -> None:
    overdue(approval)
    late = approver_browser.post(f"/batches/{batch.public_id}/approve/")
    page = marketer_browser.get(f"/batches/{batch.public_id}/").content.decode()

    marketer_browser.post(f"/requests/{approval.public_id}/renew/")
    in_time = approver_browser.post(f"/batches/{batch.public_id}/approve/")

    assert late.status_code == 409
    assert "The request for approval has expired." in page
    assert in_time.status_code == 302
    assert state(batch) == BatchState.APPROVED


def test_an_expired_batch_can_still_be_cancelled(
    marketer_browser: Browser, approval: Approval, batch: Batch, marketer: Actor
) -> None:
    expire_requests(by=marketer, now=overdue(approval).expires_at)

    marketer_browser.post(f"/batches/{batch.public_id}/cancel/", {"reason": "Nobody wants it"})

    assert (state(approval), state(batch)) == (S.WITHDRAWN, BatchState.CANCELLED)


@pytest.mark.parametrize("verb", ["", "approve/", "refuse/", "withdraw/", "renew/"])
def test_an_outsider_finds_no_request(approval: Approval, canada: Market, verb: str) -> None:
    outsider = signed_in(makers.an_approver(canada))

    assert outsider.get(f"/requests/{approval.public_id}/{verb}").status_code == 404


def test_support_has_no_page_of_requests(support: Actor) -> None:
    assert signed_in(support).get("/requests/").status_code == 403


def test_an_auditor_reads_and_decides_nothing(auditor: Actor, approval: Approval) -> None:
    browser = signed_in(auditor)

    assert browser.get(f"/requests/{approval.public_id}/").status_code == 200
    assert browser.post(f"/requests/{approval.public_id}/approve/").status_code == 403


@pytest.mark.parametrize("rows", [1, 9])
def test_the_list_costs_the_same_however_long_it_is(
    marketer_browser: Browser, campaign: Campaign, rows: int, django_assert_num_queries: Any
) -> None:
    press = makers.make_printer()
    for _number in range(rows):
        makers.planned_batch(campaign, printer=press, now=clock.now())
    marketer_browser.get("/requests/")

    with django_assert_num_queries(LIST_QUERIES):
        marketer_browser.get("/requests/")


LIST_QUERIES = 10


def test_the_role_that_may_decide_nothing_here_sees_nothing_waiting(
    mexico: Market, approval: Approval
) -> None:
    finance = signed_in(makers.an_actor("Felix Finance", Role.FINANCE, mexico))

    assert "Approve 50 codes" not in finance.get("/").content.decode()
