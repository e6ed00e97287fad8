"""A new country or device of somebody who may approve, compared with where they signed in before."""

from collections.abc import Iterator

from portal.accounts.models import Membership
from portal.accounts.roles import ACTS, Act
from portal.audit.models import Entry
from portal.core.actors import ActorKind
from portal.security.classes import Severity
from portal.security.detectors.findings import DAY, Detector, Finding, Scene, start_of

SIGNED_IN = "person.signed_in"
# How many earlier sign-ins are remembered, and how many are needed to know what is usual.
MEMORY, FEWEST = 200, 1
APPROVING = frozenset(
    role
    for role, acts in ACTS.items()
    if acts & {Act.BATCH_APPROVE, Act.REQUEST_DECIDE, Act.RETENTION_EDIT, Act.PERSON_EDIT}
)


def what_is_new(facts: dict[str, str], earlier: list[dict[str, str]]) -> list[str]:
    """Name what is new in a sign-in: "device", "country", both, or nothing when there is nothing to compare with."""
    new = []
    for name in ("device", "country"):
        known = {before[name] for before in earlier if before.get(name)}
        if facts.get(name) and len(known) >= FEWEST and facts[name] not in known:
            new.append(name)
    return new


def look(entry: Entry, _scene: Scene) -> Iterator[Finding]:
    """Compare a sign-in with the person's earlier ones, if they may approve."""
    if entry.act != SIGNED_IN or not _may_approve(entry.subject_id):
        return
    earlier = Entry.objects.filter(subject_id=entry.subject_id, act=SIGNED_IN, pk__lt=entry.pk)
    before = list(earlier.order_by("-pk").values_list("facts", flat=True)[:MEMORY])
    new = what_is_new(entry.facts, before)
    if new:
        severity = Severity.HIGH if "country" in new else Severity.MEDIUM
        facts = {"new": new, "country": entry.facts.get("country", "")}
        about = (str(ActorKind.PERSON), entry.subject_id)
        yield Finding(entry.subject_id, start_of(entry.at, DAY), severity, [entry.pk], facts, about)


def _may_approve(public_id: str) -> bool:
    roles = Membership.objects.filter(user__public_id=public_id, role__in=APPROVING)
    return roles.exists()


DETECTOR = Detector("new_place", look)
