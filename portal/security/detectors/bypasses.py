"""Four eyes bypassed: whoever holds the key file acted on keys without a second person."""

from collections.abc import Iterator

from portal.audit.models import Entry
from portal.security.classes import Severity
from portal.security.detectors.findings import HOUR, Detector, Finding, Scene, start_of


def look(entry: Entry, _scene: Scene) -> Iterator[Finding]:
    """Find every act that its doer declared an emergency."""
    if entry.act != "four_eyes.bypassed":
        return
    facts = {name: entry.facts[name] for name in ("purpose", "doing") if name in entry.facts}
    yield Finding(
        f"{entry.subject_id} {entry.facts.get('doing', '')}",
        start_of(entry.at, HOUR),
        Severity.CRITICAL,
        [entry.pk],
        facts,
    )


DETECTOR = Detector("four_eyes_bypassed", look)
