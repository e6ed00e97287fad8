"""Taking in a file of applications: announced, uploaded, received; the same file again leads to the first."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from fraud.jobs import Job
from fraud.models import Institution, Submission
from fraud.operations.submissions.moves import move_submission
from fraud.operations.submissions.objects import Cabinet, folder_of, submission_bucket
from fraud.rules.submissions import COUNTING, SubmissionDoor, SubmissionState
from portal.accounts.actors import Actor, OrganizationKind, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError, WrongStateError
from portal.core.jobs import nudge
from portal.core.storage_errors import StorageError
from portal.core.storage_streams import Part, complete_parts, parts_of
from portal.crypto.keyring import Purpose
from portal.keys.sealed import add_subject_key

S = SubmissionState
_HEX = re.compile(r"[0-9a-f]{64}")
# Parts of an upload by presigned addresses; with 10,000 of them 160 GB.
PART_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Announcement:
    """What whoever sends a file says of it; the mapping is a document with its checksum, as it is live now."""

    layout: str
    mapping: dict[str, Any]
    mapping_checksum: str
    door: SubmissionDoor
    file_name: str = ""
    size: int | None = None
    sha256: str = ""
    rows: int | None = None
    total: Decimal | None = None


@transaction.atomic(durable=True)
def open_submission(
    institution: Institution, announced: Announcement, *, by: Actor, now: datetime
) -> Submission:
    """Announce a file; where the same one came before under the same mapping, the first submission is the answer.

    :raises InvalidError: no SHA-256, or larger than is taken
    """
    permit(by, Act.SUBMISSION_SEND, {OrganizationKind.INSTITUTION: institution.pk})
    _check(announced)
    first = same_file(institution, announced.sha256, announced.mapping_checksum)
    if first is not None:
        record(by, "submission.repeated", first, now=now)
        return first
    submission = Submission.objects.create(
        institution=institution,
        created_at=now,
        created_by=by.id,
        door=announced.door,
        file_name=announced.file_name[:200],
        layout=announced.layout,
        mapping=announced.mapping,
        mapping_checksum=announced.mapping_checksum,
        declared_size=announced.size,
        declared_sha256=announced.sha256,
        declared_rows=announced.rows,
        declared_total=announced.total,
    )
    add_subject_key(submission.public_id, purpose=Purpose.APPLICANTS, scope=institution.scope, now=now)
    record(by, "submission.announced", submission, now=now, door=str(announced.door), layout=announced.layout)
    return submission


def _check(announced: Announcement) -> None:
    if announced.sha256 and not _HEX.fullmatch(announced.sha256):
        raise InvalidError.of(
            "sha256", _("Give the SHA-256 of the file as 64 lower-case hexadecimal digits.")
        )
    if announced.size is not None and not 0 < announced.size <= settings.SUBMISSIONS_LARGEST:
        raise InvalidError.of("size", _("The file is empty, or larger than is taken here."))


def same_file(institution: Institution, digest: str, mapping_checksum: str) -> Submission | None:
    """Find the submission that brought a file with this SHA-256 under this mapping, unless it failed or lost it."""
    if not digest:
        return None
    known = Submission.objects.filter(
        institution=institution,
        mapping_checksum=mapping_checksum,
        state__in=COUNTING,
        files_erased_at=None,
    )
    return known.filter(sha256=digest).order_by("pk").first()


def begin_upload(submission: Submission, *, by: Actor, clock: Callable[[], datetime]) -> Submission:
    """Begin the upload of an announced file in parts, to which the sender gets presigned addresses.

    :raises portal.core.storage_errors.StorageError: the store refuses, fails or does not answer
    """
    upload = submission_bucket().multipart(f"{folder_of(submission)}upload")
    return _remember_upload(submission, upload.upload_id, by=by, now=clock())


@transaction.atomic(durable=True)
def _remember_upload(submission: Submission, upload_id: str, *, by: Actor, now: datetime) -> Submission:
    submission = locked(Submission, submission)
    submission.upload_id, submission.object_key = upload_id, f"{folder_of(submission)}upload"
    submission.save(update_fields=["upload_id", "object_key"])
    record(by, "submission.upload_begun", submission, now=now)
    return submission


def complete_upload(submission: Submission, *, by: Actor, clock: Callable[[], datetime]) -> Submission:
    """Let an uploaded file appear from its parts; called again, it stays received.

    :raises WrongStateError: nothing is being uploaded
    :raises InvalidError: parts are missing; what has arrived stays, and the upload can go on
    """
    permit(by, Act.SUBMISSION_SEND, submission.place)
    if submission.state != S.WAITING_FOR_UPLOAD:
        return submission
    bucket = submission_bucket()
    stored = bucket.head(submission.object_key)
    if stored is None:
        parts = arrived_parts(submission)
        check_parts(submission, parts)
        stored = complete_parts(bucket, submission.object_key, submission.upload_id, parts)
    return receive_upload(submission, size=stored.size, by=by, now=clock())


def arrived_parts(submission: Submission) -> list[Part]:
    """List the parts of an upload that have arrived; none for one that the store no longer knows."""
    if not submission.upload_id:
        raise WrongStateError(_("No upload was begun for this submission."))
    try:
        return parts_of(submission_bucket(), submission.object_key, submission.upload_id)
    except StorageError as error:
        if error.is_temporary:
            raise
        return []


def check_parts(submission: Submission, parts: list[Part]) -> None:
    """Pass parts that follow each other and have the bytes that were announced.

    :raises InvalidError: some are missing
    """
    has_gap = [part.number for part in parts] != list(range(1, len(parts) + 1))
    size = sum(part.size for part in parts)
    if not parts or has_gap or (submission.declared_size is not None and size != submission.declared_size):
        says = _(
            "%(found)s of %(wanted)s bytes have arrived. Upload the parts that are missing, then complete again."
        )
        raise InvalidError.of("parts", says % {"found": size, "wanted": submission.declared_size or "?"})


@transaction.atomic(durable=True)
def receive_upload(
    submission: Submission, *, size: int, digest: str = "", is_framed: bool = False, by: Actor, now: datetime
) -> Submission:
    """Write down that a file has arrived, from which moment all its applications count; a worker reads it next.

    :raises WrongStateError: it arrived before, or nobody waits for it any more
    """
    permit(by, Act.SUBMISSION_SEND, submission.place)
    submission = locked(Submission, submission)
    first = same_file(submission.institution, digest, submission.mapping_checksum)
    move_submission(submission, S.DUPLICATE if first else S.RECEIVED)
    submission.size, submission.sha256, submission.is_framed = size, digest, is_framed
    submission.arrived_at, submission.upload_id, submission.same_as = now, "", first
    submission.ended_at = now if first else None
    submission.save(
        update_fields=[
            *("state", "size", "sha256", "is_framed", "arrived_at", "upload_id", "same_as", "ended_at"),
        ]
    )
    record(by, "submission.received", submission, now=now, size=size)
    if first is None:
        nudge(Job.SPLIT_SUBMISSION, submission_id=submission.pk)
    return submission


def receive_stream(
    submission: Submission, blocks: Iterable[bytes], *, by: Actor, clock: Callable[[], datetime]
) -> Submission:
    """Take in a file that comes as a stream: sealed frame by frame on its way, memory two frames.

    An upload that is cut off half-way leaves nothing behind.

    :raises InvalidError: the file is empty or larger than is taken
    :raises portal.core.storage_errors.StorageError: the store refuses, fails or does not answer
    """
    intake = Intake(submission)
    try:
        for block in blocks:
            intake.write(block)
        return intake.receive(by=by, clock=clock)
    except BaseException:
        # Whatever ends it, even a sender who goes away: parts left behind cost money and show nowhere.
        intake.abort()
        raise


class Intake:
    """A file on its way in, sealed frame by frame; for whoever is handed its blocks rather than asks for them."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.size = 0
        self._frames = Cabinet.of(submission).frames()
        self._digest = sha256()
        self._is_over = False

    def write(self, block: bytes) -> None:
        """Take the next bytes.

        :raises InvalidError: the file is larger than is taken
        """
        self.size += len(block)
        if self.size > settings.SUBMISSIONS_LARGEST:
            raise InvalidError.of("file", _("The file is larger than is taken here."))
        self._digest.update(block)
        self._frames.write(block)

    def receive(self, *, by: Actor, clock: Callable[[], datetime]) -> Submission:
        """Let the file appear, and write down that it arrived.

        :raises InvalidError: it is empty
        """
        if not self.size:
            raise InvalidError.of("file", _("The file is empty."))
        self._frames.finish()
        self._is_over = True
        return receive_upload(
            self.submission,
            size=self.size,
            digest=self._digest.hexdigest(),
            is_framed=True,
            by=by,
            now=clock(),
        )

    def abort(self) -> None:
        """Throw away what came so far; once the file has appeared, nothing."""
        if not self._is_over:
            self._is_over = True
            self._frames.upload.abort()
