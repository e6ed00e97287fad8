"""Two at once: whatever the threads' order, the database lets one through and the invariants hold."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from campaigns.models import Batch
from campaigns.operations.activation import activate_batch, recall_batch
from campaigns.operations.delivery import TakenOverError, claim_file, deliver_file
from campaigns.operations.manifests import finish_delivery
from campaigns.operations.planning import Order, approve_batch, cancel_batch, plan_batch
from campaigns.operations.receipts import acknowledge_batch
from campaigns.operations.voiding import AlreadyVoidError, void_serials
from campaigns.rules.states import BatchState
from portal.accounts.actors import SYSTEM
from portal.accounts.models import Membership, User
from portal.accounts.operations.access import deactivate_person
from portal.accounts.operations.people import LastOperatorError, revoke_role
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.core.errors import DomainError, WrongStateError
from tests import makers
from tests.makers import NOW, still

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Any) -> list[Any]:
    """Make all calls from threads that start together; give what each returned or was refused with."""
    start = threading.Barrier(len(calls))

    def run(call: Any) -> Any:
        try:
            start.wait()
            return call()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def refusals(results: list[Any]) -> list[DomainError]:
    return [result for result in results if isinstance(result, DomainError)]


def test_two_approvers_at_once_give_one_signature():
    batch = makers.planned_batch()
    market = batch.campaign.market
    first = makers.an_approver(market)
    second = makers.an_actor("Ana Approver", Role.APPROVER, market)

    results = at_once(
        *(lambda by=by: approve_batch(makers.fetched(batch), by=by, now=NOW) for by in (first, second))
    )

    assert [type(refusal) for refusal in refusals(results)] == [WrongStateError]
    assert Entry.objects.filter(act="batch.approved").count() == 1


def test_approval_and_cancellation_at_once_leave_one_of_them():
    batch = makers.planned_batch()
    market = batch.campaign.market
    approver, marketer = makers.an_approver(market), makers.a_marketer(market)

    at_once(
        lambda: approve_batch(makers.fetched(batch), by=approver, now=NOW),
        lambda: cancel_batch(makers.fetched(batch), reason="mistake", by=marketer, now=NOW),
    )

    # A batch approved first is still cancelled; one cancelled first is never approved.
    assert makers.fetched(batch).state == BatchState.CANCELLED


def test_of_many_workers_one_gets_a_file():
    batch = makers.approved_batch()
    file = batch.files.select_related("batch").get()

    results = at_once(*[lambda: claim_file(file, by=SYSTEM, now=NOW)] * 6)

    assert [type(refusal) for refusal in refusals(results)] == [TakenOverError] * 5
    assert batch.files.get().attempt == 1


def test_two_workers_on_one_file_deliver_it_once():
    batch = makers.approved_batch()
    file = batch.files.get()

    results = at_once(*[lambda: deliver_file(file, by=SYSTEM, clock=still())] * 2)

    assert [type(refusal) for refusal in refusals(results)] == [TakenOverError]
    assert Entry.objects.filter(act="file.delivered").count() == 1


def test_workers_on_different_files_of_one_batch_do_not_hinder_one_another():
    batch = makers.approved_batch(quantity=600)
    files = list(batch.files.all())

    results = at_once(*(lambda file=file: deliver_file(file, by=SYSTEM, clock=still()) for file in files))

    assert refusals(results) == []
    assert Entry.objects.filter(act="delivery.started").count() == 1


def test_two_workers_at_the_manifest_put_the_same_one():
    batch = makers.approved_batch()
    deliver_file(batch.files.get(), by=SYSTEM, clock=still())

    results = at_once(*[lambda: finish_delivery(makers.fetched(batch), by=SYSTEM, clock=still())] * 2)

    delivered = makers.fetched(batch)
    assert len(refusals(results)) == 1
    assert makers.lying_there(delivered, "manifest.json").decode() == delivered.manifest
    assert Entry.objects.filter(act="manifest.signed").count() == 1


def test_twenty_plans_at_once_share_no_serial():
    campaign = makers.make_campaign()
    printer = makers.make_printer()
    marketer = makers.a_marketer(campaign.market)

    results = at_once(
        *[lambda: plan_batch(campaign, Order(printer=printer, quantity=60), by=marketer, now=NOW)] * 20
    )

    assert refusals(results) == []
    runs = sorted(Batch.objects.values_list("first_serial", "serials"))
    ends = [first + count for first, count in runs]
    assert [first for first, _count in runs] == [0, *ends[:-1]]
    campaign.refresh_from_db()
    assert campaign.next_serial == ends[-1]


def test_a_receipt_that_comes_twice_at_once_counts_once():
    batch = makers.delivered_batch()
    by = makers.a_press_operator(batch.printer)
    receipt = makers.receipt_for(batch)

    results = at_once(*[lambda: acknowledge_batch(makers.fetched(batch), **receipt, by=by, now=NOW)] * 2)

    assert [type(refusal) for refusal in refusals(results)] == [WrongStateError]
    assert Entry.objects.filter(act="batch.acknowledged").count() == 1


def test_a_recall_beats_an_activation_whichever_comes_first():
    batch = makers.acknowledged_batch()
    marketer = makers.a_marketer(batch.campaign.market)

    at_once(
        lambda: activate_batch(makers.fetched(batch), by=marketer, now=NOW),
        lambda: recall_batch(makers.fetched(batch), reason="stolen", by=marketer, now=NOW),
    )

    assert makers.fetched(batch).state == BatchState.RECALLED


def test_the_same_reel_voided_twice_at_once_is_void_once():
    batch = makers.delivered_batch()
    marketer = makers.a_marketer(batch.campaign.market)
    first = batch.first_serial

    results = at_once(
        *(
            lambda end=end: void_serials(
                makers.fetched(batch), first=first, last=first + end, reason="stolen", by=marketer, now=NOW
            )
            for end in (10, 20)
        )
    )

    assert [type(refusal) for refusal in refusals(results)] == [AlreadyVoidError]
    assert batch.void_ranges.count() == 1


def test_two_operators_who_remove_each_other_leave_one():
    house = makers.make_house()
    olga = makers.an_actor("Olga Operator", Role.OPERATOR, house)
    oscar = makers.an_actor("Oscar Operator", Role.OPERATOR, house)
    of_olga, of_oscar = Membership.objects.order_by("pk")

    results = at_once(
        lambda: revoke_role(of_oscar, by=olga, now=NOW), lambda: revoke_role(of_olga, by=oscar, now=NOW)
    )

    assert [type(refusal) for refusal in refusals(results)] == [LastOperatorError]
    assert Membership.objects.filter(role=Role.OPERATOR).count() == 1


def test_two_operators_who_shut_each_other_out_leave_one():
    house = makers.make_house()
    olga = makers.an_actor("Olga Operator", Role.OPERATOR, house)
    oscar = makers.an_actor("Oscar Operator", Role.OPERATOR, house)
    of_olga, of_oscar = User.objects.order_by("pk")

    results = at_once(
        lambda: deactivate_person(of_oscar, by=olga, now=NOW),
        lambda: deactivate_person(of_olga, by=oscar, now=NOW),
    )

    assert [type(refusal) for refusal in refusals(results)] == [LastOperatorError]
    assert User.objects.filter(is_active=True).count() == 1


def test_an_operator_is_not_removed_while_the_only_other_one_is_shut_out():
    house = makers.make_house()
    olga = makers.an_actor("Olga Operator", Role.OPERATOR, house)
    oscar = makers.an_actor("Oscar Operator", Role.OPERATOR, house)
    of_olga, of_oscar = User.objects.order_by("pk")

    results = at_once(
        lambda: deactivate_person(of_oscar, by=olga, now=NOW),
        lambda: revoke_role(Membership.objects.get(user=of_olga), by=oscar, now=NOW),
    )

    assert [type(refusal) for refusal in refusals(results)] == [LastOperatorError]
    assert User.objects.filter(is_active=True, memberships__role=Role.OPERATOR).count() == 1
