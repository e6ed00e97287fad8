"""Scenes for the tests of the chain: entries, sealing to the end, and somebody above the database's own rules."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry, Mark
from portal.audit.operations import Subject, record
from portal.audit.operations.sealing import seal_entries
from tests.makers import NOW


def write(subject: Subject, count: int = 1, **facts: Any) -> None:
    """Write entries about one thing in one transaction."""
    with transaction.atomic():
        for number in range(count):
            record(SYSTEM, "market.praised", subject, now=NOW, number=number, **facts)


def seal_now(most: int = 10_000) -> None:
    """Seal what there is, whatever transactions are under way."""
    for _time in range(2):
        while seal_entries(now=NOW, most=most):
            pass


def seal_all(most: int = 10_000) -> None:
    """Seal until every id is final: the tests beside us have transactions in the same engine, which come to an end."""

    def is_final() -> bool:
        seal_now(most)
        newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        return Mark.objects.get(pk=Mark.ENTRIES).sealed_to >= newest

    until(is_final)


def until(condition: Callable[[], object]) -> Any:
    """Ask again and again until something is so, and give what it is."""
    deadline = time.monotonic() + 120
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("a transaction elsewhere did not come to its end")
        time.sleep(0.05)
    return found


@contextmanager
def above_the_rules(*tables: str) -> Iterator[Any]:
    """Be a superuser who has switched off what protects these tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
