"""Ordering codes: the form, its review, and the second signature."""

import pytest
from django.test import Client as Browser

from campaigns.models import Batch, Campaign, Market, Printer
from campaigns.rules.states import BatchState
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from tests import makers
from tests.cast import signed_in


@pytest.fixture
def campaign(mexico: Market) -> Campaign:
    return makers.make_campaign(market=mexico)


@pytest.fixture
def order(campaign: Campaign, press: Printer) -> dict[str, str]:
    return {
        "campaign": campaign.public_id,
        "printer": press.public_id,
        "quantity": "1,000",
        "lot": "S1",
        "activates_at": "2026-07-01T08:00",
    }


def test_a_marketer_orders_codes(marketer_browser: Browser, order: dict[str, str]) -> None:
    answer = marketer_browser.post("/batches/new/", order)

    batch = Batch.objects.get()
    assert answer["Location"] == f"/batches/{batch.public_id}/"
    assert (batch.state, batch.quantity, batch.lot) == (BatchState.PLANNED, 1000, "S1")
    assert batch.activates_at is not None
    # Eight o'clock in Mexico City.
    assert batch.activates_at.isoformat() == "2026-07-01T14:00:00+00:00"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": str(10**18)}, "quantity"),
        ({"quantity": "a million"}, "quantity"),
        ({"quantity": "1000000000"}, "quantity"),
        ({"lot": "=SUM(A1)"}, "lot"),
        ({"activates_at": "2026-10-01T00:00"}, "activates_at"),
        ({"activates_at": "soon"}, "activates_at"),
        ({"printer": "prn_nobody"}, "printer"),
    ],
)
def test_an_order_that_cannot_be_is_refused_beside_its_field(
    marketer_browser: Browser, order: dict[str, str], changes: dict[str, str], field: str
) -> None:
    answer = marketer_browser.post("/batches/new/", order | changes)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Batch.objects.exists()


def test_an_activation_that_the_clocks_jump_over_is_refused(press: Printer) -> None:
    canada = makers.make_market("ca")
    opens = makers.NOW.replace(month=1, day=1, tzinfo=None)
    campaign = makers.make_campaign(market=canada, opens=opens, closes=opens.replace(year=2028))
    order = {"campaign": campaign.public_id, "printer": press.public_id, "quantity": "10"}

    answer = signed_in(makers.a_marketer(canada)).post(
        "/batches/new/", order | {"activates_at": "2027-03-14T02:30"}
    )

    assert answer.status_code == 422
    assert "Toronto" in str(answer.context["form"].errors["activates_at"])


def test_a_campaign_of_somebody_else_cannot_be_ordered_for(
    outsider_browser: Browser, order: dict[str, str]
) -> None:
    answer = outsider_browser.post("/batches/new/", order)

    assert answer.status_code == 422
    assert "campaign" in answer.context["form"].errors


def test_support_may_not_order(support_browser: Browser, order: dict[str, str]) -> None:
    answer = support_browser.post("/batches/new/", order)

    assert answer.status_code == 403


def test_the_review_says_what_the_order_comes_to(
    marketer_browser: Browser, approver: Actor, order: dict[str, str]
) -> None:
    answer = marketer_browser.get("/batches/review/", order)

    review = answer.context["review"]
    assert (review.quantity, review.files, review.meter.live) == (1000, 10, 1000)
    assert [person.name for person in review.approvers] == [approver.label]
    assert review.lines[0] == "code,serial,control,file"


@pytest.mark.parametrize("values", [{}, {"quantity": "x"}, {"campaign": "cmp_nobody"}])
def test_the_review_bears_a_form_that_is_not_complete(
    marketer_browser: Browser, values: dict[str, str]
) -> None:
    answer = marketer_browser.get("/batches/review/", values)

    assert answer.status_code == 200


def test_the_preview_button_orders_nothing(marketer_browser: Browser, order: dict[str, str]) -> None:
    answer = marketer_browser.post("/batches/new/", order | {"preview": "1"})

    assert answer.context["review"].files == 10
    assert not Batch.objects.exists()


def test_the_planner_is_told_to_wait_for_somebody_else(
    marketer_browser: Browser, campaign: Campaign, approver: Actor
) -> None:
    batch = makers.planned_batch(campaign)

    answer = marketer_browser.get(f"/batches/{batch.public_id}/")

    assert "This waits for somebody else." in answer.content.decode()
    assert approver.label in answer.content.decode()
    assert answer.context["primary"] is None


def test_the_approver_approves_after_being_asked(approver_browser: Browser, campaign: Campaign) -> None:
    batch = makers.planned_batch(campaign)

    asked = approver_browser.get(f"/batches/{batch.public_id}/approve/", headers={"hx-request": "true"})
    done = approver_browser.post(f"/batches/{batch.public_id}/approve/")

    batch.refresh_from_db()
    assert "Approve 50 codes for Summer caps?" in asked.content.decode()
    assert done.status_code == 302
    assert batch.state == BatchState.APPROVED


def test_the_planner_cannot_approve_under_another_role(campaign: Campaign) -> None:
    both = makers.an_actor("Bruno Both", Role.MARKETER, campaign.market)
    batch = makers.planned_batch(campaign, by=both)
    both = makers.an_actor("Bruno Both", Role.APPROVER, campaign.market)

    answer = signed_in(both).post(f"/batches/{batch.public_id}/approve/")

    batch.refresh_from_db()
    assert answer.status_code == 403
    assert "Somebody else has to approve it." in answer.content.decode()
    assert batch.state == BatchState.PLANNED


def test_a_marketer_has_no_approval_to_give(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.planned_batch(campaign)

    answer = marketer_browser.post(f"/batches/{batch.public_id}/approve/")

    assert answer.status_code == 403


def test_the_approver_finds_the_batch_on_the_home_page(approver_browser: Browser, campaign: Campaign) -> None:
    batch = makers.planned_batch(campaign)

    page = approver_browser.get("/").content.decode()

    assert "Approve 50 codes for Summer caps" in page
    assert f"/batches/{batch.public_id}/" in page


def test_the_planner_does_not_find_it_there(marketer_browser: Browser, campaign: Campaign) -> None:
    makers.planned_batch(campaign)

    page = marketer_browser.get("/").content.decode()

    assert "Approve 50 codes" not in page
