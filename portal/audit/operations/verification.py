"""Noting how a verification of the trail ended: for the page, and for whoever watches the trail."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.audit.models import Verification
from portal.audit.operations import record
from portal.core.actors import Identity
from portal.crypto.chain import Break


@dataclass(frozen=True, slots=True)
class Trail:
    """The trail itself, as the subject of an entry."""

    public_id: str = "trail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a verification went through, and the first break, if any."""

    started_at: datetime
    first: int
    last: int
    links: int
    broken: Break | None = None


@transaction.atomic(durable=True)
def note_verification(outcome: Outcome, *, by: Identity, now: datetime) -> Verification:
    """Note the outcome of a verification; a break is an act of its own, so that detectors see it."""
    broken = outcome.broken
    verification = Verification.objects.create(
        started_at=outcome.started_at,
        ended_at=now,
        first_position=outcome.first,
        last_position=outcome.last,
        links=outcome.links,
        problem=broken.kind if broken else "",
        position=broken.position if broken else None,
        expected=broken.expected if broken else "",
        found=broken.found if broken else "",
    )
    if broken:
        record(by, "trail.broken", Trail(), now=now, position=broken.position, problem=str(broken.kind))
    else:
        record(by, "trail.verified", Trail(), now=now, first=outcome.first, last=outcome.last)
    return verification
