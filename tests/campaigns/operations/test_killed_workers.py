"""Workers that are killed, stopped or cut off at any point: no code is lost, none is printed twice.

The worker is a process of its own and dies by SIGKILL while a gate before the S3 server holds one request; the
work is then finished by another one. Nothing is faked but the time that has to pass until a silent worker is
taken for dead.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import boto3
import pytest
from django.conf import settings
from django.db import connection

from campaigns.jobs import Job
from campaigns.models import BatchFile
from campaigns.operations.delivery import TakenOverError, claim_file, deliver_file, file_name
from campaigns.operations.heartbeats import beating
from campaigns.operations.manifests import finish_delivery, manifest_public_key
from campaigns.operations.parties import bucket_of
from campaigns.operations.planning import approve_batch
from campaigns.operations.sweeping import nudge_left_work
from campaigns.queries.batches import SILENCE
from campaigns.queries.codebooks import codebook
from campaigns.rules.states import BatchState, FileState
from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.storage_errors import StorageError
from portal.crypto.signatures import public_from_pem, verify
from tests import makers
from tests.gate import Gate, Stop
from tests.processes import celery_worker, one_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PATIENCE = 60.0
SERIALS = 250


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate(settings.S3_ENDPOINT_URL) as gate:
        yield gate


@pytest.fixture
def batch(gate):
    printer = makers.make_printer(endpoint_url=gate.url)
    return makers.approved_batch(printer=printer, quantity=SERIALS)


def kill_at(stop: Stop, job: Job, row) -> None:
    """Start a worker, and kill it when it has come as far as the stop."""
    with one_task(job, row.pk) as process:
        assert stop.reached.wait(PATIENCE), "the worker never came so far"
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    stop.go.set()


def wait_until(is_true, patience: float = 30.0) -> None:
    """Look again and again until something has become true."""
    until = time.monotonic() + patience
    while not is_true():
        assert time.monotonic() < until, "it never came so far"
        time.sleep(0.05)


def after_the_silence():
    return clock.now() + SILENCE + timedelta(seconds=1)


def finish(batch):
    """Let others do what is left, once the silence of the dead worker is over."""
    for file in batch.files.exclude(state=FileState.DELIVERED).order_by("number"):
        deliver_file(file, by=SYSTEM, clock=after_the_silence)
    return finish_delivery(makers.fetched(batch), by=SYSTEM, clock=after_the_silence)


def check_complete(batch) -> None:
    """Every code of the batch lies in the bucket exactly once, and the signed manifest says so."""
    batch = makers.fetched(batch)
    assert batch.state == BatchState.DELIVERED
    book, code_format = codebook(batch.campaign), batch.campaign.format
    found = [book.serial_of(code_format.fold(code)) for code in makers.printed_codes(batch)]
    wanted = [
        serial
        for file in batch.files.order_by("number")
        for serial in range(file.first_serial, file.last_serial + 1)
        if serial not in file.skipped
    ]
    assert found == wanted
    assert len(set(found)) == batch.quantity == SERIALS
    check_manifest(batch)
    assert uploads_left(batch) == []


def check_manifest(batch) -> None:
    content = makers.lying_there(batch, "manifest.json")
    verify(public_from_pem(manifest_public_key()), makers.lying_there(batch, "manifest.json.sig"), content)
    entries = json.loads(content)["files"]
    assert [entry["rows"] for entry in entries] == [100, 100, 50]
    for entry, file in zip(entries, batch.files.select_related("batch").order_by("number"), strict=True):
        lies_there = makers.lying_there(batch, entry["name"])
        assert entry["sha256"] == sha256(lies_there).hexdigest()
        assert entry["plain_sha256"] == sha256(makers.opened(file)).hexdigest()
        assert (entry["bytes"], entry["plain_bytes"]) == (len(lies_there), len(makers.opened(file)))


def uploads_left(batch) -> list[str]:
    """Uploads in the printer's bucket that were begun and neither completed nor thrown away."""
    store = boto3.client(
        "s3",
        endpoint_url=settings.S3_ENDPOINT_URL,
        region_name=settings.S3_REGION,
        aws_access_key_id=settings.S3_ACCESS_KEY,
        aws_secret_access_key=settings.S3_SECRET_KEY,
    )
    try:
        answer = store.list_multipart_uploads(Bucket=batch.printer.bucket)
    except store.exceptions.NoSuchUpload:
        # How this store says that a bucket has none.
        return []
    return [upload["Key"] for upload in answer.get("Uploads", ())]


