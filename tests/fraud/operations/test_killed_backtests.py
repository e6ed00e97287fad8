"""A worker killed in the middle of a backtest: what it committed counts once, and the next goes on behind it."""

import signal
import time

import pytest
from django.db import connection

from fraud.jobs import Job
from fraud.models import Application, Backtest, BacktestChange, Institution
from fraud.operations.backtests import CHUNK, run_backtest, start_backtest
from fraud.operations.rulebooks import save_rulebook_draft
from fraud.rules.rulebook.outcomes import shift
from fraud.rules.rulebook.states import BacktestState
from portal.accounts.actors import SYSTEM, Actor
from portal.core import clock
from tests.fraud.rules.rulebook.test_compiler import book, rule
from tests.processes import one_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
COUNT, PATIENCE = CHUNK * 16, 60.0


def many_screened(bank: Institution) -> None:
    """Applications of the last hours with a screening each; every third is of a minor."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fraud_application (public_id, institution_id, row_number, reference, facts_digest, product, "
            "channel, currency, amount, submitted_at, arrived_at, sealed, facts) "
            "SELECT 'app_' || n, %s, n, 'A-' || n, 'd', 'loan', 'web', 'CAD', 1, now() - '1 hour'::interval, "
            "now() - '1 hour'::interval, 's', jsonb_build_object('is_minor', n %% 3 = 0) "
            "FROM generate_series(1, %s) AS n",
            [bank.pk, COUNT],
        )
        cursor.execute(
            "INSERT INTO fraud_screening (public_id, institution_id, application_id, kind, outcome, score, reasons, "
            "explanation, hits, is_degraded, screened_at) SELECT 'scr_' || id, institution_id, id, 'first', 'clear', "
            "0, '{}', '[]', '[]', false, arrived_at FROM fraud_application"
        )


def test_a_killed_backtest_counts_everything_once(bank_a: Institution, lead: Actor) -> None:
    many_screened(bank_a)
    version = save_rulebook_draft(bank_a, book(rule(weight=900)), by=lead, now=clock.now())
    backtest = start_backtest(version, days=7, by=lead, now=clock.now())

    with one_task(Job.BACKTEST, backtest.pk) as process:
        until = time.monotonic() + PATIENCE
        while not Backtest.objects.get().done:
            assert time.monotonic() < until, "the worker never came so far"
            time.sleep(0.005)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    left = Backtest.objects.get()
    assert (left.state, shift(left.results["shifts"]).total) == (BacktestState.WORKING, left.done)
    assert 0 < left.done < COUNT

    done = run_backtest(left, by=SYSTEM, clock=clock.now, until=clock.now().replace(year=2100))

    assert (done.state, done.done, done.total) == (BacktestState.FINISHED, COUNT, Application.objects.count())
    assert done.results["shifts"] == {"clear": {"refer": COUNT // 3, "clear": COUNT - COUNT // 3}}
    assert BacktestChange.objects.count() == COUNT // 3
