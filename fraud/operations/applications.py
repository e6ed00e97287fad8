"""Storing applications: each once, sealed under a key of its own, beside the tokens that find it again."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from fraud.models import Institution, Submission
from fraud.rules.canonical import Application
from portal.accounts.actors import Actor
from portal.core.arrays import blobs, integers, texts
from portal.core.db import prepared


@dataclass(frozen=True, slots=True)
class NewApplication:
    """An application ready to be stored: sealed, with its tokens, and nothing in the open that names anybody."""

    public_id: str
    canonical: Application = field(repr=False)
    row_number: int
    digest: bytes
    sealed: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    facts: Mapping[str, Any]
    # Kind and token.
    elements: Sequence[tuple[str, bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """Where an application lies; `is_new` only for the one that put it there, `fits` unless its facts are others."""

    id: int
    public_id: str
    arrived_at: datetime
    row_number: int
    is_new: bool
    fits: bool
    # It lies there for a later row of the same file.
    is_later: bool = False


# Application, key and elements in one statement: what was there already gets neither a second key nor second tokens.
_STORE = """
WITH given AS (
    SELECT * FROM unnest(%(public_ids)s::text[], %(row_numbers)s::bigint[], %(references)s::text[],
        %(digests)s::bytea[], %(products)s::text[], %(channels)s::text[], %(currencies)s::text[],
        %(amounts)s::bigint[], %(submitted)s::timestamptz[], %(sealed)s::bytea[], %(facts)s::text[],
        %(wrapped)s::bytea[])
    WITH ORDINALITY AS given(public_id, row_number, reference, digest, product, channel, currency, amount,
        submitted_at, sealed, facts, wrapped, place)
), made AS (
    INSERT INTO fraud_application (public_id, institution_id, submission_id, row_number, reference, facts_digest,
        product, channel, currency, amount, submitted_at, arrived_at, sealed, facts)
    SELECT public_id, %(institution)s::bigint, %(submission)s::bigint, row_number, reference, digest, product,
        channel, currency, amount, submitted_at, %(arrived_at)s::timestamptz, sealed, facts::jsonb
    FROM given
    ON CONFLICT DO NOTHING
    RETURNING id, public_id, row_number
), placed AS (
    SELECT made.id, public_id, made.row_number, place, wrapped FROM made JOIN given USING (public_id)
), keys AS (
    INSERT INTO keys_subjectkey (subject, scope_key_id, wrapped, created_at)
    SELECT public_id, %(scope_key)s::bigint, wrapped, %(now)s::timestamptz FROM placed
), elements AS (
    INSERT INTO fraud_fraudelement (institution_id, application_id, kind, token, arrived_at, row_number)
    SELECT %(institution)s::bigint, placed.id, kind, token, %(arrived_at)s::timestamptz, row_number
    FROM unnest(%(places)s::bigint[], %(kinds)s::text[], %(tokens)s::bytea[]) AS element(place, kind, token)
    JOIN placed USING (place)
)
SELECT public_id, id FROM made
"""
_KNOWN = """
SELECT reference, id, public_id, arrived_at, row_number, submission_id, facts_digest FROM fraud_application
WHERE institution_id = %(institution)s::bigint AND reference = ANY(%(references)s::text[])
"""


@transaction.atomic(durable=True)
def store_applications(
    institution: Institution,
    applications: Sequence[NewApplication],
    *,
    submission: Submission | None = None,
    scope_key_id: int,
    arrived_at: datetime,
    by: Actor,
    now: datetime,
) -> list[Stored]:
    """Store what is not there yet, and say of each, in the order given, where it lies.

    Of two with one reference the first is stored; the other `fits` if its facts are the same. `arrived_at` and the
    row number say what came before what. The actor is in the caller's own records: rows are too many for entries.
    """
    first: dict[str, NewApplication] = {}
    for each in applications:
        first.setdefault(each.canonical.reference, each)
    # In the order of references, so that two chunks with the same ones wait for each other but never in a circle.
    values = _columns([first[reference] for reference in sorted(first)]) | {
        "institution": institution.pk,
        "submission": submission.pk if submission else None,
        "scope_key": scope_key_id,
        "arrived_at": arrived_at,
        "now": now,
    }
    made = dict(prepared(_STORE, values))
    file = submission.pk if submission else None
    known = {
        reference: (made[each.public_id], each.public_id, arrived_at, each.row_number, file, each.digest)
        for reference, each in first.items()
        if each.public_id in made
    }
    others = [reference for reference in first if reference not in known]
    if others:
        # A statement of its own: it sees what another transaction stored while this one waited for it.
        rows = prepared(_KNOWN, {"institution": institution.pk, "references": others})
        known |= {reference: (*rest, bytes(digest)) for reference, *rest, digest in rows}
    owners = {id(each) for each in first.values() if each.public_id in made}
    return [_stored(each, known[each.canonical.reference], owners, file) for each in applications]


def _stored(given: NewApplication, lies: tuple[Any, ...], owners: set[int], file: int | None) -> Stored:
    row_id, public_id, arrived_at, row_number, lies_for, digest = lies
    fits = hmac.compare_digest(digest, given.digest)
    is_later = file is not None and lies_for == file and given.row_number < row_number
    return Stored(row_id, public_id, arrived_at, row_number, id(given) in owners, fits, is_later)


_PRECEDE = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(row_numbers)s::bigint[], %(digests)s::bytea[], %(products)s::text[],
        %(channels)s::text[], %(currencies)s::text[], %(amounts)s::bigint[], %(submitted)s::timestamptz[],
        %(sealed)s::bytea[], %(facts)s::text[])
    WITH ORDINALITY AS given(id, row_number, digest, product, channel, currency, amount, submitted_at, sealed, facts,
        place)
), moved AS (
    UPDATE fraud_application row SET row_number = given.row_number, facts_digest = digest, product = given.product,
        channel = given.channel, currency = given.currency, amount = given.amount, sealed = given.sealed,
        submitted_at = given.submitted_at, facts = given.facts::jsonb
    FROM given
    WHERE row.id = given.id AND row.submission_id = %(submission)s::bigint AND row.row_number > given.row_number
        AND row.erased_at IS NULL
        AND NOT EXISTS (SELECT FROM fraud_screening WHERE application_id = row.id)
    RETURNING row.id, given.place
), gone AS (
    DELETE FROM fraud_fraudelement USING moved WHERE application_id = moved.id
)
SELECT place FROM moved
"""
# A statement of its own: the one before may not have deleted yet what this one puts in its place.
_PUT_ELEMENTS = """
INSERT INTO fraud_fraudelement (institution_id, application_id, kind, token, arrived_at, row_number)
SELECT institution_id, row.id, kind, token, arrived_at, row.row_number
FROM unnest(%(places)s::bigint[], %(kinds)s::text[], %(tokens)s::bytea[]) AS element(place, kind, token)
JOIN unnest(%(ids)s::bigint[]) WITH ORDINALITY AS given(id, place) USING (place)
JOIN fraud_application AS row USING (id)
WHERE place = ANY(%(moved)s::bigint[])
RETURNING application_id
"""
# In their order, and before the statement that looks at what lies there.
_HOLD = "SELECT id FROM fraud_application WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR UPDATE"