def begins_upload(method: str, path: str) -> bool:
    return method == "POST" and "uploads" in path.partition("?")[2].split("&")


def sends_part(method: str, path: str) -> bool:
    return method == "PUT" and "partNumber=" in path


def completes(method: str, path: str) -> bool:
    return method == "POST" and "uploadId=" in path


@pytest.mark.parametrize(
    ("point", "answered"),
    [
        pytest.param(begins_upload, True, id="before it wrote down its upload"),
        pytest.param(sends_part, False, id="in the middle of a file"),
        pytest.param(completes, False, id="before the file is complete"),
        pytest.param(completes, True, id="before it wrote down that the file is complete"),
    ],
)
def test_a_worker_killed_over_a_file_costs_nothing(gate, batch, point, answered):
    file = batch.files.get(number=2)

    kill_at(gate.stop_at(point, answered=answered), Job.GENERATE_FILE, file)
    finish(batch)

    check_complete(batch)
    assert batch.files.get(number=2).attempt == 2


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        pytest.param("manifest.json.sig", False, id="before the signature"),
        pytest.param("manifest.json", False, id="between signature and manifest"),
        pytest.param("manifest.json", True, id="before it wrote down that all is delivered"),
    ],
)
def test_a_worker_killed_over_the_manifest_costs_nothing(gate, batch, name, answered):
    for file in batch.files.all():
        deliver_file(file, by=SYSTEM, clock=clock.now)
    stop = gate.stop_at(lambda method, path: method == "PUT" and path.endswith(f"/{name}"), answered=answered)

    kill_at(stop, Job.FINISH_DELIVERY, batch)
    frozen = makers.fetched(batch).manifest
    # Whoever finds a manifest has to find its signature as well.
    has_manifest, has_signature = (
        makers.lying_there(batch, name) is not None for name in ("manifest.json", "manifest.json.sig")
    )
    finish(batch)

    assert has_signature >= has_manifest
    check_complete(batch)
    assert makers.lying_there(batch, "manifest.json").decode() == frozen


def test_a_worker_that_wakes_up_after_another_took_over_changes_nothing(gate, batch):
    file = batch.files.get(number=1)
    stop = gate.stop_at(completes)

    with one_task(Job.GENERATE_FILE, file.pk) as sleeper:
        assert stop.reached.wait(PATIENCE)
        os.kill(sleeper.pid, signal.SIGSTOP)
        taken_over = deliver_file(file, by=SYSTEM, clock=after_the_silence)
        stop.go.set()
        os.kill(sleeper.pid, signal.SIGCONT)
        sleeper.join(PATIENCE)
        assert sleeper.exitcode == 0

    file = BatchFile.objects.select_related("batch__printer").get(pk=file.pk)
    assert (file.state, file.attempt, file.sha256) == (FileState.DELIVERED, 2, taken_over.sha256)
    finish(batch)
    check_complete(batch)


def test_a_worker_that_wakes_up_while_another_works_on_its_file_does_not_finish_it(gate, batch):
    file = batch.files.get(number=1)
    stop = gate.stop_at(completes, answered=True)

    with one_task(Job.GENERATE_FILE, file.pk) as sleeper:
        assert stop.reached.wait(PATIENCE)
        claim_file(file, by=SYSTEM, now=after_the_silence())
        stop.go.set()
        sleeper.join(PATIENCE)

    taken_over = batch.files.get(number=1)
    assert (taken_over.state, taken_over.attempt, taken_over.sha256) == (FileState.WORKING, 2, "")
    batch.files.filter(state=FileState.WORKING).update(heard_at=clock.now() - SILENCE)
    finish(batch)
    check_complete(batch)


def test_a_worker_that_waits_for_a_slow_store_is_not_taken_for_dead(batch):
    file = batch.files.get(number=1)
    claim = claim_file(file, by=SYSTEM, now=makers.NOW)

    with beating(claim.file, claim.attempt, clock=clock.now, every=timedelta(milliseconds=10)):
        wait_until(lambda: batch.files.get(number=1).heard_at > makers.NOW)

    with pytest.raises(TakenOverError, match="reported on this file a moment ago"):
        claim_file(file, by=SYSTEM, now=clock.now())


