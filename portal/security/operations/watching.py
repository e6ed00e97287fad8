"""Watching the trail: every sealed entry goes past every detector once, and what they find becomes an alert."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from portal.accounts.actors import SYSTEM, Actor
from portal.audit.models import Entry, Link
from portal.audit.operations import record
from portal.audit.queries import sealed_entries
from portal.core.db import locked
from portal.security.detectors import DETECTORS
from portal.security.detectors.findings import Finding, Scene
from portal.security.models import Alert, AlertState, Canary, StreamCursor
from portal.security.queries import DETECTORS_CURSOR, organizations_of, people_behind

CHUNK = 500
# How many of the entries that led to an alert are kept with it.
MOST_ENTRIES = 200
_ADDED = ["times", "last_at", "entries", "facts", "severity", "state", "closed_at", "holder"]


@transaction.atomic(durable=True)
def watch_entries(*, by: Actor, now: datetime) -> int:
    """Show the next sealed entries to the detectors; return how many there were.

    The cursor moves in the transaction that opens the alerts: a worker that is killed leaves neither.
    """
    row, _is_new = StreamCursor.objects.get_or_create(name=DETECTORS_CURSOR)
    cursor = locked(StreamCursor, row)
    links = list(sealed_entries(after=cursor.position, limit=CHUNK))
    if not links:
        return 0
    scene = Scene(dict(Canary.objects.values_list("subject_id", "marked_at")))
    for link in links:
        for detector, entry, finding in _found(link, scene):
            _open_alert(detector, entry, finding, now)
    cursor.position, cursor.sent_at = links[-1].position, now
    cursor.save(update_fields=["position", "sent_at"])
    return len(links)


def _found(link: Link, scene: Scene) -> Iterator[tuple[str, Entry, Finding]]:
    """Show an entry to each detector; one that is gone from its table is found by the trail's verification."""
    if link.entry is None:
        return
    for detector in DETECTORS.values():
        for finding in detector.look(link.entry, scene):
            yield detector.name, link.entry, finding


def _open_alert(detector: str, entry: Entry, finding: Finding, now: datetime) -> None:
    """Open an alert, or add to the one that the detector opened about the same thing."""
    actor_kind, actor_id = finding.about or (entry.actor_kind, entry.actor_id)
    # Held, since somebody may be closing it just now.
    alert, is_new = Alert.objects.select_for_update().get_or_create(
        detector=detector,
        key=finding.key,
        since=finding.since,
        defaults={
            "severity": finding.severity,
            "actor_kind": actor_kind,
            "actor_id": actor_id,
            "subject_kind": entry.subject_kind,
            "subject_id": entry.subject_id,
            "about": people_behind(actor_kind, actor_id),
            "within": entry.within or organizations_of(actor_kind, actor_id),
            "facts": finding.facts,
            "entries": finding.entries[-MOST_ENTRIES:],
            "opened_at": now,
            "last_at": entry.at,
        },
    )
    if is_new:
        record(SYSTEM, "alert.opened", alert, now=now, **alert.told)
        return
    _add(alert, entry, finding, now)


def _add(alert: Alert, entry: Entry, finding: Finding, now: datetime) -> None:
    """Add a finding to its alert; one that was closed waits for somebody again, since what it is about goes on."""
    is_over = alert.closed_at is not None and alert.closed_at < entry.at
    alert.times, alert.last_at = alert.times + 1, max(alert.last_at, entry.at)
    alert.entries = sorted({*alert.entries, entry.pk})[:MOST_ENTRIES]
    alert.facts, alert.severity = finding.facts, max(alert.severity, finding.severity)
    if is_over:
        alert.state, alert.closed_at, alert.holder = AlertState.OPEN, None, None
    alert.save(update_fields=_ADDED)
    if is_over:
        record(SYSTEM, "alert.reopened", alert, now=now, **alert.told)
