"""What detectors are made of: an entry goes in, findings come out; and what several of them count."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from portal.audit.models import Entry
from portal.security.classes import Severity

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """What detectors need to know beside the entry, read once for many entries."""

    # The ids that are bait, with when each was marked.
    canaries: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should look at.

    Findings of one detector with the same `key` and `since` are one alert. `about` names the actor whom it is
    about, as kind and public id, where that is another than the entry's.
    """

    key: str
    since: datetime
    severity: Severity
    entries: list[int]
    facts: Mapping[str, Any] = field(default_factory=dict)
    about: tuple[str, str] | None = None


Look = Callable[[Entry, Scene], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Detector:
    """One idea: its name, which portal.security.words says to people, and how it looks at an entry."""

    name: str
    look: Look


def start_of(at: datetime, span: timedelta) -> datetime:
    """Give the start of the hour, day or other span that a moment lies in, counted in UTC."""
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(span.total_seconds()), UTC)


def lately(entry: Entry, span: timedelta) -> QuerySet[Entry]:
    """List the entries of the span that ends with this one, in the order of the trail."""
    return Entry.objects.filter(Q(at__gt=entry.at - span, at__lte=entry.at)).order_by("pk")


def by_same_actor(entry: Entry, span: timedelta) -> QuerySet[Entry]:
    """List what this entry's actor did in the span that ends with it."""
    return lately(entry, span).filter(actor_kind=entry.actor_kind, actor_id=entry.actor_id)