def test_a_worker_that_lost_its_file_shows_no_life_on_it(batch):
    file = batch.files.get(number=1)
    lost = claim_file(file, by=SYSTEM, now=makers.NOW)
    taken_at = makers.NOW + SILENCE
    claim_file(file, by=SYSTEM, now=taken_at)
    looks = []

    def clock_that_is_asked():
        looks.append(clock.now())
        return looks[-1]

    with beating(lost.file, lost.attempt, clock=clock_that_is_asked, every=timedelta(milliseconds=10)):
        wait_until(lambda: len(looks) > 2)

    assert batch.files.get(number=1).heard_at == taken_at


def test_a_worker_killed_amid_the_parts_of_a_large_file_costs_nothing(gate):
    """Three parts of eight megabytes; the worker dies over the second, with the first in the store."""
    quantity = 450_000
    campaign = makers.make_campaign(length=12, grouping=(6, 6), expected_codes=10_000_000)
    printer = makers.make_printer(endpoint_url=gate.url, rows_per_file=quantity)
    batch = makers.approved_batch(campaign, printer=printer, quantity=quantity)
    file = batch.files.get()
    stop = gate.stop_at(lambda method, path: sends_part(method, path) and "partNumber=2" in path)

    kill_at(stop, Job.GENERATE_FILE, file)
    finish(batch)

    delivered = batch.files.select_related("batch__printer").get()
    rows = makers.rows_of(delivered)
    run = range(delivered.first_serial, delivered.last_serial + 1)
    skipped = set(delivered.skipped)
    assert [int(row["serial"]) for row in rows] == [serial for serial in run if serial not in skipped]
    assert len({row["code"] for row in rows}) == quantity
    assert uploads_left(batch) == []


def test_a_store_that_breaks_off_in_mid_file_puts_the_file_off(gate, batch):
    file = batch.files.get(number=1)
    gate.cut(sends_part, times=3)

    with pytest.raises(StorageError):
        deliver_file(file, by=SYSTEM, clock=clock.now)
    waiting = batch.files.get(number=1)
    finish(batch)

    assert (waiting.state, waiting.tries) == (FileState.WAITING, 1)
    check_complete(batch)


def test_a_database_that_goes_away_under_a_worker_costs_nothing(gate, batch):
    file = batch.files.get(number=1)
    stop = gate.stop_at(completes, answered=True)

    with one_task(Job.GENERATE_FILE, file.pk) as process:
        assert stop.reached.wait(PATIENCE)
        cut_connections()
        stop.go.set()
        process.join(PATIENCE)
        assert process.exitcode == 1
    left = batch.files.get(number=1)
    finish(batch)

    assert (left.state, left.sha256) == (FileState.WORKING, "")
    check_complete(batch)


def cut_connections() -> None:
    """End every connection to this test's database but our own, as a restart of the server would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    # Connections that lay idle in our own pool are dead now as well, and later tests should not wait for them.
    connection.pool.check()  # type: ignore[attr-defined]


def test_a_file_that_vanished_from_the_bucket_is_sent_again(batch):
    for file in batch.files.all():
        deliver_file(file, by=SYSTEM, clock=clock.now)
    file = batch.files.select_related("batch__printer").get(number=3)
    bucket_of(batch.printer).delete(batch.folder + file_name(file))

    with pytest.raises(TakenOverError, match="no longer in the bucket"):
        finish_delivery(makers.fetched(batch), by=SYSTEM, clock=clock.now)

    assert batch.files.get(number=3).state == FileState.WAITING
    finish(batch)
    check_complete(batch)


def test_killed_workers_and_an_emptied_broker_lose_nothing(gate, redis_client):
    printer = makers.make_printer(endpoint_url=gate.url)
    batch = makers.planned_batch(printer=printer, quantity=SERIALS)
    stop = gate.stop_at(lambda method, path: sends_part(method, path) and "-0002.csv" in path)

    with celery_worker() as process:
        approve_batch(batch, by=makers.an_approver(batch.campaign.market), now=makers.NOW)
        assert stop.reached.wait(PATIENCE)
        os.killpg(process.pid, signal.SIGKILL)
    redis_client.flushdb()
    stop.go.set()
    # The silence has passed.
    batch.files.filter(state=FileState.WORKING).update(heard_at=clock.now() - SILENCE)
    with celery_worker():
        nudge_left_work(by=SYSTEM, now=clock.now())
        wait_until(lambda: makers.fetched(batch).state == BatchState.DELIVERED)

    check_complete(batch)
    assert batch.files.get(number=2).attempt == 2
