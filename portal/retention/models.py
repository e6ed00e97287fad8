"""How long things are kept, what must not go, and what went: periods, holds and runs."""

from django.db import models
from django.db.models import Q

from portal.accounts.models import Organization
from portal.core.ids import shortened
from portal.core.models import public_id


class RetentionPeriod(models.Model):
    """A duration that differs from the policy's own: everywhere, or in one market or institution."""

    policy = models.CharField(max_length=32)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    days = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "organization"], name="one_period_per_place", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(days__gte=1), name="a_period_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}: {self.days} days"


class LegalHold(models.Model):
    """What must stay while somebody may ask for it: all of an organization, or all about one person."""

    public_id = public_id("hol")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    # The public id of whom the data is about.
    subject = models.CharField(max_length=32, blank=True, db_index=True)
    # Kind of organization → its id: where the subject belongs, for privileges.
    place = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=32)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organization__isnull=True, subject__gt="")
                | Q(organization__isnull=False, subject=""),
                name="a_hold_is_on_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def on(self) -> str:
        """The public id of what it keeps."""
        return self.organization.public_id if self.organization else self.subject

    @property
    def on_what(self) -> str:
        """What it keeps, for a title: an organization's name, or a person's id in short."""
        return self.organization.name if self.organization else shortened(self.subject)

    @property
    def state(self) -> str:
        return "held" if self.lifted_at is None else "lifted"


class RetentionRun(models.Model):
    """One carrying out of a policy in one place; it may be broken off anywhere and taken up again."""

    public_id = public_id("ret")
    policy = models.CharField(max_length=32)
    action = models.CharField(max_length=8)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    days = models.PositiveIntegerField()
    # What was older than this, to the moment, goes; what is younger stays.
    cut_off = models.DateTimeField()
    total = models.PositiveBigIntegerField()
    done = models.PositiveBigIntegerField(default=0)
    # The names of the first and last row that went, and the SHA-256 over the names of all, in their order.
    first = models.CharField(max_length=64, blank=True)
    last = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=32)
    heard_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # The public id of the certificate, once all is done.
    certificate = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "organization"],
                condition=Q(finished_at__isnull=True),
                name="one_run_at_a_time",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["-started_at", "-id"], name="runs_by_time")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[str, int]:
        return {self.organization.kind: self.organization.pk} if self.organization else {}

    @property
    def state(self) -> str:
        return "done" if self.finished_at else "working"
