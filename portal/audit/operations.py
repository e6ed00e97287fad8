"""Writing to the trail: one insert inside the caller's transaction."""

from datetime import datetime
from typing import Protocol

from django.db import connection

from portal.audit.models import Entry
from portal.core.actors import Identity

Fact = str | int | bool | None | list[str] | list[int]


class Subject(Protocol):
    """Whatever has a public id can be the subject of an entry."""

    @property
    def public_id(self) -> str: ...


def record(by: Identity, act: str, subject: Subject, *, now: datetime, **facts: Fact) -> None:
    """Write down that `by` did `act` (noun.past_tense) to `subject`.

    Facts are ids, counts and field names; personal data and codes have no place here.
    """
    if not connection.in_atomic_block:
        message = "an entry belongs into the transaction of the act that it records"
        raise RuntimeError(message)
    Entry.objects.create(
        at=now,
        actor_kind=by.kind,
        actor_id=by.id,
        act=act,
        subject_kind=type(subject).__name__.lower(),
        subject_id=str(subject.public_id),
        facts=facts,
    )
