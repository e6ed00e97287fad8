"""Who applied: opened from what is sealed, masked for pages, found again by token."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from fraud.models import Application
from fraud.rules import canonical
from fraud.rules.masking import MaskedParty, masked_parties
from portal.core.arrays import integers, texts
from portal.core.db import prepared
from portal.crypto.sealing import Place
from portal.keys.sealed import ErasedError, open_for_subject

_STORED = """
SELECT id, public_id, sealed, facts::text, facts_digest, arrived_at, row_number FROM fraud_application
WHERE id = ANY(%(applications)s::bigint[])
"""
_KEYS = "SELECT subject, wrapped FROM keys_subjectkey WHERE subject = ANY(%(subjects)s::text[])"


class StoredApplication(NamedTuple):
    """What stage two needs of an application: a thousand of them, where models would be half of the work."""

    pk: int
    public_id: str
    # None of an erased one.
    sealed: bytes | None
    facts: dict[str, Any]
    facts_digest: bytes
    arrived_at: datetime
    row_number: int


def stored_applications(ids: Iterable[int]) -> dict[int, StoredApplication]:
    """Give stored applications, still sealed, by their rows."""
    return {
        pk: StoredApplication(pk, public_id, sealed, orjson.loads(facts), *rest)
        for pk, public_id, sealed, facts, *rest in prepared(_STORED, {"applications": integers(ids)})
    }


def wrapped_keys(public_ids: Iterable[str]) -> dict[str, bytes | None]:
    """Give the wrapped keys of applications by their public ids; None of erased ones."""
    return dict(prepared(_KEYS, {"subjects": texts(public_ids)}))


def application_place(public_id: str) -> Place:
    """Say where the sealed facts of an application lie."""
    return Place("fraud_application", "sealed", public_id)


def note_place(public_id: str) -> Place:
    """Say where a sealed note on a case lies."""
    return Place("fraud_casenote", "sealed", public_id)


def opened_application(application: Application) -> canonical.Application:
    """Open the facts of an application, for a page that masks them or an operation that records the reading.

    :raises ErasedError: the applicant was erased
    """
    if application.sealed is None:
        raise ErasedError
    place = application_place(application.public_id)
    return canonical.from_json(
        open_for_subject(application.sealed, subject=application.public_id, place=place)
    )


def masked(application: Application) -> list[MaskedParty]:
    """Give the parties of an application behind masks; none for an erased one."""
    try:
        return masked_parties(opened_application(application))
    except ErasedError:
        return []
