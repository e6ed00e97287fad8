"""Mass reveal: one actor lifts the mask from more personal data than a person can work on."""

from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q

from portal.audit.models import Entry
from portal.core.actors import ActorKind
from portal.security.classes import Severity
from portal.security.detectors.findings import HOUR, Detector, Finding, Scene, by_same_actor, start_of

# Handing out all that is held about somebody lifts every mask at once.
_REVEALING = (".revealed", "subject.exported")


def is_mass(times: int, most: int) -> bool:
    """Say whether so many reveals in the span are too many."""
    return times > most


def look(entry: Entry, _scene: Scene) -> Iterator[Finding]:
    """Count what the same person or client revealed in the last minutes."""
    if not entry.act.endswith(_REVEALING) or entry.actor_kind == ActorKind.SYSTEM:
        return
    span = timedelta(minutes=settings.DETECT.reveals_minutes)
    revealed = reduce(or_, (Q(act__endswith=act) for act in _REVEALING))
    seen = list(by_same_actor(entry, span).filter(revealed).values_list("pk", flat=True))
    if is_mass(len(seen), settings.DETECT.reveals):
        facts = {"times": len(seen), "minutes": settings.DETECT.reveals_minutes}
        yield Finding(entry.actor_id, start_of(entry.at, HOUR), Severity.HIGH, seen, facts)


DETECTOR = Detector("mass_reveal", look)
