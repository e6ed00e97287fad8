"""Mappings of institutions' layouts, their versions, the samples that must pass, and what drifted each day."""

from django.db import models
from django.db.models import Q

from fraud.models.institutions import Institution
from fraud.rules.mapping_states import OPEN, VersionState
from fraud.rules.translation import Direction, MappingDocument
from fraud.rules.translation.document import from_builtins
from portal.accounts.actors import OrganizationKind
from portal.core.models import public_id
from portal.crypto.keyring import Purpose
from portal.keys.fields import SealedField

# One record in the sender's layout, and what it becomes, as JSON in bytes.
LONGEST_SAMPLE = 32_768


class Mapping(models.Model):
    """A layout of an institution, by the name that its systems send; what counts is its newest published version."""

    public_id = public_id("map")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="mappings")
    name = models.SlugField(max_length=40)
    direction = models.CharField(max_length=12, choices=[(each, each) for each in Direction])
    # The newest published version; none before the first.
    live = models.ForeignKey("fraud.MappingVersion", models.PROTECT, related_name="live_of", null=True)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "name"],
                condition=Q(retired_at__isnull=True),
                name="one_mapping_of_a_name_per_institution",
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class MappingVersion(models.Model):
    """A mapping document as it was written; once published it is never changed."""

    public_id = public_id("mpv")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    mapping = models.ForeignKey(Mapping, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    # fraud.rules.translation.MappingDocument.
    document = models.JSONField()
    # SHA-256 of the canonical JSON, hexadecimal.
    checksum = models.CharField(max_length=64)
    state = models.CharField(
        max_length=12, choices=[(each, each) for each in VersionState], default=VersionState.DRAFT
    )
    # The number of the older version that this one brings back.
    restores = models.PositiveIntegerField(null=True)
    written_by = models.CharField(max_length=32)
    written_at = models.DateTimeField()
    published_by = models.CharField(max_length=32, blank=True, default="")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mapping", "number"], name="one_version_per_number_of_a_mapping"),
            models.UniqueConstraint(
                fields=["mapping"],
                condition=Q(state__in=sorted(OPEN)),
                name="one_open_version_per_mapping",
            ),
            models.CheckConstraint(
                condition=~Q(state=VersionState.PUBLISHED)
                | (Q(published_at__isnull=False) & ~Q(published_by="")),
                name="a_published_mapping_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}

    @property
    def parsed(self) -> MappingDocument:
        """The document with its types."""
        return from_builtins(self.document)


class GoldenSample(models.Model):
    """A record that every version must translate to the same; both are sealed under a key of their own."""

    public_id = public_id("gol")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    mapping = models.ForeignKey(Mapping, models.PROTECT, related_name="samples")
    # What it is a sample of; names nobody.
    name = models.CharField(max_length=80)
    # JSON of the record as a reader gives it, and canonical JSON of what it becomes.
    sealed_record = SealedField(purpose=Purpose.APPLICANTS, longest=LONGEST_SAMPLE)
    sealed_expected = SealedField(purpose=Purpose.APPLICANTS, longest=LONGEST_SAMPLE)
    added_by = models.CharField(max_length=32)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mapping", "name"], name="one_golden_sample_per_name")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class MappingDrift(models.Model):
    """What a day's records under one version looked like: counts by source, and never a value."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(MappingVersion, models.PROTECT, related_name="drift", db_index=False)
    # In UTC.
    day = models.DateField()
    # fraud.rules.translation.drift.Seen.
    seen = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "day"], name="one_drift_per_version_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} on {self.day}"
