"""Delivering a batch: each code once, opened by the printer alone, and every fault written down in words."""

from datetime import timedelta

import pyrage
import pytest

from campaigns.jobs import Job
from campaigns.models import BatchFile, Printer
from campaigns.operations.delivery import (
    MOST_TRIES,
    TakenOverError,
    claim_file,
    deliver_file,
    file_name,
    pause_delivery,
    report_progress,
    resume_delivery,
    retry_failed,
)
from campaigns.operations.manifests import finish_delivery
from campaigns.operations.parties import bucket_of
from campaigns.operations.planning import cancel_batch
from campaigns.operations.sweeping import nudge_left_work
from campaigns.queries.batches import SILENCE, batches_to_finish, files_to_work_on
from campaigns.queries.codebooks import codebook
from campaigns.rules.states import BatchState, FileState
from campaigns.tasks import MOST_WAITING, sweep
from portal.accounts.actors import SYSTEM
from portal.audit.queries import history
from portal.core.errors import ForbiddenError, WrongStateError
from portal.core.jobs import nudge_each, waiting
from portal.core.storage_errors import Reason, StorageError
from tests import makers
from tests.makers import NOW, still

pytestmark = pytest.mark.django_db


def first_file(batch) -> BatchFile:
    return batch.files.select_related("batch__campaign", "batch__printer").get(number=1)


def deliver_first(batch, now=NOW) -> BatchFile:
    return deliver_file(first_file(batch), by=SYSTEM, clock=still(now))


def test_delivers_every_code_once_in_files_of_the_printers_size():
    batch = makers.delivered_batch(quantity=250)

    codes = makers.printed_codes(batch)
    assert len(codes) == len(set(codes)) == 250
    assert [file.rows for file in batch.files.order_by("number")] == [100, 100, 50]
    assert batch.state == BatchState.DELIVERED


def test_prints_the_codes_of_exactly_the_serials_that_it_reserved():
    batch = makers.delivered_batch(quantity=250)

    book, code_format = codebook(batch.campaign), batch.campaign.format
    for file in batch.files.select_related("batch__campaign", "batch__printer"):
        rows = makers.rows_of(file)
        serials = [book.serial_of(code_format.fold(row["code"])) for row in rows]
        assert serials == [int(row["serial"]) for row in rows]
        run = range(file.first_serial, file.last_serial + 1)
        assert serials == [serial for serial in run if serial not in file.skipped]
        assert file.last_serial < file.first_serial + file.serials


def test_numbers_the_rows_on_from_file_to_file():
    batch = makers.delivered_batch(quantity=250)

    files = batch.files.select_related("batch__campaign", "batch__printer").order_by("number")
    assert [int(row["control"]) for file in files for row in makers.rows_of(file)] == list(range(1, 251))


def test_nobody_but_the_printer_can_open_a_file():
    batch = makers.delivered_batch()
    content = makers.lying_there(batch, file_name(first_file(batch)))

    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(content, [pyrage.x25519.Identity.generate()])


def test_an_approved_batch_waits_for_workers_and_not_yet_for_its_manifest():
    makers.approved_batch(quantity=250)

    assert files_to_work_on(now=NOW).count() == 3
    assert not batches_to_finish().exists()


def test_a_batch_whose_files_have_all_arrived_waits_for_its_manifest():
    batch = makers.approved_batch(quantity=250)
    for file in batch.files.all():
        deliver_file(file, by=SYSTEM, clock=still())

    assert list(batches_to_finish()) == [batch]
    assert not files_to_work_on(now=NOW).exists()


def test_the_last_file_nudges_the_manifest(django_capture_on_commit_callbacks, sent):
    batch = makers.approved_batch()

    with django_capture_on_commit_callbacks(execute=True):
        deliver_first(batch)

    assert sent() == [(Job.FINISH_DELIVERY, {"batch_id": batch.pk})]


def test_nothing_is_delivered_before_the_approval():
    batch = makers.planned_batch()

    with pytest.raises(TakenOverError, match="planned"):
        deliver_first(batch)

    assert makers.lying_there(batch, file_name(first_file(batch))) is None


