"""Planning, approving and cancelling: what is refused differs from what passes by one thing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns.jobs import Job
from campaigns.models import Batch, Campaign
from campaigns.operations.campaigns import change_campaign
from campaigns.operations.delivery import deliver_file
from campaigns.operations.manifests import finish_delivery
from campaigns.operations.parties import change_printer
from campaigns.operations.planning import (
    MOST_CODES,
    GuessOddsError,
    Order,
    OtherOrderError,
    SpaceExhaustedError,
    approve_batch,
    cancel_batch,
    plan_batch,
)
from campaigns.rules.alphabets import DIGITS
from campaigns.rules.states import BatchState
from portal.accounts.actors import SYSTEM
from portal.accounts.operations.clients import issue_key
from portal.accounts.roles import ClientKind, Role
from portal.audit.queries import history
from portal.core.errors import ForbiddenError, FourEyesError, InvalidError, WrongStateError
from tests import makers
from tests.makers import NOW, still

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return makers.make_campaign()


def plan(campaign, by, **order):
    order = {"printer": order.pop("printer", None) or makers.make_printer(), "quantity": 50, **order}
    return plan_batch(campaign, Order(**order), by=by, now=NOW)


def digits_campaign(**changes):
    """A campaign whose space is small: eight digits, 100 million codes, of which one in 1,000 is for tests."""
    market = makers.make_market("tiny", guess_odds_floor=changes.pop("floor", 1))
    facts = {"alphabet": DIGITS, "length": 8, "grouping": (), "has_check": False, "expected_codes": 1000}
    return makers.make_campaign(market=market, **{**facts, **changes})


# ── Planning ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_reserves_serials_and_files(campaign, marketer):
    batch = plan(campaign, marketer, quantity=250, lot="L-7")

    campaign.refresh_from_db()
    assert (batch.state, batch.quantity, batch.lot) == (BatchState.PLANNED, 250, "L-7")
    assert batch.first_serial == 0
    assert campaign.next_serial == batch.serials >= 250
    assert [file.rows for file in batch.files.order_by("number")] == [100, 100, 50]
    assert [file.first_row for file in batch.files.order_by("number")] == [1, 101, 201]


def test_a_plan_is_written_into_the_trail(campaign, marketer):
    batch = plan(campaign, marketer)

    entry = history(batch).get()
    assert (entry.act, entry.actor_id, entry.at) == ("batch.planned", marketer.id, NOW)
    assert entry.facts == {"quantity": 50, "printer": batch.printer.public_id}


def test_the_same_request_plans_one_batch(campaign, marketer):
    press = makers.make_printer()

    first = plan(campaign, marketer, printer=press, request_key="order-1")
    again = plan(campaign, marketer, printer=press, request_key="order-1")
    other = plan(campaign, marketer, printer=press, request_key="order-2")

    assert again == first
    assert other != first
    assert campaign.batches.count() == 2


def test_a_plan_starts_nothing(campaign, marketer, django_capture_on_commit_callbacks, sent):
    with django_capture_on_commit_callbacks(execute=True):
        plan(campaign, marketer)

    assert sent() == []


def test_the_next_plan_takes_the_serials_after_it(campaign, marketer):
    first = plan(campaign, marketer)
    second = plan(campaign, marketer)

    assert second.first_serial == first.end_serial


@pytest.mark.parametrize("quantity", [0, -1, MOST_CODES + 1, 10**18])
def test_refuses_an_impossible_quantity(campaign, marketer, quantity):
    with pytest.raises(InvalidError) as refused:
        plan(campaign, marketer, quantity=quantity)

    assert set(refused.value.fields) == {"quantity"}
    campaign.refresh_from_db()
    assert campaign.next_serial == 0


def test_refuses_more_files_than_anybody_could_check(campaign, marketer):
    printer = makers.make_printer(rows_per_file=1)

    with pytest.raises(InvalidError, match="more than 10,000 files of 1 codes"):
        plan(campaign, marketer, printer=printer, quantity=10_001)


def test_takes_as_many_files_as_can_be_checked(campaign, marketer):
    printer = makers.make_printer(rows_per_file=1)

    assert plan(campaign, marketer, printer=printer, quantity=1000).files.count() == 1000


def test_refuses_more_codes_than_the_space_has_left():
    campaign = digits_campaign()
    printer = makers.make_printer(rows_per_file=10_000_000)

    with pytest.raises(SpaceExhaustedError, match="99,900,000 codes left; the order needs 99,900,001"):
        plan(campaign, makers.a_marketer(campaign.market), printer=printer, quantity=99_900_001)


def test_takes_the_last_code_of_the_space():
    campaign = digits_campaign()
    printer = makers.make_printer(rows_per_file=10_000_000)

    batch = plan(campaign, makers.a_marketer(campaign.market), printer=printer, quantity=99_900_000)

    assert batch.end_serial == campaign.format.capacity


def test_refuses_codes_that_are_too_easy_to_guess_and_names_a_format_that_would_do():
    campaign = digits_campaign(floor=10_000)

    with pytest.raises(GuessOddsError, match=r"1 in 9,999; .* asks for 1 in 10,000") as refused:
        plan(campaign, makers.a_marketer(campaign.market), quantity=10_001)

    assert "9 characters out of 10 would pass" in refused.value.detail


def test_takes_as_many_codes_as_the_floor_allows():
    campaign = digits_campaign(floor=10_000)

    assert plan(campaign, makers.a_marketer(campaign.market), quantity=10_000).quantity == 10_000


def test_codes_ordered_before_count_towards_the_floor():
    campaign = digits_campaign(floor=10_000)
    marketer = makers.a_marketer(campaign.market)
    plan(campaign, marketer, quantity=6_000)

    with pytest.raises(GuessOddsError):
        plan(campaign, marketer, quantity=4_001)


def test_codes_of_a_cancelled_batch_count_no_more():
    campaign = digits_campaign(floor=10_000)
    marketer = makers.a_marketer(campaign.market)
    cancel_batch(plan(campaign, marketer, quantity=6_000), reason="twice", by=marketer, now=NOW)

    assert plan(campaign, marketer, quantity=10_000).first_serial == 6_000


def test_refuses_a_campaign_that_has_ended(campaign, marketer):
    order = Order(printer=makers.make_printer(), quantity=50)

    with pytest.raises(WrongStateError, match="has ended"):
        plan_batch(campaign, order, by=marketer, now=campaign.closes_at)


def test_plans_until_the_campaign_ends(campaign, marketer):
    order = Order(printer=makers.make_printer(), quantity=50)

    assert plan_batch(campaign, order, by=marketer, now=campaign.closes_at - makers.NOW.resolution)


@pytest.mark.parametrize("wrong", ["now", "closing"])
def test_refuses_a_time_that_has_passed_or_after_the_campaign_has_closed(campaign, marketer, wrong):
    activates_at = {"now": NOW, "closing": campaign.closes_at}[wrong]

    with pytest.raises(InvalidError) as refused:
        plan(campaign, marketer, activates_at=activates_at)

    assert set(refused.value.fields) == {"activates_at"}


@pytest.mark.parametrize("lot", ["=cmd()", "Ñ", "x" * 61, "two\nlines", "zero\0"])
def test_refuses_a_lot_that_cannot_stand_in_a_row(campaign, marketer, lot):
    with pytest.raises(InvalidError) as refused:
        plan(campaign, marketer, lot=lot)

    assert set(refused.value.fields) == {"lot"}


def fixed(*columns):
    return {"kind": "fixed", "newline": "lf", "header": False, "columns": list(columns)}


def test_refuses_codes_that_are_wider_than_the_printers_column(campaign, marketer):
    layout = fixed({"name": "code", "source": "grouped", "width": 10})

    with pytest.raises(InvalidError, match="code needs 11 characters and has 10") as refused:
        plan(campaign, marketer, printer=makers.make_printer(layout=layout))

    assert set(refused.value.fields) == {"printer"}


def test_takes_codes_that_just_fit_the_printers_column(campaign, marketer):
    layout = fixed({"name": "code", "source": "grouped", "width": 11})

    assert plan(campaign, marketer, printer=makers.make_printer(layout=layout))


def test_refuses_more_rows_than_the_control_number_can_count(campaign, marketer):
    layout = fixed({"name": "code", "source": "code"}, {"name": "control", "source": "control", "width": 2})

    with pytest.raises(InvalidError, match="control number 100 does not fit"):
        plan(campaign, marketer, printer=makers.make_printer(layout=layout), quantity=100)


def test_takes_as_many_rows_as_the_control_number_can_count(campaign, marketer):
    layout = fixed({"name": "code", "source": "code"}, {"name": "control", "source": "control", "width": 2})

    assert plan(campaign, marketer, printer=makers.make_printer(layout=layout), quantity=99)


def test_a_plan_keeps_the_layout_and_recipients_it_was_made_with(campaign, marketer):
    printer = makers.make_printer()
    batch = plan(campaign, marketer, printer=printer)
    facts = makers.printer_facts(name=printer.name, bucket=printer.bucket, rows_per_file=7)
    change_printer(printer, facts, by=SYSTEM, now=NOW)

    batch.refresh_from_db()
    assert (batch.rows_per_file, batch.recipients) == (100, [makers.RECIPIENT])


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR, Role.FINANCE])
def test_who_only_looks_cannot_plan(campaign, role):
    with pytest.raises(ForbiddenError):
        plan(campaign, makers.an_actor(f"Somebody {role}", role, campaign.market))


def test_an_outsider_cannot_plan(campaign, outsider):
    with pytest.raises(ForbiddenError):
        plan(campaign, outsider)


def test_the_format_is_fixed_from_the_first_plan_on(campaign, marketer):
    plan(campaign, marketer)
    longer = makers.campaign_facts(slug=campaign.slug, length=12, grouping=(6, 6))

    with pytest.raises(WrongStateError, match="format is fixed"):
        change_campaign(campaign, longer, by=marketer, now=NOW)


def test_one_request_plans_one_batch_however_often_it_comes(campaign, marketer, press):
    first, again = (plan(campaign, marketer, printer=press, request_key="order-1") for _ in range(2))

    assert first == again
    assert Batch.objects.count() == 1


def test_refuses_a_request_key_that_stands_for_another_order(campaign, marketer, press):
    plan(campaign, marketer, printer=press, request_key="order-1")

    with pytest.raises(OtherOrderError):
        plan(campaign, marketer, printer=press, request_key="order-1", quantity=51)

    assert Batch.objects.count() == 1


def test_two_planners_may_choose_the_same_request_key(campaign, marketer, approver, press):
    for planner in (marketer, approver):
        plan(campaign, planner, printer=press, request_key="order-1")

    assert Batch.objects.count() == 2


def test_the_database_itself_refuses_a_serial_in_two_batches(campaign, marketer):
    batch = plan(campaign, marketer)
    batch.pk, batch.public_id = None, "bat_twin"

    with pytest.raises(IntegrityError, match="no_serial_in_two_batches"), transaction.atomic():
        Batch.save(batch, force_insert=True)


# ── Approving ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_person_approves_and_the_work_begins(
    campaign, marketer, approver, django_capture_on_commit_callbacks, sent
):
    batch = plan(campaign, marketer, quantity=250)

    with django_capture_on_commit_callbacks(execute=True):
        approved = approve_batch(batch, by=approver, now=NOW)

    assert (approved.state, approved.approved_by) == (BatchState.APPROVED, approver.id)
    files = batch.files.order_by("number")
    assert sent() == [(Job.GENERATE_FILE, {"file_id": file.pk}) for file in files]


def test_a_campaign_that_ended_while_the_request_waited_gets_no_codes(campaign, marketer, approver):
    batch = plan(campaign, marketer, quantity=250)
    Campaign.objects.update(opens_at=NOW - timedelta(days=2), closes_at=NOW)

    with pytest.raises(WrongStateError, match="has ended"):
        approve_batch(batch, by=approver, now=NOW)

    batch.refresh_from_db()
    assert batch.state == BatchState.PLANNED


def test_the_planner_cannot_approve(campaign, approver):
    batch = plan(campaign, approver)

    with pytest.raises(FourEyesError, match="You planned this batch"):
        approve_batch(batch, by=approver, now=NOW)

    assert makers.fetched(batch).state == BatchState.PLANNED


def test_the_planner_cannot_approve_under_another_role(campaign, marketer):
    batch = plan(campaign, marketer)
    both_hats = makers.an_actor("Mariana Marketer", Role.APPROVER, campaign.market)

    with pytest.raises(FourEyesError):
        approve_batch(batch, by=both_hats, now=NOW)


def test_the_planner_cannot_approve_with_a_key_of_their_own(campaign):
    planner = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    planner = makers.an_actor("Olga Operator", Role.MARKETER, campaign.market)
    batch = plan(campaign, planner)
    places = campaign.market, campaign.brand
    _client, key = makers.client_with_key(ClientKind.AUTOMATION, *places, issuer=planner)

    with pytest.raises(FourEyesError):
        approve_batch(batch, by=makers.actor_behind(key), now=NOW)


def test_a_program_cannot_approve_what_it_planned_with_a_key_of_somebody_else(campaign):
    client, key = makers.client_with_key(ClientKind.AUTOMATION, campaign.market, campaign.brand)
    another = makers.an_actor("Otto Operator", Role.OPERATOR, makers.make_house())
    _row, later_key = issue_key(client, by=another, now=NOW)
    batch = plan(campaign, makers.actor_behind(key))

    with pytest.raises(FourEyesError):
        approve_batch(batch, by=makers.actor_behind(later_key), now=NOW)


def test_who_planned_with_a_key_cannot_approve_in_person(campaign):
    makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    issuer = makers.an_actor("Olga Operator", Role.APPROVER, campaign.market)
    places = campaign.market, campaign.brand
    _client, key = makers.client_with_key(ClientKind.AUTOMATION, *places, issuer=issuer)
    batch = plan(campaign, makers.actor_behind(key))

    with pytest.raises(FourEyesError):
        approve_batch(batch, by=issuer, now=NOW)


def test_a_key_that_somebody_else_answers_for_can_approve(campaign, marketer, operator):
    batch = plan(campaign, marketer)
    places = campaign.market, campaign.brand
    _client, key = makers.client_with_key(ClientKind.AUTOMATION, *places, issuer=operator)

    assert approve_batch(batch, by=makers.actor_behind(key), now=NOW).state == BatchState.APPROVED


def test_the_database_itself_refuses_the_planners_own_signature(campaign, marketer):
    batch = plan(campaign, marketer)

    with pytest.raises(IntegrityError, match="a_batch_is_approved_by_another"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(approved_by=marketer.id)


def test_a_marketer_cannot_approve(campaign, approver, marketer):
    batch = plan(campaign, approver)

    with pytest.raises(ForbiddenError):
        approve_batch(batch, by=marketer, now=NOW)


def test_an_approver_of_another_market_cannot_approve(campaign, marketer, canada):
    batch = plan(campaign, marketer)

    with pytest.raises(ForbiddenError):
        approve_batch(batch, by=makers.an_actor("Otto Outsider", Role.APPROVER, canada), now=NOW)


def test_a_batch_is_approved_once(campaign, marketer, approver):
    batch = plan(campaign, marketer)
    approve_batch(batch, by=approver, now=NOW)

    with pytest.raises(WrongStateError, match="It is approved and cannot become approved"):
        approve_batch(batch, by=approver, now=NOW)


def test_an_approval_holds_when_the_broker_is_gone(campaign, marketer, approver, broker_gone):
    batch = plan(campaign, marketer, quantity=250)

    with broker_gone():
        approve_batch(batch, by=approver, now=NOW)

    assert makers.fetched(batch).state == BatchState.APPROVED


# ── Cancelling ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_planned_batch_is_cancelled_with_its_reason(campaign, marketer):
    batch = cancel_batch(plan(campaign, marketer), reason=" ordered twice ", by=marketer, now=NOW)

    assert (batch.state, batch.end_reason, batch.ended_at) == (BatchState.CANCELLED, "ordered twice", NOW)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_cancellation_needs_a_reason(campaign, marketer, reason):
    batch = plan(campaign, marketer)

    with pytest.raises(InvalidError) as refused:
        cancel_batch(batch, reason=reason, by=marketer, now=NOW)

    assert set(refused.value.fields) == {"reason"}


def test_a_delivered_batch_is_recalled_not_cancelled(campaign, marketer, approver):
    batch = approve_batch(plan(campaign, marketer), by=approver, now=NOW)
    deliver_file(batch.files.get(), by=SYSTEM, clock=still())
    finish_delivery(makers.fetched(batch), by=SYSTEM, clock=still())

    with pytest.raises(WrongStateError):
        cancel_batch(batch, reason="too late", by=marketer, now=NOW)


def test_the_serials_of_a_cancelled_batch_are_never_used_again(campaign, marketer):
    cancelled = cancel_batch(plan(campaign, marketer), reason="twice", by=marketer, now=NOW)

    assert plan(campaign, marketer).first_serial == cancelled.end_serial
