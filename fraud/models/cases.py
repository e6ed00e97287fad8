"""Cases, what analysts note on them, and what they hand to the consortium."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from fraud.models.applications import Application
from fraud.models.institutions import Institution
from fraud.rules.cases import HELD, WAITING, CaseOrigin, CaseState, ContributionState, Proof, Verdict
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.decisions import HIGHEST_SCORE
from portal.accounts.actors import OrganizationKind
from portal.core.language import PhraseField
from portal.core.models import public_id
from portal.crypto.keyring import Purpose
from portal.keys.fields import SealedField

LONGEST_NOTE = 4_000
# In UTF-8 a letter takes four bytes at most.
_LONGEST_NOTE_BYTES = 4 * LONGEST_NOTE
_UNSAID = [("", "")]


class Case(models.Model):
    """An application that somebody has to look at; one case for each, however often it comes back."""

    public_id = public_id("cas")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="cases", db_index=False)
    application = models.OneToOneField(Application, models.PROTECT, related_name="case")
    state = models.CharField(
        max_length=12, choices=[(each, each) for each in CaseState], default=CaseState.OPEN
    )
    origin = models.CharField(max_length=12, choices=[(each, each) for each in CaseOrigin])
    # The score of the newest screening; the highest is looked at first.
    priority = models.PositiveSmallIntegerField()
    # Codes of the newest screening, gravest first.
    reasons = ArrayField(models.CharField(max_length=48), default=list)
    opened_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)
    # The person who works on it, or did last.
    claimed_by = models.CharField(max_length=32, blank=True, default="")
    claimed_at = models.DateTimeField(null=True)
    verdict = models.CharField(
        max_length=8, choices=_UNSAID + [(each, each) for each in Verdict], blank=True, default=""
    )
    decided_by = models.CharField(max_length=32, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    # The second analyst, for fraud alone.
    confirmed_by = models.CharField(max_length=32, blank=True, default="")
    # What the first analyst found, for fraud alone.
    fraud_type = models.CharField(
        max_length=24, choices=_UNSAID + [(each, each) for each in FraudType], blank=True, default=""
    )
    fraud_role = models.CharField(
        max_length=12, choices=_UNSAID + [(each, each) for each in RecordRole], blank=True, default=""
    )
    proof = models.CharField(
        max_length=24, choices=_UNSAID + [(each, each) for each in Proof], blank=True, default=""
    )
    # Whose details are registered: the place of a party in the application.
    party = models.PositiveSmallIntegerField(default=0)
    # Kinds of elements that are registered.
    kinds = ArrayField(models.CharField(max_length=24), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(priority__gte=0, priority__lte=HIGHEST_SCORE), name="a_priority_is_0_to_1000"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(HELD)) | (~Q(claimed_by="") & Q(claimed_at__isnull=False)),
                name="a_held_case_has_its_analyst",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.DECIDED) | (~Q(verdict="") & Q(decided_at__isnull=False)),
                name="a_decided_case_has_a_verdict",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.DECIDED, verdict=Verdict.FRAUD)
                | (~Q(confirmed_by="") & ~Q(confirmed_by=F("decided_by"))),
                name="fraud_is_found_by_two_people",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-priority", "opened_at", "id"],
                name="cases_that_wait",
                condition=Q(state__in=sorted(WAITING)),
            ),
            models.Index(fields=["institution", "state", "-priority"], name="cases_by_institution"),
            models.Index(
                fields=["claimed_by"], name="cases_of_an_analyst", condition=Q(state__in=sorted(HELD))
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class CaseNote(models.Model):
    """What an analyst wrote on a case; it may name people, so it goes when the applicant's key goes."""

    public_id = public_id("nte")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    sealed = SealedField(purpose=Purpose.APPLICANTS, longest=_LONGEST_NOTE_BYTES)
    written_by = models.CharField(max_length=32)
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_id


class Contribution(models.Model):
    """A confirmed fraud on its way to the registry: the row is the outbox."""

    public_id = public_id("ctb")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="contributions")
    state = models.CharField(
        max_length=12,
        choices=[(each, each) for each in ContributionState],
        default=ContributionState.WAITING,
    )
    fraud_type = models.CharField(max_length=24, choices=[(each, each) for each in FraudType])
    role = models.CharField(max_length=12, choices=[(each, each) for each in RecordRole])
    proof = models.CharField(max_length=24, choices=[(each, each) for each in Proof])
    party = models.PositiveSmallIntegerField(default=0)
    kinds = ArrayField(models.CharField(max_length=24), default=list)
    # The registry's name for it.
    record = models.CharField(max_length=32, blank=True, default="")
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # Not before then.
    retry_at = models.DateTimeField(null=True)
    problem = PhraseField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["correcting", "registered", "waiting"]),
                name="one_live_contribution_per_case",
            )
        ]
        indexes = [
            models.Index(
                fields=["retry_at", "id"],
                name="contributions_to_send",
                condition=Q(state__in=["correcting", "retracting", "waiting"]),
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}