def test_a_file_is_delivered_once():
    batch = makers.approved_batch()
    delivered = deliver_first(batch)

    with pytest.raises(TakenOverError, match="The file is delivered"):
        deliver_first(batch)

    assert first_file(batch).sha256 == delivered.sha256


def test_a_worker_that_reports_keeps_its_file():
    batch = makers.approved_batch()
    claim_file(first_file(batch), by=SYSTEM, now=NOW)

    with pytest.raises(TakenOverError):
        claim_file(first_file(batch), by=SYSTEM, now=NOW + SILENCE - timedelta(seconds=1))


def test_a_worker_that_fell_silent_loses_its_file():
    batch = makers.approved_batch()
    claim_file(first_file(batch), by=SYSTEM, now=NOW)

    claim = claim_file(first_file(batch), by=SYSTEM, now=NOW + SILENCE)

    assert claim.attempt == 2


def test_a_worker_that_lost_its_file_cannot_report_on_it():
    batch = makers.approved_batch()
    slow = claim_file(first_file(batch), by=SYSTEM, now=NOW)
    claim_file(first_file(batch), by=SYSTEM, now=NOW + SILENCE)

    with pytest.raises(TakenOverError):
        report_progress(slow, 10, now=NOW + SILENCE)

    assert first_file(batch).rows_done == 0


def test_a_claim_keeps_in_mind_the_upload_that_it_has_to_throw_away():
    batch = makers.approved_batch()
    file = first_file(batch)
    claim_file(file, by=SYSTEM, now=NOW)
    BatchFile.objects.filter(pk=file.pk).update(upload_id="left-behind")

    claims = [claim_file(file, by=SYSTEM, now=NOW + turn * SILENCE) for turn in (1, 2)]

    assert [claim.abandoned_upload for claim in claims] == ["left-behind", "left-behind"]


# ── What can go wrong with the printer ───────────────────────────────────────────────────────────────────


def refused(batch, now=NOW) -> StorageError:
    with pytest.raises(StorageError) as raised:
        deliver_first(batch, now)
    return raised.value


def test_a_bucket_that_does_not_exist_fails_the_file_with_words():
    batch = makers.approved_batch(printer=makers.make_printer(has_bucket=False))

    error = refused(batch)

    file = first_file(batch)
    assert error.reason == Reason.BUCKET_MISSING
    assert (file.state, file.retry_at) == (FileState.FAILED, None)
    assert "does not exist" in file.problem
    assert history(batch).first().act == "file.failed"


def test_credentials_that_the_store_does_not_know_fail_the_file_with_words(settings):
    wrong = {"access_key": "nobody", "secret_key": "wrong", "endpoint_url": settings.S3_ENDPOINT_URL}
    settings.PRINTER_CREDENTIALS = {"north": wrong}
    batch = makers.approved_batch(printer=makers.make_printer(credentials="north"))

    refused(batch)

    file = first_file(batch)
    assert file.state == FileState.FAILED
    assert "credentials “north”" in file.problem


def test_credentials_that_were_taken_out_of_the_settings_fail_the_file_with_words(settings):
    settings.PRINTER_CREDENTIALS = {"north": {}}
    batch = makers.approved_batch(printer=makers.make_printer(credentials="north"))
    settings.PRINTER_CREDENTIALS = {}

    refused(batch)

    assert "There are no credentials named “north”" in first_file(batch).problem


def test_a_recipient_that_is_no_key_fails_the_file_with_words():
    batch = makers.approved_batch()
    type(batch).objects.filter(pk=batch.pk).update(recipients=["age1nonsense"])

    with pytest.raises(ValueError, match="not an age public key"):
        deliver_first(batch)

    file = first_file(batch)
    assert file.state == FileState.FAILED
    assert "not an age public key" in file.problem


def test_a_store_that_does_not_answer_is_tried_again_later():
    batch = makers.approved_batch()
    Printer.objects.filter(pk=batch.printer_id).update(endpoint_url="http://127.0.0.1:9")

    error = refused(batch)

    file = first_file(batch)
    assert error.reason == Reason.UNREACHABLE
    assert file.state == FileState.WAITING
    assert file.retry_at == NOW + timedelta(seconds=2)
    assert "does not answer" in file.problem
    assert list(files_to_work_on(now=NOW)) == []
    assert list(files_to_work_on(now=file.retry_at)) == [file]


