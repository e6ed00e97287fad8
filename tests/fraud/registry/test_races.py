"""A record and a look-up that come at once, and contributions told twice at once."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connections

from fraud.models import RegistryNotice, RegistryRecord, RegistryTally
from fraud.operations.registry.comparing import take_record
from fraud.rules.consortium import Registered
from portal.accounts.actors import SYSTEM
from tests.fraud.registry.scenes import NOW, ask, question, report

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[Any]:
    barrier = threading.Barrier(len(acts))
    found: list[Any] = [None] * len(acts)

    def work(number: int) -> None:
        barrier.wait()
        try:
            found[number] = acts[number]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_a_record_and_a_look_up_that_come_at_once_one_sees_the_other() -> None:
    ask(question("app_0000warm", "warm"))
    for number in range(8):
        asked = question(f"app_0000{number:04}", str(number))
        told = report(f"ctb_0000{number:04}", str(number))

        answers, _registered = at_once(partial(ask, asked), partial(take_record, told, by=SYSTEM, now=NOW))

        is_hit = bool(answers[0].hits)
        assert is_hit or RegistryNotice.objects.filter(inquiry__application=asked.application).exists()


def test_a_contribution_told_twice_at_once_is_one_record() -> None:
    ask(question("app_0000warm", "warm"))

    found = at_once(*[lambda: take_record(report(), by=SYSTEM, now=NOW)] * 4)

    assert len({each.record for each in found if isinstance(each, Registered)}) == 1
    assert RegistryRecord.objects.count() == 1
    assert sum(RegistryTally.objects.values_list("records", flat=True)) == 1


def test_an_application_asked_about_twice_at_once_counts_once() -> None:
    ask(question("app_0000warm", "warm"))

    at_once(*[lambda: ask(question("app_00000001"))] * 4)

    assert sum(RegistryTally.objects.values_list("inquiries", flat=True)) == 2
