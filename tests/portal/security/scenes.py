"""Scenes for detectors and streams: entries of the trail at chosen moments, sealed in their order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry, Link, LinkKind
from portal.audit.operations import record
from portal.core.actors import Identity
from portal.security.models import Alert
from portal.security.operations.watching import watch_entries
from tests.makers import NOW


@dataclass(frozen=True)
class Thing:
    """Something that entries are about."""

    public_id: str = "thg_01"
    place: Any = None


def note(by: Identity, act: str, subject: Any = None, *, at: datetime = NOW, **facts: Any) -> None:
    """Write one entry, as an operation would."""
    with transaction.atomic():
        record(by, act, subject or Thing(), now=at, **facts)


def seal() -> None:
    """Give every entry that has no link yet the next place in the chain, with a digest that nobody checks here."""
    head = Link.objects.aggregate(head=Max("position"))["head"] or 0
    left = Entry.objects.filter(link=None).order_by("pk")
    Link.objects.bulk_create(
        Link(position=head + place, kind=LinkKind.ENTRY, entry=entry, digest=bytes(32))
        for place, entry in enumerate(left, start=1)
    )


def lose_an_entry() -> None:
    """Leave a link whose entry somebody has removed behind the back of the database's own rules."""
    head = Link.objects.aggregate(head=Max("position"))["head"] or 0
    Link.objects.create(position=head + 1, kind=LinkKind.ENTRY, entry_id=2**40 + head, digest=bytes(32))


def watched(now: datetime = NOW) -> list[Alert]:
    """Seal what was written and show it to the detectors; give the alerts of all time."""
    seal()
    while watch_entries(by=SYSTEM, now=now):
        pass
    return list(Alert.objects.order_by("pk"))
