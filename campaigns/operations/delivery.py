"""Delivering a batch: each file claimed, generated, encrypted and uploaded, resumable at any file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.jobs import Job
from campaigns.models import Batch, BatchFile
from campaigns.operations.heartbeats import beating
from campaigns.operations.moves import move_batch, move_file
from campaigns.operations.parties import bucket_of
from campaigns.queries.batches import SILENCE
from campaigns.queries.codebooks import codebook, word_screen
from campaigns.rules.generate import FileOutcome, ReservationSpentError, file_blocks
from campaigns.rules.layout import LayoutError, RowLayout
from campaigns.rules.rows import Layouter
from campaigns.rules.runs import FileRun
from campaigns.rules.states import BatchState, FileState, in_a_sentence
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import DomainError, Kind, WrongStateError
from portal.core.files import Delivered, RecipientError, Recipients, encrypted_upload
from portal.core.jobs import nudge, nudge_each
from portal.core.phrases import Phrase, words_of
from portal.core.storage import Bucket
from portal.core.storage_errors import Reason, StorageError
from portal.crypto.keyring import UnwrapError

Clock = Callable[[], datetime]
S, F = BatchState, FileState

# How often a worker reports, and by that asks whether it should go on.
REPORT_EVERY = timedelta(seconds=0.5)
MOST_TRIES = 10
LONGEST_PAUSE = timedelta(minutes=5)
_KEY_CLOSED = Phrase(
    "The key of this campaign cannot be unwrapped here. Ask an operator to restore the key file."
)


class TakenOverError(DomainError):
    """Refuse to go on with a file that another worker has, or that nobody wants any more."""

    kind = Kind.CONFLICT
    code = "taken-over"
    title = Phrase("Another worker has this file, or the delivery was stopped")


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that this worker holds: the fence number, and the upload that an earlier one left behind."""

    file: BatchFile
    attempt: int
    abandoned_upload: str


@transaction.atomic(durable=True)
def claim_file(file: BatchFile, *, by: Actor, now: datetime) -> Claim:
    """Take a file that waits, or whose worker fell silent; the first claim starts the delivery.

    :raises TakenOverError: somebody works on it, it is done, or the batch is not being delivered
    """
    batch = locked(Batch, file.batch, "campaign", "printer")
    file = locked(BatchFile, file)
    _check_claimable(batch, file, now)
    if batch.state == S.APPROVED:
        move_batch(batch, S.DELIVERING)
        batch.delivery_started_at = now
        batch.save(update_fields=["state", "delivery_started_at"])
        record(by, "delivery.started", batch, now=now)
    # It stays on the row until another is remembered: throwing it away may fail and be tried again.
    abandoned = file.upload_id
    if file.state != F.WORKING:
        move_file(file, F.WORKING)
    file.attempt, file.tries = file.attempt + 1, file.tries + 1
    file.rows_done, file.problem = 0, ""
    file.heard_at, file.started_at = now, now
    file.save(update_fields=["state", "attempt", "tries", "rows_done", "problem", "heard_at", "started_at"])
    file.batch = batch
    return Claim(file, file.attempt, abandoned)


def _check_claimable(batch: Batch, file: BatchFile, now: datetime) -> None:
    if batch.state not in {S.APPROVED, S.DELIVERING}:
        raise TakenOverError(Phrase("The batch is {state}.", state=in_a_sentence(batch.state)))
    if file.state == F.WORKING and file.heard_at is not None and now - file.heard_at < SILENCE:
        raise TakenOverError(Phrase("Another worker reported on this file a moment ago."))
    if file.state not in {F.WAITING, F.WORKING}:
        raise TakenOverError(Phrase("The file is {state}.", state=in_a_sentence(file.state)))


def deliver_file(file: BatchFile, *, by: Actor, clock: Clock) -> BatchFile:
    """Generate, encrypt and upload one file, reporting progress; what cannot be done is written on the file.

    Killed at any point, the file is claimed again after a short silence and made anew: the same serials give
    the same codes, under the same name, and the upload left behind is thrown away first.

    :raises TakenOverError: there is nothing for this worker to do
    :raises portal.core.storage_errors.StorageError: the store refuses or fails; the reason is on the file
    """
    claim = claim_file(file, by=by, now=clock())
    with _writing_down_faults(claim, by=by, clock=clock):
        with beating(claim.file, claim.attempt, clock=clock):
            outcome, delivered = _upload_rows(claim, clock)
        return _finish_file(claim, outcome, delivered, by=by, now=clock())