def test_a_store_that_stays_away_is_given_up_in_the_end():
    batch = makers.approved_batch()
    Printer.objects.filter(pk=batch.printer_id).update(endpoint_url="http://127.0.0.1:9")
    batch.files.update(tries=9)

    refused(batch)

    assert first_file(batch).state == FileState.FAILED


def test_a_failed_file_is_delivered_after_the_cause_was_mended(marketer):
    printer = makers.make_printer(has_bucket=False)
    batch = makers.approved_batch(printer=printer)
    refused(batch)
    bucket_of(printer).create()

    retry_failed(makers.fetched(batch), by=marketer, now=NOW)
    delivered = makers.deliver(batch)

    assert delivered.state == BatchState.DELIVERED
    assert len(set(makers.printed_codes(delivered))) == 50


def test_there_is_nothing_to_try_again_when_nothing_failed(marketer):
    batch = makers.approved_batch()
    claim_file(first_file(batch), by=SYSTEM, now=NOW)

    with pytest.raises(WrongStateError, match="No file of this batch has failed"):
        retry_failed(batch, by=marketer, now=NOW)


def test_a_cancelled_batch_is_not_tried_again(marketer):
    batch = makers.approved_batch(printer=makers.make_printer(has_bucket=False))
    refused(batch)
    cancel_batch(batch, reason="wrong printer", by=marketer, now=NOW)

    with pytest.raises(WrongStateError, match="Nothing of this batch"):
        retry_failed(batch, by=marketer, now=NOW)


# ── Pausing, resuming, cancelling ────────────────────────────────────────────────────────────────────────


def test_a_pause_takes_the_file_from_its_worker(marketer):
    batch = makers.approved_batch()
    claim = claim_file(first_file(batch), by=SYSTEM, now=NOW)

    pause_delivery(batch, by=marketer, now=NOW)

    with pytest.raises(TakenOverError):
        report_progress(claim, 10, now=NOW)


def test_a_paused_batch_is_left_alone_by_workers(marketer):
    batch = makers.approved_batch(quantity=250)
    deliver_first(batch)
    pause_delivery(batch, by=marketer, now=NOW)

    with pytest.raises(TakenOverError, match="paused"):
        deliver_file(batch.files.get(number=2), by=SYSTEM, clock=still())

    assert not files_to_work_on(now=NOW).exists()


