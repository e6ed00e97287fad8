"""Ending the files of submissions: their key is destroyed at once, and what nobody can read any more is deleted."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import structlog
from django.db import transaction

from fraud.models import Submission
from fraud.operations.submissions.assembling import file_name_of
from fraud.operations.submissions.dropping import drop_folder
from fraud.operations.submissions.objects import folder_of, submission_bucket
from fraud.queries.submissions import submissions_to_delete_files_of
from fraud.rules.submissions import DONE, SubmissionDoor, SubmissionState
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.storage_errors import StorageError
from portal.keys.models import SubjectKey

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]
# What is left over is found at the next turn.
MOST_IN_A_TURN = 50


def erase_files(submissions: Sequence[Submission], *, now: datetime) -> None:
    """Destroy the keys of these submissions' files, within the caller's transaction; their rows and counts stay.

    Nobody can send the file of one that still waits for it.
    """
    ids = [each.pk for each in submissions]
    SubjectKey.objects.filter(subject__in=[each.public_id for each in submissions]).update(
        wrapped=None, destroyed_at=now
    )
    rows = Submission.objects.filter(pk__in=ids)
    rows.filter(state=SubmissionState.WAITING_FOR_UPLOAD).update(
        state=SubmissionState.CANCELLED, ended_at=now
    )
    rows.update(files_erased_at=now)


def delete_erased_files(*, by: Actor, clock: Clock) -> int:
    """Delete from the bucket what was erased and still lies there; return of how many submissions."""
    count = 0
    for submission in submissions_to_delete_files_of()[:MOST_IN_A_TURN]:
        try:
            delete_files(submission, by=by, clock=clock)
        except StorageError as error:
            log.warning("files.not_deleted", submission_id=submission.pk, reason=error.reason)
            continue
        count += 1
    return count


def delete_files(submission: Submission, *, by: Actor, clock: Clock) -> Submission:
    """Delete all files of a submission whose key is destroyed: what was sent, its chunks and its results.

    :raises portal.core.storage_errors.StorageError: the store refuses, fails or does not answer
    """
    bucket = submission_bucket()
    if submission.upload_id:
        bucket.abort_upload(submission.object_key, submission.upload_id)
    for key in _keys(submission):
        bucket.delete(key)
    return _mark_deleted(submission, by=by, now=clock())


def _keys(submission: Submission) -> Iterator[str]:
    while found := submission_bucket().list(folder_of(submission)):
        yield from (listed.key for listed in found)
    if submission.door != SubmissionDoor.DROP:
        return
    # One that was read is gone; another file may have its name by now.
    if submission.split_at is None and _is_still_there(submission):
        yield submission.object_key
    folder = f"{drop_folder(submission.institution)}out/"
    for kind in ("result", "rejects") if submission.state in DONE else ():
        name = file_name_of(submission, kind)
        yield from (f"{folder}{name}", f"{folder}{name}.sig")


def _is_still_there(submission: Submission) -> bool:
    found = submission_bucket().list(submission.object_key)
    return any(
        each.key == submission.object_key and each.modified_at == submission.dropped_at for each in found
    )


@transaction.atomic(durable=True)
def _mark_deleted(submission: Submission, *, by: Actor, now: datetime) -> Submission:
    submission = locked(Submission, submission)
    submission.files_deleted_at, submission.upload_id = now, ""
    submission.save(update_fields=["files_deleted_at", "upload_id"])
    record(by, "submission.files_deleted", submission, now=now)
    return submission
