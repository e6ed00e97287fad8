"""Refused sign-ins across people: one address tries several accounts, or many accounts are tried from everywhere."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from portal.audit.models import Entry
from portal.core.actors import ActorKind
from portal.security.classes import Severity
from portal.security.detectors.findings import HOUR, Detector, Finding, Scene, lately, start_of

REFUSALS = ("person.sign_in_refused", "person.locked_out")
_NOBODY = (str(ActorKind.SYSTEM), "system")


def is_spraying(accounts: int, fewest: int) -> bool:
    """Say whether refusals at so many different accounts are somebody who tries them out."""
    return accounts >= fewest


def look(entry: Entry, _scene: Scene) -> Iterator[Finding]:
    """Count the accounts at which the same address, and any address, was refused in the last minutes."""
    if entry.act not in REFUSALS:
        return
    span = timedelta(minutes=settings.DETECT.refused_minutes)
    refused = lately(entry, span).filter(act__in=REFUSALS)
    since = start_of(entry.at, HOUR)
    rows = list(refused.values_list("pk", "subject_id", "facts__address"))
    address = entry.facts.get("address", "")
    from_here = [row for row in rows if address and row[2] == address]
    for key, found, fewest, severity in (
        (f"address {address}", from_here, settings.DETECT.refused_people, Severity.HIGH),
        ("everywhere", rows, settings.DETECT.refused_people_overall, Severity.MEDIUM),
    ):
        accounts = {subject for _pk, subject, _address in found}
        if is_spraying(len(accounts), fewest):
            facts = {"accounts": len(accounts), "minutes": settings.DETECT.refused_minutes}
            yield Finding(key, since, severity, [row[0] for row in found], facts, about=_NOBODY)


DETECTOR = Detector("refused_sign_ins", look)
