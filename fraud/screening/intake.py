"""Taking applications in: sealed, tokenised and stored once each, whichever door they came by."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from fraud.models import Application as Row
from fraud.models import Institution, Submission
from fraud.operations.applications import NewApplication, Stored, put_earlier_rows, store_applications
from fraud.queries.applicants import StoredApplication, application_place, wrapped_keys
from fraud.rules.canonical import Application, from_json, to_json
from fraud.rules.signals import own_facts
from fraud.screening.tokens import own_tokens
from portal.accounts.actors import Actor
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import DataKey, seal, unseal
from portal.crypto.tokens import token
from portal.keys.scopes import ScopeKeys, keys_that_opened, scope_keys
from portal.keys.sealed import ErasedError, key_place

# One transaction takes so many at most.
MOST_AT_ONCE = 2_000


class Incoming(NamedTuple):
    """An application that has just arrived; *row_number* is its place in its submission, 0 for one that came alone."""

    canonical: Application
    row_number: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A stored application with its facts at hand.

    `is_new` only for the call that stored it; without `fits` the reference is on record with other facts, and what
    is given here is the record's id with the facts that were refused.
    """

    id: int
    public_id: str
    canonical: Application = field(repr=False)
    # What rules ask about (fraud.rules.signals), drawn when it was stored.
    facts: Mapping[str, Any] = field(repr=False)
    arrived_at: datetime
    row_number: int
    is_new: bool
    fits: bool
    # Keyed, of the facts given here.
    digest: bytes = field(default=b"", repr=False)


def take(
    institution: Institution,
    applications: Sequence[Incoming],
    *,
    submission: Submission | None = None,
    arrived_at: datetime,
    by: Actor,
    now: datetime,
) -> list[Taken]:
    """Store applications that are not stored yet, in one transaction, and give them in the order they came.

    *arrived_at*: of all rows of a submission the same moment, of one that came alone the present. Whoever takes the
    same again stores nothing and gets the same ids. Of rows of one file with one reference the first counts, even if
    a later one was stored before; which of them fit is known when all of the file is stored.
    """
    if not applications:
        return []
    applicants = scope_keys(Purpose.APPLICANTS, institution.scope)
    secret = scope_keys(Purpose.TOKENS, institution.scope).newest.key.secret
    ready = [_ready(institution, each, applicants, secret) for each in applications]
    stored = store_applications(
        institution,
        ready,
        submission=submission,
        scope_key_id=applicants.newest.row_id,
        arrived_at=arrived_at,
        by=by,
        now=now,
    )
    later: dict[int, NewApplication] = {}
    for each, row in zip(ready, stored, strict=True):
        if row.is_later:
            # Of several here the first as well.
            later.setdefault(row.id, each)
    if later and submission is not None:
        _put_before(submission, later, by=by, now=now)
    return [_taken(each, row) for each, row in zip(ready, stored, strict=True)]


def _put_before(
    submission: Submission, rows: Mapping[int, NewApplication], *, by: Actor, now: datetime
) -> None:
    """Seal rows under the keys of the applications that lie in their place, and put them there."""
    institution = submission.institution
    wrapped = wrapped_keys([each.public_id for each in rows.values()])
    sealed = {
        row_id: replace(
            each,
            sealed=seal(
                _key(institution, each.public_id, key),
                to_json(each.canonical),
                place=application_place(each.public_id),
            ),
        )
        for row_id, each in rows.items()
        # Somebody erased it meanwhile.
        if (key := wrapped.get(each.public_id)) is not None
    }
    put_earlier_rows(submission, sealed, by=by, now=now)


def reopen(institution: Institution, rows: Sequence[Row | StoredApplication]) -> list[Taken]:
    """Open stored applications of one institution again, in the order given, in one query for their keys.

    :raises ErasedError: one of them was erased
    :raises portal.crypto.sealing.UnsealError: one was tampered with
    """
    wrapped = wrapped_keys([row.public_id for row in rows])
    return [
        Taken(
            row.pk,
            row.public_id,
            from_json(_opened(institution, row, wrapped.get(row.public_id))),
            row.facts,
            row.arrived_at,
            row.row_number,
            is_new=False,
            fits=True,
        )
        for row in rows
    ]


def application_id(institution: Institution, reference: str) -> str:
    """Give the public id that an institution's reference has: the same whenever it is taken."""
    return _public_id(scope_keys(Purpose.TOKENS, institution.scope).newest.key.secret, reference)


def _ready(institution: Institution, given: Incoming, applicants: ScopeKeys, secret: bytes) -> NewApplication:
    canonical = given.canonical
    public_id, content = _public_id(secret, canonical.reference), to_json(canonical)
    key = DataKey.new()
    return NewApplication(
        public_id=public_id,
        canonical=canonical,
        row_number=given.row_number,
        digest=token(secret, "facts", content.decode()),
        sealed=seal(key, content, place=application_place(public_id)),
        wrapped_key=seal(applicants.newest.key, key.secret, place=key_place(public_id)),
        facts=own_facts(canonical),
        elements=own_tokens(institution, canonical),
    )


def _public_id(secret: bytes, reference: str) -> str:
    digest = token(secret, "application", reference)
    return f"app_{base64.b32encode(digest).decode().rstrip('=').lower()}"


def _taken(given: NewApplication, row: Stored) -> Taken:
    return Taken(
        row.id,
        row.public_id,
        given.canonical,
        given.facts,
        row.arrived_at,
        row.row_number,
        is_new=row.is_new,
        fits=row.fits,
        digest=given.digest,
    )


def _opened(institution: Institution, row: Row | StoredApplication, wrapped: bytes | None) -> bytes:
    if row.sealed is None or wrapped is None:
        raise ErasedError
    key = _key(institution, row.public_id, wrapped)
    return unseal(key, row.sealed, place=application_place(row.public_id))


def _key(institution: Institution, public_id: str, wrapped: bytes) -> DataKey:
    parent = keys_that_opened(Purpose.APPLICANTS, institution.scope, wrapped)
    return DataKey.of(unseal(parent, wrapped, place=key_place(public_id)))
