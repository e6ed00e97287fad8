"""Reading applications and what screening said of each, within the actor's scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from fraud.models import Application, Institution, Screening, Sweep
from fraud.rules.decisions import Outcome
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.arrays import integers
from portal.core.db import prepared

# Whoever has taken an application for longer than this is believed to be dead.
_PATIENCE = timedelta(seconds=40)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Screened:
    """A screening as it is on record; `is_new` for whoever put it there."""

    id: int
    public_id: str
    application_id: int
    outcome: Outcome
    score: int
    reasons: tuple[str, ...]
    is_degraded: bool
    screened_at: datetime
    is_new: bool = False


_FIRST = """
SELECT id, public_id, application_id, outcome, score, reasons, is_degraded, screened_at
FROM fraud_screening WHERE application_id = ANY(%(applications)s::bigint[]) AND kind = 'first'
"""
_NEWEST = """
SELECT DISTINCT ON (application_id) id, public_id, application_id, outcome, score, reasons, is_degraded, screened_at
FROM fraud_screening WHERE application_id = ANY(%(applications)s::bigint[]) ORDER BY application_id, id DESC
"""


def screened(row: Sequence[Any], *, is_new: bool = False) -> Screened:
    """Read a row of the columns that the statements here select, in their order."""
    row_id, public_id, application_id, outcome, score, reasons, is_degraded, screened_at = row
    return Screened(
        id=row_id,
        public_id=public_id,
        application_id=application_id,
        outcome=Outcome(outcome),
        score=score,
        reasons=tuple(reasons),
        is_degraded=is_degraded,
        screened_at=screened_at,
        is_new=is_new,
    )


def first_screenings(application_ids: Iterable[int]) -> dict[int, Screened]:
    """Give what was said of each application at first, by the application's row."""
    rows = prepared(_FIRST, {"applications": integers(application_ids)})
    return {row[2]: screened(row) for row in rows}


def newest_screenings(application_ids: Iterable[int]) -> dict[int, Screened]:
    """Give what was said of each application last, by the application's row."""
    rows = prepared(_NEWEST, {"applications": integers(application_ids)})
    return {row[2]: screened(row) for row in rows}


def visible_applications(actor: Actor) -> QuerySet[Application]:
    """List the applications that somebody may read, the newest first."""
    return Application.objects.filter(actor.scope(Act.APPLICATION_READ, institution="institution")).order_by(
        "-arrived_at", "-pk"
    )


def sending_institutions(actor: Actor) -> QuerySet[Institution]:
    """List the institutions for which somebody may send applications."""
    return Institution.objects.filter(actor.scope(Act.APPLICATION_SEND, institution="pk")).order_by("pk")


def applications_to_finish(*, sweep: str, now: datetime) -> QuerySet[Application]:
    """List what came alone and was stored, but never screened: its time budget was spent, or its process died.

    What lies behind the sweep's mark was looked at; see `fraud.operations.sweeping`.
    """
    reached = Sweep.objects.filter(name=sweep).values_list("reached_at", flat=True).first()
    unscreened = ~Exists(Screening.objects.filter(application=OuterRef("pk")))
    waiting = Application.objects.filter(
        unscreened,
        submission__isnull=True,
        erased_at__isnull=True,
        arrived_at__gte=reached or _BEGINNING,
        arrived_at__lte=now - _PATIENCE,
    )
    return waiting.order_by("arrived_at", "pk")


def _unheard() -> QuerySet[Screening]:
    return Screening.objects.filter(is_degraded=True, heard_at__isnull=True)


def institutions_to_ask_again() -> list[int]:
    """List the institutions, by their rows, with applications of which the consortium has not been heard yet."""
    return sorted(_unheard().values_list("institution_id", flat=True).distinct())


def applications_to_ask_again(institution: int) -> QuerySet[Application]:
    """List those of an institution of which the consortium has not been heard yet, the oldest first."""
    unheard = _unheard().filter(institution=institution).values("application_id")
    return Application.objects.filter(pk__in=unheard, erased_at__isnull=True).order_by("pk")
