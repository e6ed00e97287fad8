"""Watch lists: put on once, taken off once, by whoever may, and nothing but tokens."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from fraud.models import Institution, WatchEntry
from fraud.operations.watch_lists import ListedAlreadyError, add_to_watch_list, remove_watch_entry
from fraud.rules.watching import WatchList, WatchReason
from portal.accounts.actors import Actor
from portal.core.errors import ForbiddenError, InvalidError
from tests.makers_fraud import NOW

pytestmark = pytest.mark.django_db(transaction=True)
PHONES = [("phone.1", b"a" * 16), ("phone.1", b"b" * 16)]


def added(bank: Institution, by: Actor, elements: list[tuple[str, bytes]] = PHONES) -> int:
    return add_to_watch_list(
        bank, elements, listed=WatchList.SUSPECT, reason=WatchReason.PATTERN, by=by, now=NOW
    )


def test_puts_each_on_a_list_once(bank_a: Institution, analyst: Actor) -> None:
    assert added(bank_a, analyst, PHONES[:1]) == 1
    assert added(bank_a, analyst) == 1

    assert WatchEntry.objects.count() == 2
    with pytest.raises(ListedAlreadyError):
        added(bank_a, analyst)


def test_takes_one_off_once(bank_a: Institution, analyst: Actor) -> None:
    added(bank_a, analyst, PHONES[:1])
    entry = WatchEntry.objects.get()

    remove_watch_entry(entry, by=analyst, now=NOW)

    assert not WatchEntry.objects.exists()
    with pytest.raises(WatchEntry.DoesNotExist):
        remove_watch_entry(entry, by=analyst, now=NOW)


@pytest.mark.parametrize("elements", [[], [("name-phone.1", b"a" * 16)], [("phone.1", b"a" * 16)] * 10_001])
def test_refuses_what_cannot_be_watched_for(
    elements: list[tuple[str, bytes]], bank_a: Institution, analyst: Actor
) -> None:
    with pytest.raises(InvalidError):
        added(bank_a, analyst, elements)


def test_refuses_strangers(bank_a: Institution, analyst: Actor, lead_of_b: Actor) -> None:
    with pytest.raises(ForbiddenError):
        added(bank_a, lead_of_b)
    added(bank_a, analyst, PHONES[:1])
    with pytest.raises(ForbiddenError):
        remove_watch_entry(WatchEntry.objects.get(), by=lead_of_b, now=NOW)


def test_two_who_add_the_same_at_once_add_it_once(bank_a: Institution, analyst: Actor) -> None:
    start = Barrier(2)

    def add(_number: int) -> int:
        start.wait()
        try:
            return added(bank_a, analyst)
        except ListedAlreadyError:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = sorted(pool.map(add, range(2)))

    assert counts == [0, 2]
    assert WatchEntry.objects.count() == 2
