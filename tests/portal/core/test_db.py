"""Locks, constraints in words, ids and nudges."""

import threading
import time

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns.jobs import Job
from campaigns.models import Brand
from portal.core.db import BusyError, locked, refusing
from portal.core.errors import DomainError, InvalidError, Kind
from portal.core.ids import new_id
from portal.core.jobs import nudge, nudge_each, waiting
from tests import makers


class TakenError(DomainError):
    kind = Kind.CONFLICT
    code = "taken"


# ── Locks ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_a_lock_outside_a_transaction_is_refused():
    market = makers.make_market()

    with pytest.raises(RuntimeError, match="holds nothing"):
        locked(type(market), market)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_stays_locked_is_refused_in_words():
    market = makers.make_market()
    is_held, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locked(type(market), market)
            is_held.set()
            may_go.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    is_held.wait(20)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        with pytest.raises(BusyError, match="Try again in a moment"):
            locked(type(market), market)
        transaction.set_rollback(True)

    may_go.set()
    holder.join()


@pytest.mark.django_db
def test_a_locked_row_is_read_again():
    market = makers.make_market()
    type(market).objects.filter(pk=market.pk).update(currency="USD")

    assert locked(type(market), market).currency == "USD"


# ── Constraints ──────────────────────────────────────────────────────────────────────────────────────────


def a_second(brand):
    return Brand(public_id=new_id("brd"), kind=Brand.KIND, name="Another", code=brand.code)


@pytest.mark.django_db
def test_a_named_constraint_becomes_its_refusal(lumo):
    with (
        pytest.raises(TakenError),
        transaction.atomic(),
        refusing("campaigns_brand_code_key", TakenError("taken")),
    ):
        a_second(lumo).save()


@pytest.mark.django_db
def test_any_other_violation_flies(lumo):
    with pytest.raises(IntegrityError), transaction.atomic(), refusing("another", TakenError("taken")):
        a_second(lumo).save()


# ── Errors and ids ───────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_without_words_says_its_title():
    assert DomainError().detail == DomainError.title


def test_a_refusal_of_one_field_names_it():
    assert InvalidError.of("quantity", "Too many.").fields == {"quantity": "Too many."}


def test_ids_keep_their_order_in_time_and_never_repeat():
    first = new_id("bat")
    time.sleep(0.002)
    later = [new_id("bat") for _ in range(1000)]

    assert first < min(later)
    assert len(set(later)) == 1000
    assert all(len(one) == 30 and one.startswith("bat_") for one in later)


# ── Nudges ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_nudges_wait_for_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        nudge(Job.FINISH_DELIVERY, batch_id=1)
        before = waiting("campaigns")

    assert (before, waiting("campaigns")) == (0, 1)


@pytest.mark.django_db
def test_a_rolled_back_change_nudges_nobody(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        nudge(Job.FINISH_DELIVERY, batch_id=1)
        transaction.set_rollback(True)

    assert waiting("campaigns") == 0


@pytest.mark.django_db
def test_what_is_due_overtakes_the_many_files_of_a_delivery(django_capture_on_commit_callbacks, redis_client):
    with django_capture_on_commit_callbacks(execute=True):
        nudge_each(Job.GENERATE_FILE, file_id=range(5))
        nudge(Job.ACTIVATE_DUE, batch_id=1)

    assert waiting("campaigns") == 6
    assert redis_client.llen("campaigns") == 1
