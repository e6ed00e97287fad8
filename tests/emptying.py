"""Emptying the database behind a test that commits: of what holds rows alone, and none of it made anew.

Django would truncate every table and write its content types and permissions again, which takes longer than
most of these tests.
"""

from functools import cache

import pgtrigger
from django.db import connection, transaction
from django.test import TransactionTestCase

# What migrating wrote, and no test changes.
_STAY = {"django_content_type", "auth_permission"}


def empty_instead_of_flushing() -> None:
    """Let each test that commits leave this way from now on."""
    TransactionTestCase._fixture_teardown = lambda _: empty_tables()  # type: ignore[attr-defined]


def empty_tables() -> None:
    """Delete every row; what protects rows one by one looks away."""
    names = _tables()
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever writes still comes to an end first, as before a TRUNCATE.
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
        # A policy that hides rows is an error here, not a row left behind.
        cursor.execute("SET LOCAL row_security = off")
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
        )
        with_rows = [name for (name,) in cursor.fetchall()]
        with pgtrigger.ignore():
            for name in with_rows:
                cursor.execute(f"DELETE FROM {name}")


@cache
def _tables() -> list[str]:
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(connection.ops.quote_name(name) for name in {*found} - _STAY)
