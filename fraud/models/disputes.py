"""Disputes as an institution sees them: those it raises about what it was told, and those of records of its own."""

from django.db import models
from django.db.models import Q

from fraud.models.applications import Application
from fraud.models.cases import Contribution
from fraud.models.institutions import Institution
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.disputes import DisputeAnswer, DisputeReason, DisputeSide, DisputeState
from portal.accounts.actors import OrganizationKind
from portal.core.models import public_id

_LIVE = [DisputeState.WAITING, DisputeState.ASKED, DisputeState.ANSWERED]


class Dispute(models.Model):
    """One dispute, seen from one side; the row is what goes to the registry and what comes from there."""

    public_id = public_id("dsp")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    side = models.CharField(max_length=8, choices=[(each, each) for each in DisputeSide])
    state = models.CharField(
        max_length=8, choices=[(each, each) for each in DisputeState], default=DisputeState.WAITING
    )
    reason = models.CharField(max_length=16, choices=[(each, each) for each in DisputeReason])
    fraud_type = models.CharField(max_length=24, choices=[(each, each) for each in FraudType])
    role = models.CharField(max_length=12, choices=[(each, each) for each in RecordRole])
    # Raised: about what was told of this application.
    application = models.ForeignKey(Application, models.PROTECT, related_name="disputes", null=True)
    # Received: the record by the registry's name, its month, and what it came from, unless that was a file.
    record = models.CharField(max_length=32, blank=True, default="")
    month = models.CharField(max_length=7, blank=True, default="")
    contribution = models.ForeignKey(Contribution, models.PROTECT, related_name="disputes", null=True)
    answer = models.CharField(
        max_length=12, blank=True, default="", choices=[(each, each) for each in DisputeAnswer]
    )
    # The last day on which the contributor may answer.
    due_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=32, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    # Not told to the registry before then.
    retry_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "fraud_type", "role"],
                condition=Q(side=DisputeSide.RAISED, state__in=_LIVE),
                name="one_live_dispute_of_a_hit",
            ),
            models.UniqueConstraint(
                fields=["institution", "record"],
                condition=Q(side=DisputeSide.RECEIVED, state__in=_LIVE),
                name="one_live_dispute_of_a_record",
            ),
            models.CheckConstraint(
                condition=Q(side=DisputeSide.RAISED, application__isnull=False)
                | (Q(side=DisputeSide.RECEIVED) & ~Q(record="")),
                name="a_dispute_is_about_something",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="disputes_to_send",
                condition=Q(state__in=[DisputeState.WAITING, DisputeState.ANSWERED]),
            ),
            models.Index(fields=["institution", "-id"], name="disputes_by_institution"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class Standing(models.Model):
    """What an institution asked of the consortium and gave to it, as the registry said last."""

    institution = models.OneToOneField(Institution, models.PROTECT, primary_key=True, related_name="standing")
    # Applications that it may ask about in a day, by the registry's word; and what an operator wants instead, None
    # being what the settings say for everybody.
    quota = models.PositiveIntegerField(default=0)
    wanted_quota = models.PositiveIntegerField(null=True)
    is_quota_told = models.BooleanField(default=True)
    asked_today = models.PositiveIntegerField(default=0)
    # In the last thirty days.
    asked = models.PositiveIntegerField(default=0)
    given = models.PositiveIntegerField(default=0)
    # Records that it answers for now.
    records = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"standing of {self.institution_id}"

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}
