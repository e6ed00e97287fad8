"""Backtests: what a version would have said of the past, chunk by chunk, through kills and second thoughts."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fraud.models import Application, Backtest, BacktestChange, Case, Institution, RulebookVersion, Screening
from fraud.operations import backtests
from fraud.operations.backtests import (
    BacktestRunsError,
    advance_backtest,
    cancel_backtest,
    run_backtest,
    start_backtest,
)
from fraud.operations.rulebooks import discard_rulebook_draft, save_rulebook_draft
from fraud.queries.backtests import backtests_left_behind, changes_of, progress
from fraud.rules.rulebook.outcomes import precision, rule_yields, shift
from fraud.rules.rulebook.states import BacktestState
from portal.accounts.actors import SYSTEM, Actor
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from tests.fraud.rules.rulebook.test_compiler import book, rule
from tests.makers_fraud import NOW

pytestmark = pytest.mark.django_db(transaction=True)
STRICT = book(rule(weight=900))


def draft(bank: Institution, by: Actor, document: Any = STRICT) -> RulebookVersion:
    return save_rulebook_draft(bank, document, by=by, now=NOW)


def screened(
    bank: Institution, number: int, *, is_minor: bool, outcome: str = "clear", verdict: str = ""
) -> Application:
    arrived = NOW - timedelta(minutes=number + 1)
    application = Application.objects.create(
        institution=bank,
        public_id=f"app_{number}",
        reference=f"A-{number}",
        facts_digest=b"d" * 16,
        product="loan",
        channel="web",
        currency="CAD",
        amount=1,
        submitted_at=arrived,
        arrived_at=arrived,
        sealed=b"s",
        facts={"is_minor": True} if is_minor else {},
    )
    Screening.objects.create(
        institution=bank,
        application=application,
        kind="first",
        outcome=outcome,
        score=0,
        screened_at=arrived,
    )
    if verdict:
        Case.objects.create(
            application=application,
            institution=bank,
            origin="screening",
            priority=1,
            opened_at=arrived,
            state="decided",
            verdict=verdict,
            decided_at=NOW,
            decided_by="usr_1",
            confirmed_by="usr_2",
        )
    return application


def run(backtest: Backtest, at: datetime = NOW) -> Backtest:
    return run_backtest(backtest, by=SYSTEM, clock=lambda: at, until=at + timedelta(hours=1))


def test_says_what_would_have_been_decided(bank_a: Institution, lead: Actor) -> None:
    screened(bank_a, 1, is_minor=True, verdict="fraud")
    screened(bank_a, 2, is_minor=True, outcome="refer", verdict="clear")
    screened(bank_a, 3, is_minor=False, outcome="refer", verdict="fraud")
    screened(bank_a, 4, is_minor=False)

    done = run(start_backtest(draft(bank_a, lead), days=30, by=lead, now=NOW))

    assert (done.state, done.done, done.total) == (BacktestState.FINISHED, 4, 4)
    assert done.results["shifts"] == {"clear": {"refer": 1, "clear": 1}, "refer": {"refer": 1, "clear": 1}}
    assert shift(done.results["shifts"]).same == 2
    found = precision(done.results["verdicts"])
    assert (found.referred, found.referred_frauds, found.frauds) == (2, 1, 2)
    assert done.results["rules"] == {"A rule": 2}
    assert done.results["scores"] == {"900": 2, "0": 2}


def test_looks_at_the_days_asked_for_and_at_nobody_erased(bank_a: Institution, lead: Actor) -> None:
    screened(bank_a, 1, is_minor=True)
    old = screened(bank_a, 2, is_minor=True)
    Application.objects.filter(pk=old.pk).update(arrived_at=NOW - timedelta(days=8))
    gone = screened(bank_a, 3, is_minor=True)
    Application.objects.filter(pk=gone.pk).update(sealed=None, erased_at=NOW)

    assert run(start_backtest(draft(bank_a, lead), days=7, by=lead, now=NOW)).done == 1


def test_goes_on_where_it_was_left(bank_a: Institution, lead: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtests, "CHUNK", 2)
    for number in range(5):
        screened(bank_a, number, is_minor=bool(number % 2))
    backtest = start_backtest(draft(bank_a, lead), days=7, by=lead, now=NOW)

    first = advance_backtest(backtest, by=SYSTEM, now=NOW)
    assert (first.done, first.state) == (2, BacktestState.WORKING)
    done = run(backtest)

    assert (done.done, shift(done.results["shifts"]).total) == (5, 5)


def test_gives_its_turn_back_and_is_found_when_left(
    bank_a: Institution, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtests, "CHUNK", 1)
    screened(bank_a, 1, is_minor=True)
    screened(bank_a, 2, is_minor=True)
    backtest = start_backtest(draft(bank_a, lead), days=7, by=lead, now=NOW)

    left = run_backtest(backtest, by=SYSTEM, clock=lambda: NOW, until=NOW)

    assert (left.state, left.done) == (BacktestState.WORKING, 1)
    assert not backtests_left_behind(now=NOW).exists()
    assert backtests_left_behind(now=NOW + timedelta(minutes=2)).get() == left
    assert progress(left, now=NOW + timedelta(seconds=2)).seconds_left == pytest.approx(2)


def test_stops_when_it_is_cancelled(bank_a: Institution, lead: Actor) -> None:
    screened(bank_a, 1, is_minor=True)
    backtest = start_backtest(draft(bank_a, lead), days=7, by=lead, now=NOW)

    cancel_backtest(backtest, by=lead, now=NOW)

    with pytest.raises(WrongStateError):
        run(backtest)
    with pytest.raises(WrongStateError):
        cancel_backtest(backtest, by=lead, now=NOW)


def test_fails_in_words_when_the_draft_was_saved_anew(bank_a: Institution, lead: Actor) -> None:
    backtest = start_backtest(draft(bank_a, lead), days=7, by=lead, now=NOW)
    draft(bank_a, lead, book(rule(weight=1)))

    done = run(backtest)

    assert done.state == BacktestState.FAILED
    assert "saved anew" in done.problem


def test_one_at_a_time_of_a_version(bank_a: Institution, lead: Actor) -> None:
    version = draft(bank_a, lead)
    start_backtest(version, days=7, by=lead, now=NOW)

    with pytest.raises(BacktestRunsError):
        start_backtest(version, days=7, by=lead, now=NOW)

    run(Backtest.objects.get())
    assert start_backtest(version, days=7, by=lead, now=NOW).pk


@pytest.mark.parametrize("days", [0, 366])
def test_refuses_a_span_that_makes_no_sense(days: int, bank_a: Institution, lead: Actor) -> None:
    with pytest.raises(InvalidError):
        start_backtest(draft(bank_a, lead), days=days, by=lead, now=NOW)


def test_refuses_strangers(bank_a: Institution, lead: Actor, analyst: Actor, lead_of_b: Actor) -> None:
    version = draft(bank_a, lead)
    backtest = start_backtest(version, days=7, by=lead, now=NOW)

    for stranger in (analyst, lead_of_b):
        with pytest.raises(ForbiddenError):
            start_backtest(version, days=7, by=stranger, now=NOW)
        with pytest.raises(ForbiddenError):
            cancel_backtest(backtest, by=stranger, now=NOW)


def test_what_would_be_decided_otherwise_is_kept_by_name(bank_a: Institution, lead: Actor) -> None:
    graver = screened(bank_a, 1, is_minor=True, verdict="fraud")
    lighter = screened(bank_a, 2, is_minor=False, outcome="refer")
    screened(bank_a, 3, is_minor=False)

    done = run(start_backtest(draft(bank_a, lead), days=30, by=lead, now=NOW))

    assert list(
        changes_of(done).values_list(
            "application", "outcome", "score", "other_outcome", "other_score", "verdict"
        )
    ) == [(lighter.pk, "refer", 0, "clear", 0, ""), (graver.pk, "clear", 0, "refer", 900, "fraud")]


def test_of_very_many_changes_the_first_are_kept(
    bank_a: Institution, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtests, "MOST_CHANGES", 3)
    monkeypatch.setattr(backtests, "CHUNK", 2)
    for number in range(5):
        screened(bank_a, number, is_minor=True)

    done = run(start_backtest(draft(bank_a, lead), days=30, by=lead, now=NOW))

    assert (changes_of(done).count(), shift(done.results["shifts"]).graver) == (3, 5)


def test_says_of_each_rule_how_often_it_applied_and_was_right(bank_a: Institution, lead: Actor) -> None:
    screened(bank_a, 1, is_minor=True, verdict="fraud")
    screened(bank_a, 2, is_minor=True, verdict="clear")
    screened(bank_a, 3, is_minor=True, verdict="unsure")
    screened(bank_a, 4, is_minor=True)

    done = run(start_backtest(draft(bank_a, lead), days=30, by=lead, now=NOW))

    (found,) = rule_yields(done.results["rules"], done.results["rule_verdicts"])
    assert (found.name, found.fired, found.settled, found.frauds) == ("A rule", 4, 2, 1)
    assert found.precision == 0.5


def test_a_draft_that_is_thrown_away_takes_its_backtests_along(bank_a: Institution, lead: Actor) -> None:
    screened(bank_a, 1, is_minor=True)
    version = draft(bank_a, lead)
    run(start_backtest(version, days=30, by=lead, now=NOW))

    discard_rulebook_draft(version, by=lead, now=NOW)

    assert not Backtest.objects.exists()
    assert not BacktestChange.objects.exists()
