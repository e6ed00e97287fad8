"""Workers that die in mid-chunk, meet on one chunk, or wake up late: each row is stored, screened and answered once."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from fraud.jobs import Job
from fraud.models import Application, Chunk, FraudElement, Screening
from fraud.operations.submissions.assembling import assemble_result
from fraud.operations.submissions.chunks import claim_chunk
from fraud.operations.submissions.moves import ChunkTakenError
from fraud.operations.submissions.splitting import split_submission
from fraud.operations.submissions.steering import nudge_left_submissions, pause_submission, resume_submission
from fraud.queries.submissions import SILENCE
from fraud.rules.submissions import ChunkState, SubmissionState
from fraud.screening.chunks import work_on_chunk
from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.jobs import waiting
from portal.core.tenancy import EVERYWHERE, acting_within
from tests.fraud.submissions.conftest import content, fetched, lines_of, received, rows, work_off
from tests.gate import Gate, Wanted
from tests.processes import ROOT, on_these_engines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PATIENCE = 30.0
ROWS = 1200


@pytest.fixture
def gate(settings) -> Iterator[Gate]:
    with Gate(settings.S3_ENDPOINT_URL) as gate:
        yield gate


@pytest.fixture
def split(bank):
    submission = received(bank, content(rows(ROWS)))
    split_submission(submission, by=SYSTEM, clock=clock.now)
    return fetched(submission)


def after_the_silence():
    return clock.now() + SILENCE + timedelta(seconds=1)


def silence_passes() -> None:
    Chunk.objects.update(heard_at=clock.now() - SILENCE)


def check_complete(submission) -> None:
    submission = assemble_result(fetched(submission), by=SYSTEM, clock=clock.now)
    results = list(lines_of(submission, "result"))
    assert submission.state == SubmissionState.FINISHED
    assert [each["reference"] for each in results] == [f"R-{number:06d}" for number in range(1, ROWS + 1)]
    assert len({each["_result"]["id"] for each in results}) == ROWS
    assert Application.objects.count() == Screening.objects.count() == ROWS
    doubled = FraudElement.objects.count() / ROWS
    assert doubled == FraudElement.objects.filter(application__reference="R-000001").count()


def killed_over(wanted: Wanted, *, answered: bool, gate: Gate, job: Job, row: int = 0) -> None:
    """Let a worker in a process of its own die over one request to the store."""
    stop = gate.stop_at(wanted, answered=answered)
    # What may be read here is read there, too; the store is behind the gate.
    env = on_these_engines() | {"PROCESS": "migrate", "S3_ENDPOINT_URL": gate.url}
    script = f"from tests.worker_process import run; run({str(job)!r}, {row})"
    with subprocess.Popen([sys.executable, "-c", script], env=env, cwd=ROOT) as process:
        try:
            assert stop.reached.wait(PATIENCE), "the worker never came so far"
        finally:
            process.kill()
        process.wait()
        assert process.returncode == -signal.SIGKILL
    stop.go.set()


def puts(name: str) -> Wanted:
    return lambda method, path: method == "PUT" and name in path


def test_two_workers_never_get_one_chunk(split):
    found, barrier = [], Barrier(4)

    def claim() -> None:
        with acting_within(EVERYWHERE):
            barrier.wait()
            claimed = claim_chunk(now=clock.now())
            found.append(claimed.chunk.number if claimed else None)
        connection.close()

    threads = [Thread(target=claim) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(number for number in found if number) == [1, 2, 3]
    assert found.count(None) == 1


def test_a_worker_that_wakes_up_late_changes_nothing(split):
    late = claim_chunk(now=clock.now())
    silence_passes()
    work_off()

    with pytest.raises(ChunkTakenError):
        work_on_chunk(late, by=SYSTEM, clock=clock.now)

    check_complete(split)


def test_two_workers_on_one_chunk_at_once_store_each_row_once(split):
    first = claim_chunk(now=clock.now())
    silence_passes()
    second = claim_chunk(now=clock.now())
    assert first.chunk.pk == second.chunk.pk
    ended = []

    def work(claim) -> None:
        with acting_within(EVERYWHERE):
            try:
                work_on_chunk(claim, by=SYSTEM, clock=clock.now)
                ended.append("done")
            except ChunkTakenError:
                ended.append("taken")
        connection.close()

    threads = [Thread(target=work, args=[claim]) for claim in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work_off()

    assert sorted(ended) == ["done", "taken"]
    check_complete(split)


def test_the_sweep_wakes_one_worker_more_where_some_are_at_work(split):
    claim_chunk(now=clock.now())
    before = waiting("fraud")

    nudge_left_submissions(now=clock.now())
    with_others = waiting("fraud")
    nudge_left_submissions(now=after_the_silence())
    alone = waiting("fraud")

    assert (with_others - before, alone - with_others) == (1, 3)


def test_the_second_stage_waits_for_the_first_of_all_chunks(split):
    for _chunk in range(2):
        work_on_chunk(claim_chunk(now=clock.now()), by=SYSTEM, clock=clock.now)

    claim = claim_chunk(now=clock.now())

    assert (claim.chunk.number, claim.chunk.state) == (3, ChunkState.STORING)
    assert claim_chunk(now=clock.now()) is None
    assert Screening.objects.count() == 0


def test_a_small_file_does_not_wait_for_a_giant_one(bank, split):
    giant = claim_chunk(now=clock.now())
    small = received(bank, content(rows(2, first=9_000)))
    split_submission(small, by=SYSTEM, clock=clock.now)

    claim = claim_chunk(now=clock.now())

    assert (giant.submission.pk, claim.submission.pk) == (split.pk, small.pk)


def test_a_paused_submission_gets_no_further_worker(split):
    pause_submission(split, by=SYSTEM, now=clock.now())
    nobody = claim_chunk(now=clock.now())

    resume_submission(split, by=SYSTEM, now=clock.now())

    assert nobody is None
    assert claim_chunk(now=clock.now()) is not None


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        pytest.param("/stored-000001", False, id="stored, before anything was written down"),
        pytest.param("/stored-000001", True, id="stored and written down, before the chunk was settled"),
    ],
)
def test_a_worker_killed_in_the_first_stage_costs_nothing(split, gate, name, answered):
    killed_over(puts(name), answered=answered, gate=gate, job=Job.WORK_CHUNKS)
    before = Application.objects.count()
    chunk = Chunk.objects.get(number=1)

    silence_passes()
    work_off()

    assert (before, chunk.state) == (500, ChunkState.STORING)
    assert Chunk.objects.get(number=1).attempt == 3
    check_complete(split)


def test_a_worker_killed_in_the_second_stage_costs_nothing(split, gate):
    for _chunk in range(3):
        work_on_chunk(claim_chunk(now=clock.now()), by=SYSTEM, clock=clock.now)
    killed_over(puts("/result-000001"), answered=False, gate=gate, job=Job.WORK_CHUNKS)
    before = Screening.objects.count()

    silence_passes()
    work_off()

    assert before == 500
    check_complete(split)


def test_a_reader_killed_in_mid_file_goes_on_at_the_next_chunk(bank, gate):
    submission = received(bank, content(rows(ROWS)))
    killed_over(puts("/chunk-000002"), answered=False, gate=gate, job=Job.SPLIT_SUBMISSION, row=submission.pk)
    before = submission.chunks.count()

    assert nudge_left_submissions(now=after_the_silence()) == 1
    split_submission(fetched(submission), by=SYSTEM, clock=after_the_silence)
    work_off()

    assert before == 1
    assert submission.chunks.count() == 3
    check_complete(submission)
