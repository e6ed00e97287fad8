"""Writing to the trail: one insert inside the caller's transaction."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import psycopg
from django.db import connection, transaction

from portal.core.actors import Identity

Fact = str | int | bool | None | list[str] | list[int]


class Subject(Protocol):
    """Whatever has a public id can be the subject of an entry."""

    @property
    def public_id(self) -> str: ...


# The transaction gets its number before the entry gets its id, by which the sealer knows when an id is final. Nothing
# comes back: whoever may only write needs no right to read.
_INSERT = """
INSERT INTO audit_entry (at, actor_kind, actor_id, act, subject_kind, subject_id, facts, within)
SELECT %(at)s::timestamptz, %(actor_kind)s::text, %(actor_id)s::text, %(act)s::text, %(subject_kind)s::text,
    %(subject_id)s::text, %(facts)s::jsonb, %(within)s::bigint[]
FROM pg_current_xact_id()
"""


def record(
    by: Identity, act: str, subject: Subject, *, now: datetime, within: Fact = None, **facts: Fact
) -> None:
    """Write down that `by` did `act` (noun.past_tense) to `subject`.

    Facts are ids, counts and field names; personal data and codes have no place here. An entry belongs to the
    organizations of its subject's `place`, if it has one; *within* lists their ids for what lies in several of
    a kind.
    """
    if not connection.in_atomic_block:
        message = "an entry belongs into the transaction of the act that it records"
        raise RuntimeError(message)
    values = {
        "at": now,
        "actor_kind": str(by.kind),
        "actor_id": by.id,
        "act": act,
        "subject_kind": type(subject).__name__.lower(),
        "subject_id": str(subject.public_id),
        "facts": json.dumps(facts),
        "within": f"{{{','.join(map(str, within if isinstance(within, list) else _organizations(subject)))}}}",
    }
    connection.ensure_connection()
    with connection.wrap_database_errors:
        psycopg.Cursor(connection.connection).execute(_INSERT, values, prepare=True)


@transaction.atomic(durable=True)
def record_reading(by: Identity, act: str, subject: Subject, *, now: datetime, **facts: Fact) -> None:
    """Write down, outside any operation, that `by` read or took away what is personal or much."""
    record(by, act, subject, now=now, **facts)


def _organizations(subject: Subject) -> list[int]:
    place = getattr(subject, "place", None)
    return sorted({int(pk) for pk in place.values() if pk}) if isinstance(place, Mapping) else []
