"""Canary touched: somebody did something to a thing that nobody has a reason to touch."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from portal.audit.models import Entry
from portal.core.actors import ActorKind
from portal.security.classes import Severity
from portal.security.detectors.findings import HOUR, Detector, Finding, Scene, start_of

# Entries about the marks and the alerts themselves, which name what they are about.
_OWN = ("canary.", "alert.")


def touched(entry: Entry, canaries: Mapping[str, datetime]) -> list[str]:
    """List the canaries that an entry names: as its subject, among its facts, or as who acted, such as bait keys.

    *canaries*: id → when it was marked; what was done before that is no touch.
    """
    named = {entry.subject_id, entry.actor_id}
    for value in entry.facts.values():
        named |= {value} if isinstance(value, str) else set(value) if isinstance(value, list) else set()
    return sorted(each for each in named if each in canaries and canaries[each] <= entry.at)


def look(entry: Entry, scene: Scene) -> Iterator[Finding]:
    """Find any act, by anybody but the system itself, that names a canary."""
    if entry.act.startswith(_OWN) or entry.actor_kind == ActorKind.SYSTEM:
        return
    for canary in touched(entry, scene.canaries):
        key = f"{canary} {entry.actor_id}"
        yield Finding(
            key, start_of(entry.at, HOUR), Severity.CRITICAL, [entry.pk], {"canary": canary, "act": entry.act}
        )


DETECTOR = Detector("canary_touched", look)
