"""Batches, their files, and the serials in them that no longer count."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaigns import Campaign
from campaigns.models.parties import Printer
from campaigns.rules.states import BatchState, FileState
from portal.accounts.actors import OrganizationKind
from portal.core.language import PhraseField
from portal.core.models import public_id


class SerialRun(Func):
    """The half-open range of serials that a row owns."""

    function = "int8range"
    output_field = BigIntegerRangeField()


class Batch(models.Model):
    """A run of serials ordered at once for one printer; a code lives while its batch is ACTIVE."""

    public_id = public_id("bat")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="batches", verbose_name=_("campaign"))
    printer = models.ForeignKey(Printer, models.PROTECT, related_name="batches", verbose_name=_("printer"))
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in BatchState], default=BatchState.PLANNED
    )
    quantity = models.PositiveBigIntegerField(_("codes"))
    # The serials reserved: the quantity, and some to spare for those that the word screen skips.
    first_serial = models.PositiveBigIntegerField()
    serials = models.PositiveBigIntegerField()
    lot = models.CharField(_("lot"), max_length=32, blank=True)

    # Frozen from the printer when planned, so that a later change there does not alter this order.
    layout = models.JSONField()
    rows_per_file = models.PositiveIntegerField()
    recipients = ArrayField(models.CharField(max_length=2000))

    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=32)
    # The person who answers for the plan: never the one who may approve it.
    planned_by_person = models.CharField(max_length=32)
    # The caller's Idempotency-Key, so that a retry after a crash finds the batch that the first try planned.
    request_key = models.CharField(max_length=255, blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=32, blank=True)
    delivery_started_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    activates_at = models.DateTimeField(_("activates"), null=True)
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, blank=True)

    # The signed bytes, exactly as they lie in the bucket.
    manifest = models.TextField(blank=True)
    manifest_signature = models.CharField(max_length=100, blank=True)
    # What the printer says it received, and where that differs from what was sent: [{"what", "sent", "received"}].
    receipt = models.JSONField(null=True)
    differences = models.JSONField(default=list)
    # Why the manifest could not be put yet, in words; empty when all is well.
    problem = PhraseField(blank=True)

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_batch_has_codes"),
            models.UniqueConstraint(
                fields=["planned_by", "request_key"],
                condition=~Q(request_key=""),
                name="one_batch_per_request",
            ),
            models.CheckConstraint(
                condition=Q(serials__gte=F("quantity")), name="a_batch_reserves_its_quantity"
            ),
            ExclusionConstraint(
                name="no_serial_in_two_batches",
                expressions=[
                    ("campaign", RangeOperators.EQUAL),
                    (SerialRun("first_serial", F("first_serial") + F("serials")), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("planned_by")),
                name="a_batch_is_approved_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "first_serial"], name="batches_by_serial"),
            models.Index(fields=["state", "id"], name="batches_by_state"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        """Where the batch belongs; the campaign must have been fetched."""
        return {**self.campaign.place, OrganizationKind.PRINTER: self.printer_id}

    @property
    def folder(self) -> str:
        """Where this batch lies below the printer's prefix."""
        return f"{self.public_id}/"

    @property
    def address(self) -> str:
        """Where this batch lies, as people and tools write it; the printer must have been fetched."""
        return f"{self.printer.address}{self.folder}"

    @property
    def end_serial(self) -> int:
        return self.first_serial + self.serials


class BatchFile(models.Model):
    """One file of a batch: the unit of work, of resuming, and of the printer's check."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="files")
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in FileState], default=FileState.WAITING
    )
    rows = models.PositiveIntegerField()
    first_serial = models.PositiveBigIntegerField()
    serials = models.PositiveBigIntegerField()
    # Row number of the first row within the batch, for the control number.
    first_row = models.PositiveBigIntegerField()

    # A fence: a worker that was taken for dead cannot finish what another has taken over.
    attempt = models.PositiveIntegerField(default=0)
    # Tries since somebody last pressed "try again".
    tries = models.PositiveSmallIntegerField(default=0)
    upload_id = models.CharField(max_length=1024, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    problem = PhraseField(blank=True)

    delivered_at = models.DateTimeField(null=True)
    last_serial = models.PositiveBigIntegerField(null=True)
    skipped = ArrayField(models.BigIntegerField(), default=list)
    bytes = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    plain_bytes = models.PositiveBigIntegerField(null=True)
    plain_sha256 = models.CharField(max_length=64, blank=True)
    etag = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_file_per_number")]
        indexes = [models.Index(fields=["batch", "first_serial"], name="files_by_serial")]

    def __str__(self) -> str:
        return f"{self.batch_id}-{self.number:04d}"


class VoidRange(models.Model):
    """Serials of a batch that were stolen, spoilt or given back; half-open."""

    public_id = public_id("voi")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="void_ranges")
    serials = BigIntegerRangeField()
    reason = models.CharField(_("reason"), max_length=500)
    voided_at = models.DateTimeField()
    voided_by = models.CharField(max_length=32)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="void_ranges_do_not_overlap",
                expressions=[("batch", RangeOperators.EQUAL), ("serials", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(serials__isempty=False), name="a_void_range_holds_serials"),
        ]

    def __str__(self) -> str:
        return self.public_id
