"""Backtests: how far each is, and what a chunk of the past says again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models import QuerySet

from fraud.models import Application, Backtest, BacktestChange, Case
from fraud.queries.velocity import velocity, watch_hits
from fraud.rules.cases import CaseState
from fraud.rules.consortium import Hit
from fraud.rules.rulebook.fields import Facts
from fraud.rules.rulebook.states import BACKTEST_OPEN
from fraud.rules.signals import facts
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.db import prepared

# A worker that was silent for this long is taken for dead.
SILENCE = timedelta(seconds=60)

_hits = msgspec.json.Decoder(tuple[Hit, ...])


@dataclass(frozen=True, slots=True)
class Past:
    """An application of the past: its facts as rules see them, what was decided last, and what an analyst found."""

    id: int
    facts: Facts
    outcome: str
    score: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backtest is: applications done and in all, a second, and the seconds left."""

    done: int
    total: int
    rate: float | None
    seconds_left: float | None

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0


def progress(backtest: Backtest, *, now: datetime) -> Progress:
    """Measure a backtest over the time since it was asked for."""
    elapsed = max(((backtest.finished_at or now) - backtest.started_at) / timedelta(seconds=1), 0.001)
    rate = backtest.done / elapsed if backtest.done else None
    left = (backtest.total - backtest.done) / rate if rate else None
    return Progress(backtest.done, backtest.total, rate, left)


def backtests(actor: Actor, act: Act = Act.RULEBOOK_READ) -> QuerySet[Backtest]:
    """List backtests, newest first, with their versions."""
    rows = Backtest.objects.filter(actor.scope(act, institution="institution"))
    return rows.select_related("version__rulebook", "institution").order_by("-pk")


def changes_of(backtest: Backtest) -> QuerySet[BacktestChange]:
    """List the applications that a backtest would have decided otherwise, as far as they were kept, newest first."""
    rows = backtest.changes.select_related("application").order_by("-application_id", "-pk")
    return rows.defer("application__sealed", "application__facts")


def backtests_left_behind(*, now: datetime) -> QuerySet[Backtest]:
    """List the backtests that nobody works on: a nudge was lost, or a worker died."""
    return Backtest.objects.filter(state__in=BACKTEST_OPEN, heard_at__lte=now - SILENCE).order_by("pk")


def applications_of(backtest: Backtest) -> QuerySet[Application]:
    """List what a backtest looks at: what arrived in the days before it was asked for, and was not erased."""
    since = backtest.started_at - timedelta(days=backtest.days)
    return Application.objects.filter(
        institution=backtest.institution_id,
        arrived_at__gte=since,
        arrived_at__lt=backtest.started_at,
        erased_at=None,
    )


_NEXT = """
SELECT id, facts, submitted_at, arrived_at FROM fraud_application
WHERE institution_id = %(institution)s::bigint AND erased_at IS NULL
    AND (arrived_at, id) > (%(cursor_at)s::timestamptz, %(cursor)s::bigint)
    AND arrived_at < %(until)s::timestamptz
ORDER BY arrived_at, id LIMIT %(most)s::int
"""
# The newest word on each.
_SCREENINGS = """
SELECT DISTINCT ON (application_id) application_id, outcome, score, hits, is_degraded FROM fraud_screening
WHERE application_id = ANY(%(applications)s::bigint[])
ORDER BY application_id, screened_at DESC, id DESC
"""


def next_applications(backtest: Backtest, most: int) -> list[tuple[Any, ...]]:
    """Give id, facts, and the times of submission and arrival of those behind the cursor, in the order of arrival."""
    since = backtest.started_at - timedelta(days=backtest.days)
    values = {
        "institution": backtest.institution_id,
        "cursor_at": backtest.cursor_at or since,
        "cursor": backtest.cursor,
        "until": backtest.started_at,
        "most": most,
    }
    return prepared(_NEXT, values)


def past(rows: Sequence[tuple[Any, ...]]) -> Iterator[Past]:
    """Put the facts of applications together again, without opening any; what was never screened is left out."""
    ids = [row[0] for row in rows]
    screened = {row[0]: row[1:] for row in prepared(_SCREENINGS, {"applications": ids})}
    counts, watched = velocity(ids), watch_hits(ids)
    decided = Case.objects.filter(application__in=ids, state=CaseState.DECIDED)
    verdicts = dict(decided.values_list("application_id", "verdict"))
    # Django has the driver give JSON as text.
    for row_id, own, submitted_at, _arrived_at in rows:
        if row_id not in screened:
            continue
        outcome, score, hits, is_degraded = screened[row_id]
        known = None if is_degraded else _hits.decode(hits)
        drawn = facts(
            msgspec.json.decode(own),
            submitted_at=submitted_at,
            velocity=counts.get(row_id),
            hits=known,
            watch_hits=watched.get(row_id, ()),
        )
        yield Past(row_id, drawn, outcome, score, verdicts.get(row_id, ""))
