"""What the database decides: locks, and constraints whose violation is a refusal in words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from django.db import DatabaseError, IntegrityError, OperationalError, connection, models
from psycopg import errors

from portal.core.errors import DomainError, UnavailableError
from portal.core.phrases import Phrase

M = TypeVar("M", bound=models.Model)


class BusyError(UnavailableError):
    """Refuse because another transaction holds the row for too long."""

    title = Phrase("Somebody else is working on this just now")


def locked(model: type[M], row: M, *related: str) -> M:
    """Read the row again and hold it until the transaction ends.

    :raises BusyError: it stays locked for longer than lock_timeout
    """
    if not connection.in_atomic_block:
        message = "a lock outside a transaction holds nothing"
        raise RuntimeError(message)
    rows = model._default_manager.select_for_update(of=("self",)).select_related(*related)
    try:
        return rows.get(pk=row.pk)
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable):
            raise BusyError(
                Phrase("Another change to the same thing is under way. Try again in a moment.")
            ) from error
        raise


@contextmanager
def refusing(constraint: str, refusal: DomainError) -> Iterator[None]:
    """Turn the violation of one named constraint into its refusal; any other integrity error flies."""
    try:
        yield
    except IntegrityError as error:
        if violated_constraint(error) == constraint:
            raise refusal from error
        raise


def violated_constraint(error: DatabaseError) -> str | None:
    """Name the constraint that PostgreSQL says was violated, if any."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, errors.Error) else None


def prepared(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement that the server plans once and keeps: for the few on the path of every redemption."""
    return prepared_together((statement, values))[0]


def prepared_together(*steps: tuple[str, Mapping[str, Any]]) -> list[list[tuple[Any, ...]]]:
    """Run prepared statements in their order, in one round trip; give the rows of each.

    Each sees what was committed until it started, and none the rows of another.
    """
    connection.ensure_connection()
    link = connection.connection
    with connection.wrap_database_errors:
        connection.tell_tenants()  # type: ignore[attr-defined]
        cursors = [psycopg.Cursor(link) for _step in steps]
        if len(steps) == 1:
            cursors[0].execute(*steps[0], prepare=True)
        else:
            with link.pipeline():
                for cursor, (statement, values) in zip(cursors, steps, strict=True):
                    cursor.execute(statement, values, prepare=True)
        return [cursor.fetchall() for cursor in cursors]


def prepared_in_turn(*steps: tuple[str, Mapping[str, Any]]) -> list[list[tuple[Any, ...]]]:
    """Run prepared statements in one round trip, each a transaction of its own unless one is open; give their rows.

    Each sees what the one before it has committed.
    """
    connection.ensure_connection()
    link = connection.connection
    with connection.wrap_database_errors:
        connection.tell_tenants()  # type: ignore[attr-defined]
        cursors = [psycopg.Cursor(link) for _step in steps]
        with link.pipeline() as pipeline:
            for cursor, (statement, values) in zip(cursors, steps, strict=True):
                cursor.execute(statement, values, prepare=True)
                pipeline.sync()
        return [cursor.fetchall() for cursor in cursors]