@transaction.atomic(durable=True)
def put_earlier_rows(
    submission: Submission, rows: Mapping[int, NewApplication], *, by: Actor, now: datetime
) -> int:
    """Put rows of a file in the place of later rows of it with the same references; return how many.

    Workers store chunks in any order, and of one reference the first row of the file counts. *rows*: by the
    application that lies there, sealed under its key. What has been screened or erased stays as it is.
    """
    given = list(rows.values())
    values = _columns(given) | {"ids": integers(rows), "submission": submission.pk}
    prepared(_HOLD, {"ids": integers(sorted(rows))})
    moved = [place for (place,) in prepared(_PRECEDE, values)]
    prepared(_PUT_ELEMENTS, values | {"moved": integers(moved)})
    return len(moved)


def _columns(applications: Sequence[NewApplication]) -> dict[str, Any]:
    """Lay applications out column by column, as `unnest` takes them; elements name theirs by its place, from 1."""
    facts = [each.canonical for each in applications]
    elements = [(place, *element) for place, each in enumerate(applications, 1) for element in each.elements]
    return {
        "public_ids": texts(each.public_id for each in applications),
        "row_numbers": integers(each.row_number for each in applications),
        "digests": blobs(each.digest for each in applications),
        "sealed": blobs(each.sealed for each in applications),
        "wrapped": blobs(each.wrapped_key for each in applications),
        "facts": texts(orjson.dumps(each.facts).decode() for each in applications),
        "references": texts(each.reference for each in facts),
        "products": texts(each.product for each in facts),
        "channels": texts(each.channel for each in facts),
        "currencies": texts(each.currency for each in facts),
        "amounts": integers(each.amount for each in facts),
        "submitted": [each.submitted_at for each in facts],
        "places": integers(place for place, _kind, _token in elements),
        "kinds": texts(kind for _place, kind, _token in elements),
        "tokens": blobs(token for _place, _kind, token in elements),
    }
