"""Trying a version of a rulebook on the past: asked for by people, carried out in chunks by the worker."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.jobs import Job
from fraud.models import Backtest, BacktestChange, RulebookVersion
from fraud.operations.rulebooks import check_sound
from fraud.queries.backtests import Past, applications_of, next_applications, past
from fraud.queries.rulebooks import document_of
from fraud.rules.decisions import Decision
from fraud.rules.rulebook import CompiledRulebook, RulebookError, checksum, compile_rulebook
from fraud.rules.rulebook.outcomes import counted, shift
from fraud.rules.rulebook.states import BACKTEST_OPEN, BacktestState
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import DomainError, InvalidError, Kind, WrongStateError
from portal.core.jobs import nudge
from portal.core.phrases import Phrase

S = BacktestState
MOST_DAYS = 365
# As many in one transaction: a fraction of a second.
CHUNK = 500
# Scores are counted in bands so wide.
BAND = 50
# So many applications that change are kept by name; the counts know all.
MOST_CHANGES = 5_000
_MOVED = ["state", "total", "done", "cursor", "cursor_at", "results", "heard_at", "finished_at"]


class BacktestRunsError(DomainError):
    """Refuse a second backtest of a version beside the first."""

    kind = Kind.CONFLICT
    code = "backtest-runs"
    title = Phrase("A backtest of this version runs already")


@transaction.atomic(durable=True)
def start_backtest(version: RulebookVersion, *, days: int, by: Actor, now: datetime) -> Backtest:
    """Ask what a version would have decided about the applications of the past *days*.

    :raises InvalidError: no sensible number of days, or the version has problems
    :raises BacktestRunsError: one of this version runs
    """
    permit(by, Act.RULEBOOK_EDIT, version.place)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidError.of("days", _("Look back 1 to 365 days."))
    version = locked(RulebookVersion, version)
    document = document_of(version)
    check_sound(document)
    with refusing("one_backtest_at_a_time", BacktestRunsError()), transaction.atomic():
        backtest = Backtest.objects.create(
            institution_id=version.institution_id,
            version=version,
            checksum=checksum(document),
            days=days,
            started_at=now,
            started_by=by.id,
            heard_at=now,
        )
    record(by, "backtest.started", backtest, now=now, version=version.number, days=days)
    nudge(Job.BACKTEST, backtest_id=backtest.pk)
    return backtest


@transaction.atomic(durable=True)
def cancel_backtest(backtest: Backtest, *, by: Actor, now: datetime) -> Backtest:
    """Stop a backtest; what it found so far stays.

    :raises WrongStateError: it has ended
    """
    permit(by, Act.RULEBOOK_EDIT, backtest.place)
    backtest = _open(backtest)
    backtest.state, backtest.finished_at = S.CANCELLED, now
    backtest.save(update_fields=["state", "finished_at"])
    record(by, "backtest.cancelled", backtest, now=now, done=backtest.done)
    return backtest


@transaction.atomic(durable=True)
def advance_backtest(backtest: Backtest, *, by: Actor, now: datetime) -> Backtest:
    """Look at the next applications behind the cursor; without any left, it is finished.

    :raises WrongStateError: it has ended, or was cancelled
    """
    backtest = _open(backtest)
    compiled = _compiled(backtest)
    if compiled is None:
        _end(backtest, S.FAILED, by, now)
        return backtest
    if backtest.state == S.WAITING:
        backtest.state, backtest.total = S.WORKING, applications_of(backtest).count()
    rows = next_applications(backtest, CHUNK)
    if not rows:
        _end(backtest, S.FINISHED, by, now)
        return backtest
    _look(backtest, compiled, past(rows))
    backtest.done += len(rows)
    backtest.cursor, backtest.cursor_at = rows[-1][0], rows[-1][3]
    backtest.heard_at = now
    backtest.save(update_fields=_MOVED)
    return backtest


def run_backtest(
    backtest: Backtest, *, by: Actor, clock: Callable[[], datetime], until: datetime
) -> Backtest:
    """Carry a backtest on, chunk by chunk, until it ends or the time is up: then it is nudged again.

    :raises WrongStateError: it has ended, or was cancelled meanwhile
    """
    while True:
        now = clock()
        backtest = advance_backtest(backtest, by=by, now=now)
        if backtest.state not in BACKTEST_OPEN:
            return backtest
        if now >= until:
            nudge(Job.BACKTEST, backtest_id=backtest.pk)
            return backtest


def _open(backtest: Backtest) -> Backtest:
    backtest = locked(Backtest, backtest, "version")
    if backtest.state not in BACKTEST_OPEN:
        raise WrongStateError(_("This backtest has ended."))
    return backtest


def _compiled(backtest: Backtest) -> CompiledRulebook | None:
    """Compile the version, unless it is another one by now; then `problem` says so."""
    if backtest.version.checksum != backtest.checksum:
        backtest.problem = Phrase("The draft was saved anew meanwhile. Start another backtest.")
        return None
    try:
        return compile_rulebook(document_of(backtest.version))
    except RulebookError:
        backtest.problem = Phrase("This version knows fields that are no more.")
        return None


def _end(backtest: Backtest, state: BacktestState, by: Actor, now: datetime) -> None:
    backtest.state, backtest.heard_at, backtest.finished_at = state, now, now
    backtest.save(update_fields=[*_MOVED, "problem"])
    record(by, "backtest.finished", backtest, now=now, state=str(state), done=backtest.done)


def _look(backtest: Backtest, compiled: CompiledRulebook, seen: Iterable[Past]) -> None:
    """Decide about a chunk of the past, count it, and keep what changes, in the transaction of the cursor."""
    room = MOST_CHANGES - shift(backtest.results.get("shifts", {})).changed
    changes: list[BacktestChange] = []
    for each in seen:
        decision = compiled.evaluate(each.facts)
        _count(backtest.results, each, decision)
        if each.outcome != decision.outcome and len(changes) < room:
            changes.append(_change(backtest, each, decision))
    BacktestChange.objects.bulk_create(changes)


def _change(backtest: Backtest, seen: Past, decision: Decision) -> BacktestChange:
    return BacktestChange(
        institution_id=backtest.institution_id,
        backtest=backtest,
        application_id=seen.id,
        outcome=seen.outcome,
        score=seen.score,
        other_outcome=decision.outcome,
        other_score=decision.score,
        verdict=seen.verdict,
    )


def _count(results: dict[str, Any], seen: Past, decision: Decision) -> None:
    """Add one application to the counts; see `Backtest.results`."""
    after = str(decision.outcome)
    counted(results.setdefault("shifts", {}), seen.outcome, after)
    if seen.verdict:
        counted(results.setdefault("verdicts_before", {}), seen.outcome, seen.verdict)
        counted(results.setdefault("verdicts", {}), after, seen.verdict)
    scores = results.setdefault("scores", {})
    band = str(min(decision.score, 999) // BAND * BAND)
    scores[band] = scores.get(band, 0) + 1
    rules = results.setdefault("rules", {})
    for told in decision.explanation:
        rules[told["rule"]] = rules.get(told["rule"], 0) + 1
        if seen.verdict:
            counted(results.setdefault("rule_verdicts", {}), told["rule"], seen.verdict)