def test_a_resumed_batch_goes_on_with_the_files_that_are_missing(
    marketer, django_capture_on_commit_callbacks, sent
):
    batch = makers.approved_batch(quantity=250)
    deliver_first(batch)
    pause_delivery(batch, by=marketer, now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        resume_delivery(batch, by=marketer, now=NOW)

    missing = batch.files.exclude(number=1).order_by("number")
    assert sent() == [(Job.GENERATE_FILE, {"file_id": file.pk}) for file in missing]


def test_a_delivery_that_runs_cannot_be_resumed(marketer):
    batch = makers.approved_batch(quantity=250)
    deliver_first(batch)

    with pytest.raises(WrongStateError, match="not paused"):
        resume_delivery(batch, by=marketer, now=NOW)


def test_a_batch_that_has_not_started_cannot_be_paused(marketer):
    batch = makers.approved_batch()

    with pytest.raises(WrongStateError):
        pause_delivery(batch, by=marketer, now=NOW)


@pytest.mark.parametrize("act", [pause_delivery, resume_delivery, retry_failed])
def test_an_outsider_cannot_touch_a_delivery(outsider, act):
    batch = makers.approved_batch()

    with pytest.raises(ForbiddenError):
        act(batch, by=outsider, now=NOW)


def test_a_cancelled_batch_is_left_alone_by_workers(marketer):
    batch = makers.approved_batch(quantity=250)
    deliver_first(batch)
    cancel_batch(batch, reason="the printer burnt down", by=marketer, now=NOW)

    with pytest.raises(TakenOverError, match="cancelled"):
        deliver_file(batch.files.get(number=2), by=SYSTEM, clock=still())


def test_a_batch_cancelled_while_its_manifest_is_put_leaves_no_manifest(marketer):
    batch = makers.approved_batch()
    deliver_first(batch)
    moments = iter([NOW])

    def cancelling_clock():
        # The last look at the clock comes after the manifest was put.
        moment = next(moments, None)
        if moment is None:
            cancel_batch(batch, reason="at the last moment", by=marketer, now=NOW)
        return moment or NOW

    with pytest.raises(TakenOverError):
        finish_delivery(makers.fetched(batch), by=SYSTEM, clock=cancelling_clock)

    assert makers.lying_there(batch, "manifest.json") is None
    assert makers.fetched(batch).state == BatchState.CANCELLED


def test_a_second_nudge_leaves_a_delivery_alone_that_its_printer_has_emptied():
    batch = makers.delivered_batch()
    bucket = bucket_of(makers.fetched(batch).printer)
    bucket.delete(batch.folder + file_name(first_file(batch)))

    with pytest.raises(TakenOverError):
        finish_delivery(makers.fetched(batch), by=SYSTEM, clock=still())

    assert makers.lying_there(batch, "manifest.json") is not None


# ── What a lost nudge leaves behind ──────────────────────────────────────────────────────────────────────


def test_the_sweep_nudges_files_manifests_and_activations(django_capture_on_commit_callbacks, sent):
    waiting = makers.approved_batch()
    complete = makers.approved_batch()
    deliver_first(complete)
    due = makers.acknowledged_batch(activates_at=makers.later(hours=1))

    with django_capture_on_commit_callbacks(execute=True):
        found = nudge_left_work(by=SYSTEM, now=makers.later(hours=1))

    assert found == 3
    assert sorted(sent()) == sorted(
        [
            (Job.GENERATE_FILE, {"file_id": waiting.files.get().pk}),
            (Job.FINISH_DELIVERY, {"batch_id": complete.pk}),
            (Job.ACTIVATE_DUE, {"batch_id": due.pk}),
        ]
    )


@pytest.mark.parametrize(
    ("tries", "state"), [(MOST_TRIES - 1, FileState.WORKING), (MOST_TRIES, FileState.FAILED)]
)
def test_the_sweep_gives_up_a_file_that_killed_every_worker(tries, state):
    batch = makers.approved_batch()
    file = batch.files.get(number=1)
    claim_file(file, by=SYSTEM, now=NOW)
    BatchFile.objects.filter(pk=file.pk).update(tries=tries)

    nudge_left_work(by=SYSTEM, now=NOW + SILENCE)

    file.refresh_from_db()
    assert file.state == state
    assert ("workers died" in file.problem) == (state == FileState.FAILED)


def test_a_worker_taken_for_dead_cannot_finish_a_file_that_was_given_up():
    batch = makers.approved_batch()
    file = first_file(batch)

    def slow_clock():
        # The worker sleeps through the end of its file; by then the sweep has given the file up.
        if BatchFile.objects.filter(pk=file.pk).exclude(upload_id="").update(state=FileState.FAILED):
            return NOW + SILENCE
        return NOW

    with pytest.raises(TakenOverError):
        deliver_file(file, by=SYSTEM, clock=slow_clock)

    assert makers.fetched(batch).files.get(number=1).state == FileState.FAILED


def test_the_sweep_leaves_files_alone_while_enough_of_them_wait(django_capture_on_commit_callbacks, sent):
    makers.approved_batch(quantity=250)

    with django_capture_on_commit_callbacks(execute=True):
        nudge_left_work(most_files=2, by=SYSTEM, now=NOW)

    assert len(sent()) == 2


def test_the_sweep_as_a_task_adds_no_files_to_a_queue_that_is_long_enough(
    django_capture_on_commit_callbacks, redis_client
):
    batch = makers.approved_batch(quantity=250)
    with django_capture_on_commit_callbacks(execute=True):
        nudge_each(Job.GENERATE_FILE, file_id=[batch.files.first().pk] * MOST_WAITING)

    with django_capture_on_commit_callbacks(execute=True):
        sweep()

    assert waiting("campaigns") == MOST_WAITING


def test_the_sweep_as_a_task_adds_the_files_of_a_queue_that_was_lost(
    django_capture_on_commit_callbacks, redis_client
):
    makers.approved_batch(quantity=250)

    with django_capture_on_commit_callbacks(execute=True):
        sweep()

    assert waiting("campaigns") == 3
