"""Look-ups without a case: somebody asks about people without a case that would explain it, or about too many codes."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from portal.audit.models import Entry
from portal.core.actors import ActorKind
from portal.security.classes import Severity
from portal.security.detectors.findings import HOUR, Detector, Finding, Scene, by_same_actor, start_of

# Codes belong to no case: whoever rings has one in their hand, and is a member. Nor do people who ask what is held
# about them. There the number tells.
COUNTED = {
    "code.looked_up": "look_ups",
    "member.looked_up": "look_ups",
    "subject.looked_up": "subject_look_ups",
}


def is_too_many(times: int, most: int) -> bool:
    """Say whether so many look-ups in the span are more than people can ring or write about."""
    return times > most


def look(entry: Entry, _scene: Scene) -> Iterator[Finding]:
    """Ask for the case behind a look-up, or count those of codes and of one's own data in the last minutes."""
    if not entry.act.endswith(".looked_up") or entry.actor_kind == ActorKind.SYSTEM:
        return
    since = start_of(entry.at, HOUR)
    if entry.act not in COUNTED:
        if not entry.facts.get("case"):
            yield Finding(entry.actor_id, since, Severity.MEDIUM, [entry.pk], {"act": entry.act})
        return
    span = timedelta(minutes=settings.DETECT.look_ups_minutes)
    seen = list(by_same_actor(entry, span).filter(act=entry.act).values_list("pk", flat=True))
    if is_too_many(len(seen), getattr(settings.DETECT, COUNTED[entry.act])):
        facts = {"times": len(seen), "minutes": settings.DETECT.look_ups_minutes}
        yield Finding(entry.actor_id, since, Severity.MEDIUM, seen, facts)


DETECTOR = Detector("look_ups_without_a_case", look)
