"""Files that institutions drop into their folder of the bucket, and results that are put there for them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from fraud.jobs import Job
from fraud.models import Institution, Submission
from fraud.operations.submissions.assembling import file_name_of, result_pieces
from fraud.operations.submissions.objects import submission_bucket
from fraud.queries.layouts import current_layout
from fraud.rules.submissions import DONE, SubmissionDoor, SubmissionState
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError
from portal.core.jobs import nudge
from portal.core.storage import Listed
from portal.core.storage_errors import StorageError
from portal.crypto.keyring import Purpose
from portal.keys.sealed import add_subject_key

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]
# S3 shows objects whole or not at all; other stores show them while they grow.
SETTLED_AFTER = timedelta(seconds=10)
MOST_IN_A_ROUND = 200
_PART = 8 << 20
# in/NAME or in/LAYOUT/NAME.
_DROPPED = re.compile(r"^in/(?:([a-z0-9-]{1,64})/)?([^/]{1,200})$")


def collect_drops(*, by: Actor, clock: Clock) -> int:
    """Announce every file that lies in an institution's folder and put finished results beside; count both.

    Files lie under PREFIX/CODE/in/, in a folder by the layout's name where it is not the default. Results come to
    PREFIX/CODE/out/ with their signatures.
    """
    if not settings.SUBMISSIONS_DROP_PREFIX:
        return 0
    count = 0
    for institution in Institution.objects.order_by("pk"):
        folder = drop_folder(institution)
        for listed in submission_bucket().list(f"{folder}in/", limit=MOST_IN_A_ROUND):
            count += _collect(institution, listed, by=by, now=clock())
    for submission in _to_return():
        return_result(submission, by=by, clock=clock)
        count += 1
    return count


def drop_folder(institution: Institution) -> str:
    """Name the folder in which an institution drops files and finds results."""
    return f"{settings.SUBMISSIONS_DROP_PREFIX}/{institution.code}/"


def _collect(institution: Institution, listed: Listed, *, by: Actor, now: datetime) -> int:
    found = _DROPPED.match(listed.key.removeprefix(drop_folder(institution)))
    same = Submission.objects.filter(
        institution=institution, object_key=listed.key, dropped_at=listed.modified_at
    )
    if found is None or same.exists() or not listed.size or now - listed.modified_at < SETTLED_AFTER:
        return 0
    try:
        layout, document, checksum = current_layout(institution, found[1] or "")
    except InvalidError:
        # It stays where it is, and is taken once a mapping of this name is published.
        log.warning("drop.unknown_layout", institution_id=institution.pk)
        return 0
    drop = Submission(
        institution=institution,
        created_at=now,
        created_by=by.id,
        door=SubmissionDoor.DROP,
        state=SubmissionState.RECEIVED,
        file_name=found[2],
        layout=layout,
        mapping=document,
        mapping_checksum=checksum,
        size=listed.size,
        object_key=listed.key,
        dropped_at=listed.modified_at,
        arrived_at=now,
    )
    receive_drop(drop, by=by, now=now)
    return 1


@transaction.atomic(durable=True)
def receive_drop(drop: Submission, *, by: Actor, now: datetime) -> Submission:
    """Write down a file that was found in a drop folder; a worker reads it next."""
    drop.save()
    scope = drop.institution.scope
    add_subject_key(drop.public_id, purpose=Purpose.APPLICANTS, scope=scope, now=now)
    record(by, "submission.received", drop, now=now, size=drop.size, door=str(drop.door))
    nudge(Job.SPLIT_SUBMISSION, submission_id=drop.pk)
    return drop


def _to_return() -> list[Submission]:
    done = Submission.objects.filter(
        door=SubmissionDoor.DROP, state__in=sorted(DONE), returned_at=None, files_erased_at=None
    )
    return list(done.select_related("institution").order_by("pk")[:MOST_IN_A_ROUND])


def return_result(submission: Submission, *, by: Actor, clock: Clock) -> Submission:
    """Put the result and the rejects of a dropped file, with signatures, into the folder's out/.

    :raises portal.core.storage_errors.StorageError: the store refuses, fails or does not answer
    """
    folder = f"{drop_folder(submission.institution)}out/"
    signatures = {"result": submission.result_signature, "rejects": submission.rejects_signature}
    for kind, signature in signatures.items():
        name = file_name_of(submission, kind)
        _put(folder + name, submission, kind)
        submission_bucket().put(f"{folder}{name}.sig", f"{signature}\n".encode(), "text/plain")
    return _mark_returned(submission, by=by, now=clock())


def _put(key: str, submission: Submission, kind: str) -> None:
    upload, waiting = submission_bucket().multipart(key), bytearray()
    try:
        for piece in result_pieces(submission, kind):
            waiting += piece
            if len(waiting) >= _PART:
                upload.write_part(waiting)
                waiting = bytearray()
        upload.write_part(waiting)
        upload.complete()
    except StorageError:
        upload.abort()
        raise


@transaction.atomic(durable=True)
def _mark_returned(submission: Submission, *, by: Actor, now: datetime) -> Submission:
    submission = locked(Submission, submission)
    submission.returned_at = now
    submission.save(update_fields=["returned_at"])
    record(by, "submission.returned", submission, now=now)
    return submission
