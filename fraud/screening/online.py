"""Answering one application while its sender waits: taken, screened, and all within the institution's time budget."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError
from psycopg.errors import QueryCanceled

from fraud.jobs import Job
from fraud.models import Institution
from fraud.queries.applications import Screened, first_screenings
from fraud.rules.canonical import Application
from fraud.screening.intake import Incoming, Taken, take
from fraud.screening.pipeline import screen
from portal.accounts.actors import Actor
from portal.core.errors import DomainError, Kind
from portal.core.jobs import nudge
from portal.core.phrases import Phrase

# What is kept back of a budget to decide and store once the consortium has had its time; in seconds at most.
_SHARE_KEPT, _MOST_KEPT = 0.25, 0.25


class ReferenceConflictError(DomainError):
    """Refuse a reference that is on record with other facts."""

    kind = Kind.CONFLICT
    code = "reference-conflict"
    title = Phrase("This reference is on record with other facts")


@dataclass(frozen=True, slots=True)
class Answered:
    """A stored application with its first screening; without one the budget is spent, and the answer comes later."""

    taken: Taken
    screened: Screened | None


def answer(
    institution: Institution, application: Application, *, by: Actor, clock: Callable[[], datetime]
) -> Answered:
    """Take an application and screen it, or find what was answered when it came before.

    :raises ReferenceConflictError: the reference is on record with other facts
    """
    begun, now = time.monotonic(), clock()
    (taken,) = take(institution, [Incoming(application)], arrived_at=now, by=by, now=now)
    if not taken.fits:
        raise ReferenceConflictError(
            Phrase("Send what changed under a new reference, or the first facts unchanged.")
        )
    if not taken.is_new:
        known = first_screenings([taken.id])
        if known:
            return Answered(taken, known[taken.id])
    ends = begun + institution.time_budget / 1000
    screened = _screened_in_time(institution, taken, ends, by=by, clock=clock)
    if screened is None:
        nudge(Job.FINISH_APPLICATION, application_id=taken.id)
    return Answered(taken, screened)


def _screened_in_time(
    institution: Institution, taken: Taken, ends: float, *, by: Actor, clock: Callable[[], datetime]
) -> Screened | None:
    budget = institution.time_budget / 1000
    asks_until = ends - min(budget * _SHARE_KEPT, _MOST_KEPT)
    if time.monotonic() >= asks_until:
        return None
    try:
        (screened,) = screen(institution, [taken], deadline=asks_until, ends=ends, by=by, clock=clock)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    return screened
