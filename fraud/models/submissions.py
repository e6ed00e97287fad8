"""Submissions: files of applications, from their arrival to their result, and the chunks they are worked on in."""

from hashlib import sha256

from django.db import models
from django.db.models import Q

from fraud.models.institutions import Institution
from fraud.rules.submissions import COUNTING, ChunkState, SubmissionDoor, SubmissionState
from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Client
from portal.core.language import PhraseField
from portal.core.models import public_id
from portal.crypto.keyring import Purpose
from portal.keys.fields import SealedField

_SHA256 = 64
_NAME = 200


class Submission(models.Model):
    """A batch of applications of one institution; its rows lie in chunks, its bytes sealed in a bucket."""

    public_id = public_id("sub")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="submissions")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=32, blank=True, default="")
    door = models.CharField(
        max_length=8, choices=[(each, each) for each in SubmissionDoor], default=SubmissionDoor.API
    )
    state = models.CharField(
        max_length=24,
        choices=[(each, each) for each in SubmissionState],
        default=SubmissionState.WAITING_FOR_UPLOAD,
    )
    # No chunk is begun while it is; those under way end.
    is_paused = models.BooleanField(default=False)
    problem = PhraseField(blank=True, default="")
    file_name = models.CharField(max_length=_NAME, blank=True, default="")
    # The mapping's name, and its document as it was then: a later version changes nothing about this file.
    layout = models.CharField(max_length=64, blank=True, default="")
    mapping = models.JSONField(default=dict)
    mapping_checksum = models.CharField(max_length=_SHA256, blank=True, default="")
    # What whoever sends it says; checked against what is found.
    declared_size = models.BigIntegerField(null=True)
    declared_sha256 = models.CharField(max_length=_SHA256, blank=True, default="")
    declared_rows = models.PositiveIntegerField(null=True)
    declared_total = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=_SHA256, blank=True, default="")
    same_as = models.ForeignKey("self", models.PROTECT, related_name="repeats", null=True)
    # Where the bytes came to lie: sealed in frames by us, or as the sender put them until they are read.
    object_key = models.CharField(max_length=400, blank=True, default="")
    upload_id = models.CharField(max_length=1024, blank=True, default="")
    # When a dropped object was put where it was found; a later one of the same name is another file.
    dropped_at = models.DateTimeField(null=True)
    # When the results of a dropped file came to lie in the institution's folder.
    returned_at = models.DateTimeField(null=True)
    is_framed = models.BooleanField(default=False)
    # What heads the file: encoding, header, root (fraud.rules.sources.Head).
    head = models.JSONField(default=list)
    # Of all its applications the moment of arrival.
    arrived_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    split_at = models.DateTimeField(null=True)
    # Every chunk has passed the first stage.
    stored_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    # Who reads or assembles it: a number that fences off whoever did before, and the last sign of life.
    attempt = models.PositiveSmallIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    result_size = models.BigIntegerField(null=True)
    result_sha256 = models.CharField(max_length=_SHA256, blank=True, default="")
    result_signature = models.CharField(max_length=88, blank=True, default="")
    rejects_size = models.BigIntegerField(null=True)
    rejects_sha256 = models.CharField(max_length=_SHA256, blank=True, default="")
    rejects_signature = models.CharField(max_length=88, blank=True, default="")
    # The key of its files is destroyed, after which nobody can read them; and then they are deleted.
    files_erased_at = models.DateTimeField(null=True)
    files_deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "sha256", "mapping_checksum"],
                condition=~Q(sha256="") & Q(state__in=sorted(COUNTING), files_erased_at=None),
                name="one_submission_per_file",
            ),
            models.UniqueConstraint(
                fields=["institution", "object_key", "dropped_at"],
                condition=Q(door=SubmissionDoor.DROP) & ~Q(object_key=""),
                nulls_distinct=False,
                name="one_submission_per_dropped_object",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "-created_at", "-id"], name="submissions_by_time"),
            models.Index(
                fields=["id"],
                name="submissions_at_work",
                condition=Q(state__in=["received", "splitting", "working", "assembling"]),
            ),
            models.Index(
                fields=["id"],
                name="submissions_to_delete_files_of",
                condition=Q(files_erased_at__isnull=False, files_deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class Chunk(models.Model):
    """Some rows of a submission, worked on together; its raw records lie sealed in the bucket."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="chunks", db_index=False)
    # From 1.
    number = models.PositiveIntegerField()
    first_row = models.PositiveIntegerField()
    rows = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=12, choices=[(each, each) for each in ChunkState], default=ChunkState.WAITING
    )
    attempt = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    problem = PhraseField(blank=True, default="")
    rejected = models.PositiveSmallIntegerField(default=0)
    clear = models.PositiveSmallIntegerField(default=0)
    review = models.PositiveSmallIntegerField(default=0)
    refer = models.PositiveSmallIntegerField(default=0)
    degraded = models.PositiveSmallIntegerField(default=0)
    # Rejected rows by "code field".
    faults = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="one_chunk_per_number"),
        ]
        indexes = [
            models.Index(
                fields=["submission", "state"],
                name="chunks_to_work_on",
                condition=~Q(state__in=["screened", "failed"]),
            )
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} of {self.submission_id}"


class IntakeKey(models.Model):
    """An age key to which an institution encrypts its files; the secret half is sealed under a key of its own."""

    public_id = public_id("ink")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="intake_keys")
    recipient = models.CharField(max_length=80)
    sealed = SealedField(purpose=Purpose.APPLICANTS, longest=200)
    created_at = models.DateTimeField()
    # A newer one took its place; files that arrive before this moment still open.
    closes_at = models.DateTimeField(null=True)
    # The secret half is destroyed.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution"], condition=Q(closes_at=None), name="one_intake_key_in_use"
            ),
        ]

    def __str__(self) -> str:
        return self.recipient

    @property
    def fingerprint(self) -> str:
        """Give what people compare on the telephone: the first 16 hexadecimal digits of its SHA-256, in fours."""
        digest = sha256(self.recipient.encode()).hexdigest()[:16]
        return " ".join(digest[at : at + 4] for at in range(0, 16, 4))


class ClientLayout(models.Model):
    """The layout of files that one client of an institution sends without naming one."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="client_layouts", db_index=False
    )
    client = models.OneToOneField(Client, models.CASCADE, related_name="+")
    layout = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["institution", "id"], name="client_layouts_by_institution")]

    def __str__(self) -> str:
        return f"{self.layout} of {self.client_id}"
