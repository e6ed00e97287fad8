"""What the database decides: locks, and constraints whose violation is a refusal in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection, models
from psycopg import errors

from portal.core.errors import DomainError, UnavailableError

M = TypeVar("M", bound=models.Model)


class BusyError(UnavailableError):
    """Refuse because another transaction holds the row for too long."""

    title = "Somebody else is working on this just now"


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
                "Another change to the same thing is under way. Try again in a moment."
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
