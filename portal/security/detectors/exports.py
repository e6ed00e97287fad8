"""Off-hours export: somebody takes data away while nobody where they work is at work."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from portal.audit.models import Entry
from portal.core.actors import ActorKind
from portal.security.classes import Severity
from portal.security.detectors.findings import DAY, Detector, Finding, Scene, start_of
from portal.security.queries import organizations_of, zones_of
from portal.security.thresholds import Thresholds


def is_off_hours(at: datetime, zone: ZoneInfo, usual: Thresholds) -> bool:
    """Say whether a moment lies outside the working hours of a zone.

    A day that ends before it begins goes on after midnight, in the hours of the day that follows.
    """
    local = at.astimezone(zone)
    clock, begins, ends = local.time(), usual.day_begins, usual.day_ends
    if local.isoweekday() not in usual.working_days:
        return True
    if begins <= ends:
        return not begins <= clock < ends
    return ends <= clock < begins


def look(entry: Entry, _scene: Scene) -> Iterator[Finding]:
    """Ask whether it is working time in any zone of the actor's organizations."""
    if not entry.act.endswith(".exported") or entry.actor_kind == ActorKind.SYSTEM:
        return
    zones = zones_of(organizations_of(entry.actor_kind, entry.actor_id))
    if all(is_off_hours(entry.at, zone, settings.DETECT) for zone in zones):
        local = entry.at.astimezone(zones[0])
        facts = {"act": entry.act, "zone": zones[0].key, "clock": local.strftime("%H:%M")}
        yield Finding(entry.actor_id, start_of(entry.at, DAY), Severity.MEDIUM, [entry.pk], facts)


DETECTOR = Detector("off_hours_export", look)
