"""The result of a submission: the parts of its chunks in their order, hashed and signed, handed out as one stream."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import msgspec
from django.db import transaction

from fraud.models import Submission
from fraud.operations.submissions.moves import ChunkTakenError, move_submission
from fraud.operations.submissions.objects import Cabinet
from fraud.queries.submissions import SILENCE
from fraud.rules.sources import Head, head_of, tail_of
from fraud.rules.sources.layouts import layout_of
from fraud.rules.sources.writing import REJECT_COLUMNS, RESULT_COLUMNS
from fraud.rules.submissions import ChunkState, SubmissionState
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import NotFoundError
from portal.core.phrases import Phrase
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import sign
from portal.keys.sealed import ErasedError
from portal.keys.signing import signing_key

S = SubmissionState
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Signed:
    size: int
    sha256: str
    signature: str


@transaction.atomic(durable=True)
def claim_result(submission: Submission, *, by: Actor, now: datetime) -> Submission:
    """Take a submission whose chunks are all screened, to make its result.

    :raises ChunkTakenError: some are not, or somebody makes it
    """
    submission = locked(Submission, submission, "institution")
    is_silent = submission.heard_at is None or now - submission.heard_at >= SILENCE
    if submission.state == S.WORKING:
        if submission.chunks.exclude(state=ChunkState.SCREENED).exists():
            raise ChunkTakenError
        move_submission(submission, S.ASSEMBLING)
        record(by, "submission.screened", submission, now=now)
    elif submission.state != S.ASSEMBLING or not is_silent:
        raise ChunkTakenError
    submission.attempt, submission.heard_at = submission.attempt + 1, now
    submission.save(update_fields=["state", "attempt", "heard_at"])
    return submission


def assemble_result(submission: Submission, *, by: Actor, clock: Clock) -> Submission:
    """Hash and sign the result and the rejects of a submission, and end it.

    :raises ChunkTakenError: there is nothing for this worker to do
    :raises portal.core.storage_errors.StorageError: the store refuses or fails; the sweep tries again
    """
    submission = claim_result(submission, by=by, now=clock())
    result = _signed(submission, "result", clock)
    rejects = _signed(submission, "rejects", clock)
    return _finish(submission, result, rejects, by=by, now=clock())


def _signed(submission: Submission, kind: str, clock: Clock) -> _Signed:
    digest, size = sha256(), 0
    held = Submission.objects.filter(pk=submission.pk, attempt=submission.attempt, state=S.ASSEMBLING)
    for number, piece in enumerate(_pieces(submission, kind)):
        digest.update(piece)
        size += len(piece)
        if number % 50 == 0 and not held.update(heard_at=clock()):
            raise ChunkTakenError
    # Ed25519 signs what is held in memory: of a long file, its hash, as `sha256sum` writes it.
    line = signed_line(submission, kind, digest.hexdigest())
    return _Signed(size, digest.hexdigest(), sign(signing_key(Purpose.RESULTS), line))


def signed_line(submission: Submission, kind: str, digest: str) -> bytes:
    """Give what is signed of a file: its SHA-256 and its name, as `sha256sum` writes them."""
    return f"{digest}  {file_name_of(submission, kind)}\n".encode()


def file_name_of(submission: Submission, kind: str) -> str:
    """Name the result file ("result") or the reject file ("rejects") of a submission."""
    return f"{submission.public_id}-{kind}.{layout_of(submission.mapping).kind.value.replace('fixed', 'txt')}"


@transaction.atomic(durable=True)
def _finish(
    submission: Submission, result: _Signed, rejects: _Signed, *, by: Actor, now: datetime
) -> Submission:
    attempt = submission.attempt
    submission = locked(Submission, submission)
    if submission.attempt != attempt or submission.state != S.ASSEMBLING:
        raise ChunkTakenError
    rejected = sum(submission.chunks.values_list("rejected", flat=True))
    move_submission(submission, S.FINISHED_WITH_REJECTS if rejected else S.FINISHED)
    submission.result_size, submission.result_sha256 = result.size, result.sha256
    submission.result_signature, submission.rejects_signature = result.signature, rejects.signature
    submission.rejects_size, submission.rejects_sha256 = rejects.size, rejects.sha256
    submission.ended_at = now
    submission.save()
    record(by, "submission.finished", submission, now=now, rows=submission.rows, rejected=rejected)
    return submission


def result_pieces(submission: Submission, kind: str) -> Iterator[bytes]:
    """Give the bytes of the result file ("result") or of the reject file ("rejects") of a finished submission.

    :raises NotFoundError: it has no result yet
    :raises portal.keys.sealed.ErasedError: its files were erased
    """
    if submission.files_erased_at is not None:
        raise ErasedError
    if submission.state not in {S.FINISHED, S.FINISHED_WITH_REJECTS}:
        raise NotFoundError(Phrase("The submission has no result yet."))
    return _pieces(submission, kind)


def _pieces(submission: Submission, kind: str) -> Iterator[bytes]:
    layout, head = layout_of(submission.mapping), msgspec.convert(submission.head, Head)
    cabinet = Cabinet.of(submission)
    numbers = list(submission.chunks.order_by("number").values_list("number", flat=True))
    yield head_of(layout, head, RESULT_COLUMNS if kind == "result" else REJECT_COLUMNS)
    for number in numbers:
        yield cabinet.get(f"{kind}-{number:06d}")
    yield tail_of(layout, head)
