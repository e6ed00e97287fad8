"""Scenes for the tests of the chain: entries, sealing to the end, and somebody above the database's own rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from portal.accounts.actors import SYSTEM
from portal.audit.operations import Subject, record
from portal.audit.operations.sealing import seal_entries
from tests.makers import NOW


def write(subject: Subject, count: int = 1, **facts: Any) -> None:
    """Write entries about one thing in one transaction."""
    with transaction.atomic():
        for number in range(count):
            record(SYSTEM, "market.praised", subject, now=NOW, number=number, **facts)


def seal_all(most: int = 10_000) -> None:
    """Seal until nothing is left and every id is final."""
    for _time in range(3):
        while seal_entries(now=NOW, most=most):
            pass


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