@contextmanager
def _writing_down_faults(claim: Claim, *, by: Actor, clock: Clock) -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        again = error.is_temporary and claim.file.tries < MOST_TRIES
        _put_off_file(claim, error.detail, error.reason, may_try_again=again, by=by, now=clock())
        raise
    except UnwrapError as error:
        _put_off_file(claim, _KEY_CLOSED, error.code, may_try_again=False, by=by, now=clock())
        raise
    except (LayoutError, RecipientError, ReservationSpentError) as error:
        _put_off_file(claim, words_of(error), error.code, may_try_again=False, by=by, now=clock())
        raise
    except TakenOverError:
        _release_file(claim, now=clock())
        raise


def _upload_rows(claim: Claim, clock: Clock) -> tuple[FileOutcome, Delivered]:
    batch, bucket = claim.file.batch, bucket_of(claim.file.batch.printer)
    key = batch.folder + file_name(claim.file)
    if claim.attempt > 1:
        _throw_away(bucket, key, claim.abandoned_upload)
    outcome = FileOutcome()
    recipients = Recipients.parse(batch.recipients)
    upload = bucket.multipart(key)
    try:
        _remember_upload(claim, upload.upload_id)
    except TakenOverError:
        upload.abort()
        raise
    reported_at = clock()

    def report(_plain_bytes: int) -> None:
        nonlocal reported_at
        now = clock()
        if now - reported_at >= REPORT_EVERY:
            reported_at = now
            report_progress(claim, outcome.rows, now=now)

    blocks = file_content(claim.file, outcome)
    return outcome, encrypted_upload(blocks, recipients=recipients, upload=upload, on_block=report)


def _throw_away(bucket: Bucket, key: str, upload_id: str) -> None:
    """End what earlier attempts began: one that was only slow can no longer complete its object over ours."""
    if upload_id:
        bucket.abort_upload(key, upload_id)
    try:
        # A worker may have died before it could write down its upload.
        bucket.abort_uploads(key)
    except StorageError as error:
        # Not every printer allows us to list; the bucket's own life cycle clears up there.
        if error.reason is not Reason.REFUSED:
            raise


def file_name(file: BatchFile) -> str:
    """Name a file within its batch's folder."""
    kind = RowLayout.from_json(file.batch.layout).suffix
    return f"{file.batch.public_id}-{file.number:04d}.{kind}.age"


def file_content(file: BatchFile, outcome: FileOutcome) -> Iterator[memoryview | bytes]:
    """Prepare the bytes of a file; its batch, campaign and printer must have been fetched."""
    batch, campaign = file.batch, file.batch.campaign
    layouter = Layouter(
        RowLayout.from_json(batch.layout),
        campaign.format,
        file_number=file.number,
        lot=batch.lot,
        first_control=file.first_row,
    )
    run = FileRun(number=file.number, rows=file.rows, first_serial=file.first_serial, serials=file.serials)
    return file_blocks(codebook(campaign), word_screen(campaign), layouter, run, outcome)


def _still_held(claim: Claim) -> QuerySet[BatchFile]:
    return BatchFile.objects.filter(pk=claim.file.pk, attempt=claim.attempt, state=F.WORKING)


def _remember_upload(claim: Claim, upload_id: str) -> None:
    if not _still_held(claim).update(upload_id=upload_id):
        raise TakenOverError


def report_progress(claim: Claim, rows_done: int, *, now: datetime) -> None:
    """Write down how many rows are done, and that the worker lives.

    :raises TakenOverError: another worker took over, or the batch was paused or cancelled
    """
    # No join: the conditions have to hold for the row as it is once its lock is won.
    wanted = _still_held(claim).filter(batch__in=Batch.objects.filter(state=S.DELIVERING))
    if not wanted.update(rows_done=rows_done, heard_at=now):
        raise TakenOverError


