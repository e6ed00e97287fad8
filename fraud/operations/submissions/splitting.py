"""Cutting a received file into chunks in one pass, resumable at any chunk: a chunk is a function of the file's rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice

import msgspec
from django.db import IntegrityError, transaction

from fraud.jobs import Job
from fraud.models import Chunk, Submission
from fraud.operations.submissions.moves import ChunkTakenError, move_submission
from fraud.operations.submissions.objects import Cabinet
from fraud.operations.submissions.opening import plain_blocks
from fraud.operations.submissions.receiving import same_file
from fraud.queries.submissions import SILENCE
from fraud.rules.sources import ControlTotals, Raw, Source, SourceError
from fraud.rules.sources.layouts import layout_of
from fraud.rules.submissions import SubmissionState, rows_per_chunk
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.db import locked, violated_constraint
from portal.core.jobs import nudge_each
from portal.core.phrases import Phrase, words_of
from portal.core.storage_streams import blocks_of
from portal.crypto.sealing import UnsealError

Clock = Callable[[], datetime]
S = SubmissionState
# As many nudges as workers may be; each asks for the next chunk until there is none.
MOST_NUDGES = 32
# A file is given up whose readers died so often.
MOST_ATTEMPTS = 6
_DIED = Phrase(
    "{tries} workers died on this file. Ask an operator to look into their log.", tries=MOST_ATTEMPTS
)
_WRONG_HASH = Phrase("The file is not the one that was announced: its SHA-256 is another. Send it again.")
_TAMPERED = Phrase("The file that lies in the bucket is not what was received. Send it again.")


@dataclass(frozen=True, slots=True)
class SplitClaim:
    """A submission that this worker reads: the number of the attempt fences off whoever read it before."""

    submission: Submission
    attempt: int


@transaction.atomic(durable=True)
def claim_split(submission: Submission, *, by: Actor, now: datetime) -> SplitClaim:
    """Take a received file to read it, or one whose reader fell silent.

    :raises ChunkTakenError: somebody reads it, or it has been read
    """
    submission = locked(Submission, submission)
    is_silent = submission.heard_at is None or now - submission.heard_at >= SILENCE
    if submission.is_paused or not (
        submission.state == S.RECEIVED or (submission.state == S.SPLITTING and is_silent)
    ):
        raise ChunkTakenError
    if submission.state == S.RECEIVED:
        move_submission(submission, S.SPLITTING)
        record(by, "submission.started", submission, now=now)
    submission.attempt += 1
    submission.heard_at, submission.problem = now, ""
    submission.started_at = submission.started_at or now
    submission.save(update_fields=["state", "attempt", "heard_at", "problem", "started_at"])
    return SplitClaim(submission, submission.attempt)


def split_submission(submission: Submission, *, by: Actor, clock: Clock) -> Submission:
    """Read a file once, put its rows into sealed chunks, check its totals, and let the workers begin.

    What is wrong with the file as a whole is written on the submission; rows are judged later, one by one.

    :raises ChunkTakenError: there is nothing for this worker to do
    :raises portal.core.storage_errors.StorageError: the store refuses or fails; the sweep tries again
    """
    claim = claim_split(submission, by=by, now=clock())
    submission = claim.submission
    if claim.attempt > MOST_ATTEMPTS:
        words = Phrase(
            "{tries} workers died on this file. Ask an operator to look into their log.", tries=MOST_ATTEMPTS
        )
        return fail_submission(submission, words, reason="workers-died", by=by, now=clock())
    try:
        digest, source = _split(claim, clock)
    except (SourceError, UnsealError) as error:
        problem = words_of(error) if isinstance(error, SourceError) else _TAMPERED
        return fail_submission(submission, problem, reason=error.code, by=by, now=clock())
    return _finish_split(claim, digest, source, by=by, now=clock())


def _split(claim: SplitClaim, clock: Clock) -> tuple[str, Source]:
    submission = claim.submission
    cabinet, digest = Cabinet.of(submission), sha256()

    def hashed(blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            digest.update(block)
            yield block

    stored = (
        cabinet.opened_frames() if submission.is_framed else blocks_of(cabinet.bucket, submission.object_key)
    )
    source = Source(
        plain_blocks(submission, hashed(stored)),
        layout_of(submission.mapping),
        is_summed=submission.declared_total is not None,
    )
    _put_chunks(claim, cabinet, source, clock)
    if submission.declared_sha256 and digest.hexdigest() != submission.declared_sha256:
        raise SourceError("hash-wrong", _WRONG_HASH)
    ControlTotals(submission.declared_rows, submission.declared_total).check(source.rows, source.total)
    return digest.hexdigest(), source


def _put_chunks(claim: SplitClaim, cabinet: Cabinet, source: Source, clock: Clock) -> None:
    rows = rows_per_chunk(claim.submission.size or 0)
    known = set(claim.submission.chunks.values_list("number", flat=True))
    records, number, first = iter(source), 0, 1
    while batch := list(islice(records, rows)):
        number += 1
        if number not in known:
            cabinet.put_records(number, batch)
            _add_chunk(claim, number, first, batch, now=clock())
        first += len(batch)


@transaction.atomic(durable=True)
def _add_chunk(claim: SplitClaim, number: int, first: int, records: list[Raw], *, now: datetime) -> None:
    held = Submission.objects.filter(pk=claim.submission.pk, attempt=claim.attempt, state=S.SPLITTING)
    if not held.update(heard_at=now):
        raise ChunkTakenError
    Chunk.objects.create(
        institution_id=claim.submission.institution_id,
        submission=claim.submission,
        number=number,
        first_row=first,
        rows=len(records),
    )


def _finish_split(claim: SplitClaim, digest: str, source: Source, *, by: Actor, now: datetime) -> Submission:
    try:
        submission = _open_chunks(claim, digest, source, by=by, now=now)
    except IntegrityError as error:
        if violated_constraint(error) != "one_submission_per_file":
            raise
        submission = _become_duplicate(claim, digest, by=by, now=now)
    # What the sender put there is not sealed by us; its rows are.
    if not submission.is_framed:
        Cabinet.of(submission).bucket.delete(submission.object_key)
    else:
        Cabinet.of(submission).clear(["file"])
    return submission


@transaction.atomic(durable=True)
def _open_chunks(claim: SplitClaim, digest: str, source: Source, *, by: Actor, now: datetime) -> Submission:
    submission = _held(claim)
    move_submission(submission, S.WORKING)
    submission.sha256, submission.rows, submission.split_at, submission.heard_at = (
        digest,
        source.rows,
        now,
        now,
    )
    submission.head = msgspec.to_builtins(source.head)
    submission.save(update_fields=["state", "sha256", "rows", "split_at", "heard_at", "head"])
    record(by, "submission.split", submission, now=now, rows=source.rows)
    nudge_workers(submission)
    return submission


@transaction.atomic(durable=True)
def _become_duplicate(claim: SplitClaim, digest: str, *, by: Actor, now: datetime) -> Submission:
    submission = _held(claim)
    move_submission(submission, S.DUPLICATE)
    submission.same_as = same_file(submission.institution, digest, submission.mapping_checksum)
    submission.sha256, submission.ended_at = digest, now
    submission.save(update_fields=["state", "same_as", "sha256", "ended_at"])
    submission.chunks.all().delete()
    record(by, "submission.repeated", submission, now=now)
    return submission


def _held(claim: SplitClaim) -> Submission:
    submission = locked(Submission, claim.submission, "institution")
    if submission.attempt != claim.attempt or submission.state != S.SPLITTING:
        raise ChunkTakenError
    return submission


@transaction.atomic(durable=True)
def fail_submission(
    submission: Submission, problem: str, *, reason: str, by: Actor, now: datetime
) -> Submission:
    """Write down why a file cannot be read or worked on as a whole.

    :raises WrongStateError: it has ended
    """
    submission = locked(Submission, submission)
    move_submission(submission, S.FAILED)
    submission.problem, submission.ended_at = problem, now
    submission.save(update_fields=["state", "problem", "ended_at"])
    record(by, "submission.failed", submission, now=now, reason=reason)
    return submission


def nudge_workers(submission: Submission) -> None:
    """Wake as many workers as there are chunks, or as there may be; within the caller's transaction."""
    count = min(submission.chunks.count(), MOST_NUDGES)
    nudge_each(Job.WORK_CHUNKS, submission_id=[submission.pk] * count)
