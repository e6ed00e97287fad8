"""The exact text that is hashed of entries and runs, made by the database: the same for sealing, verifying, exporting.

An entry is the JSON object of its columns in this order, a moment as ISO 8601 in UTC without its zone.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from portal.audit.runs import RunSource

ENTRY = (
    "SELECT id, at AT TIME ZONE 'UTC' AS at, actor_kind, actor_id, act, subject_kind, subject_id, facts, within"
    " FROM audit_entry"
)

# One row for many entries, so that neither the database nor we spend our time on the passing of rows.
_UNSEALED = sql.SQL("""
SELECT array_agg(line.id ORDER BY line.id),
    convert_to(string_agg(row_to_json(line)::text, E'\\n' ORDER BY line.id), 'UTF8')
FROM (
    {entry}
    WHERE id > %(after)s::bigint AND NOT EXISTS (
        SELECT FROM audit_link link WHERE link.entry_id = audit_entry.id AND link.entry_id > %(after)s::bigint
    )
    ORDER BY id LIMIT %(most)s::bigint
) line
""").format(entry=sql.SQL(ENTRY))

_SEALED = sql.SQL("""
SELECT array_agg(link.position ORDER BY link.position),
    array_agg(link.entry_id ORDER BY link.position),
    string_agg(left(link.kind, 1), '' ORDER BY link.position),
    string_agg(link.digest, '' ORDER BY link.position),
    convert_to(
        string_agg(coalesce(row_to_json(entry)::text, replace(link.body, E'\\n', ' ')), E'\\n' ORDER BY link.position),
        'UTF8'
    )
FROM audit_link link LEFT JOIN ({entry}) entry ON entry.id = link.entry_id
WHERE link.position > %(after)s::bigint AND link.position <= %(upto)s::bigint
""").format(entry=sql.SQL(ENTRY))


class Unsealed(NamedTuple):
    """Entries without a link, in the order of their ids."""

    ids: list[int]
    bodies: list[bytes]


class Sealed(NamedTuple):
    """Links in the order of their positions, with what they seal; an entry that is gone has an empty body."""

    positions: list[int]
    entries: list[int | None]
    kinds: list[str]
    digests: bytes
    bodies: list[bytes]


_KINDS = {"e": "entry", "r": "run"}


def unsealed(after: int, most: int) -> Unsealed:
    """Give the next entries with ids above *after* that no link seals."""
    ids, bodies = _row(_UNSEALED, {"after": after, "most": most})
    return Unsealed(ids, bytes(bodies).split(b"\n")) if ids else Unsealed([], [])


def sealed(after: int, upto: int) -> Sealed:
    """Give the links with positions above *after*, up to and with *upto*."""
    positions, entries, kinds, digests, bodies = _row(_SEALED, {"after": after, "upto": upto})
    if not positions:
        return Sealed([], [], [], b"", [])
    kinds = [_KINDS[kind] for kind in kinds]
    return Sealed(positions, entries, kinds, bytes(digests), bytes(bodies).split(b"\n"))


def run_body(source: RunSource, first: int, last: int) -> str:
    """Write the text that seals a run: how many rows have ids from *first* to *last*, and the SHA-256 of their lines.

    Each row is the JSON object of the source's columns and a newline, in the order of the ids.
    """
    query = sql.SQL(
        """
        SELECT count(*), encode(sha256(convert_to(
            coalesce(string_agg(row_to_json(line)::text || E'\\n', '' ORDER BY line.id), ''), 'UTF8')), 'hex')
        FROM (SELECT {selection} FROM {table} WHERE id BETWEEN %(first)s AND %(last)s) line
        """
    ).format(selection=sql.SQL(source.selection), table=sql.Identifier(source.table))
    rows, digest = _row(query, {"first": first, "last": last})
    facts: dict[str, Any] = {
        "source": source.name,
        "first": first,
        "last": last,
        "rows": rows,
        "sha256": digest,
    }
    return json.dumps(facts, separators=(",", ":"))


def _row(query: sql.Composed, values: Mapping[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()