@transaction.atomic(durable=True)
def _finish_file(
    claim: Claim, outcome: FileOutcome, delivered: Delivered, *, by: Actor, now: datetime
) -> BatchFile:
    batch = locked(Batch, claim.file.batch)
    file = locked(BatchFile, claim.file)
    is_ours = file.attempt == claim.attempt and file.state == F.WORKING
    if not is_ours or batch.state not in {S.DELIVERING, S.PAUSED}:
        raise TakenOverError
    move_file(file, F.DELIVERED)
    file.rows_done, file.last_serial, file.skipped = outcome.rows, outcome.last_serial, outcome.skipped
    file.bytes, file.sha256, file.etag = delivered.bytes, delivered.sha256, delivered.etag
    file.plain_bytes, file.plain_sha256 = delivered.plain_bytes, delivered.plain_sha256
    file.delivered_at, file.heard_at, file.upload_id = now, now, ""
    file.save()
    record(by, "file.delivered", batch, now=now, number=file.number, rows=file.rows)
    if not batch.files.exclude(state=F.DELIVERED).exists():
        nudge(Job.FINISH_DELIVERY, batch_id=batch.pk)
    return file


@transaction.atomic(durable=True)
def _put_off_file(
    claim: Claim, problem: str, reason: str, *, may_try_again: bool, by: Actor, now: datetime
) -> None:
    """Write down what went wrong: the file waits for another try, or has failed until somebody mends the cause."""
    file = locked(BatchFile, claim.file)
    if file.attempt != claim.attempt or file.state != F.WORKING:
        return
    move_file(file, F.WAITING if may_try_again else F.FAILED)
    file.problem, file.rows_done, file.heard_at = problem, 0, now
    file.retry_at = now + min(timedelta(seconds=2**file.tries), LONGEST_PAUSE) if may_try_again else None
    file.save(update_fields=["state", "problem", "rows_done", "heard_at", "retry_at"])
    if not may_try_again:
        record(by, "file.failed", claim.file.batch, now=now, number=file.number, reason=str(reason))


@transaction.atomic(durable=True)
def _release_file(claim: Claim, *, now: datetime) -> None:
    """Give a file back that was stopped by a pause; the next claim begins it anew."""
    file = locked(BatchFile, claim.file)
    if file.attempt == claim.attempt and file.state == F.WORKING:
        move_file(file, F.WAITING)
        file.rows_done, file.heard_at = 0, now
        file.tries -= 1
        file.save(update_fields=["state", "rows_done", "heard_at", "tries"])


@transaction.atomic(durable=True)
def pause_delivery(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    """Stop after what is delivered; files under way are given up and made anew later.

    :raises WrongStateError: nothing is being delivered
    """
    permit(by, Act.BATCH_PLAN, batch.place)
    batch = locked(Batch, batch)
    move_batch(batch, S.PAUSED)
    batch.save(update_fields=["state"])
    record(by, "delivery.paused", batch, now=now)
    return batch


@transaction.atomic(durable=True)
def resume_delivery(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    """Go on with a paused delivery, at the files that are missing.

    :raises WrongStateError: it is not paused
    """
    permit(by, Act.BATCH_PLAN, batch.place)
    batch = locked(Batch, batch)
    if batch.state != S.PAUSED:
        raise WrongStateError(_("The delivery is not paused."))
    move_batch(batch, S.DELIVERING)
    batch.save(update_fields=["state"])
    record(by, "delivery.resumed", batch, now=now)
    _nudge_open_files(batch)
    return batch


@transaction.atomic(durable=True)
def retry_failed(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    """Try the failed files again, after whatever was wrong has been mended.

    :raises WrongStateError: no file has failed, or the batch is not being delivered
    """
    permit(by, Act.BATCH_PLAN, batch.place)
    batch = locked(Batch, batch)
    if batch.state not in {S.DELIVERING, S.PAUSED}:
        raise WrongStateError(_("Nothing of this batch is being delivered."))
    failed = batch.files.filter(state__in=[F.FAILED, F.WAITING]).exclude(problem="")
    if not failed.update(state=F.WAITING, tries=0, retry_at=None, problem=""):
        raise WrongStateError(_("No file of this batch has failed."))
    record(by, "delivery.retried", batch, now=now)
    _nudge_open_files(batch)
    return batch


def _nudge_open_files(batch: Batch) -> None:
    open_files = batch.files.filter(state=F.WAITING).order_by("number")
    nudge_each(Job.GENERATE_FILE, file_id=open_files.values_list("pk", flat=True))
    if not batch.files.exclude(state=F.DELIVERED).exists():
        nudge(Job.FINISH_DELIVERY, batch_id=batch.pk)
