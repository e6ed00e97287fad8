"""Applications, the tokens by which an institution finds them again, and what screening said of each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from fraud.models.institutions import Institution
from fraud.models.submissions import Submission
from fraud.rules.canonical import Channel, Product
from fraud.rules.decisions import HIGHEST_SCORE, Outcome, ScreeningKind
from portal.accounts.actors import OrganizationKind
from portal.core.models import public_id
from portal.crypto.keyring import Purpose
from portal.crypto.tokens import TOKEN_BYTES
from portal.keys.fields import SealedField

# A canonical application with six parties of long names; in bytes of JSON.
LONGEST_APPLICATION = 32_768


class Application(models.Model):
    """An application, stored once: the facts sealed under its own key, beside what identifies nobody.

    Its public id is drawn from institution and reference, so that whoever stores it again stores the same. An erased
    one keeps its row: `sealed` is gone, and the key with it.
    """

    public_id = models.CharField(max_length=32, unique=True, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="applications")
    submission = models.ForeignKey(
        Submission, models.PROTECT, related_name="applications", null=True, db_index=False
    )
    # Of those that arrived at one moment in one submission, the place; 0 for one that came alone.
    row_number = models.PositiveIntegerField(default=0)
    reference = models.CharField(max_length=64)
    # A keyed digest of all facts: the same reference with other facts is refused.
    facts_digest = models.BinaryField(max_length=TOKEN_BYTES)
    product = models.CharField(max_length=16, choices=[(each, each) for each in Product])
    channel = models.CharField(max_length=12, choices=[(each, each) for each in Channel])
    currency = models.CharField(max_length=3)
    # Minor units.
    amount = models.BigIntegerField()
    submitted_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    # Canonical JSON (fraud.rules.canonical).
    sealed = SealedField(purpose=Purpose.APPLICANTS, longest=LONGEST_APPLICATION, null=True)
    # What rules ask about and identifies nobody: ages, checks, ratios; see fraud.rules.signals.
    facts = models.JSONField(default=dict)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "reference"], name="one_application_per_reference"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="an_amount_is_not_negative"),
            models.CheckConstraint(
                condition=Q(sealed__isnull=False, erased_at__isnull=True)
                | Q(sealed__isnull=True, erased_at__isnull=False),
                name="an_application_is_sealed_or_erased",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "-arrived_at", "-id"], name="applications_by_arrival"),
            models.Index(
                fields=["submission", "row_number"],
                name="applications_by_row",
                condition=Q(submission__isnull=False),
            ),
            models.Index(
                fields=["arrived_at"],
                name="applications_that_came_alone",
                condition=Q(submission__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class FraudElement(models.Model):
    """One keyed token of an application, by which its institution counts what comes again."""

    # One index finds an application's elements and keeps them apart: with ten rows an application, each further one
    # is a tenth of what it costs to store it.
    pk = models.CompositePrimaryKey("application_id", "token")
    # Written by the statement that writes the application, ten to one of it: asking for both rows again for each would
    # be half of what it costs to store one.
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="elements", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=24)
    token = models.BinaryField(max_length=TOKEN_BYTES)
    # As of its application: only what came before counts.
    arrived_at = models.DateTimeField()
    row_number = models.PositiveIntegerField(default=0)

    class Meta:
        # Tokens of two institutions never meet, as their keys differ.
        # In the order in which they came, down to the row: a token of a whole submission is read no further than
        # what is counted.
        indexes = [
            models.Index(
                F("token"), F("arrived_at").desc(), F("row_number").desc(), name="elements_in_their_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.application_id}"


class Screening(models.Model):
    """What screening said of an application once; the newest counts, the first is never changed."""

    public_id = public_id("scr")
    # Its application's.
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    application = models.ForeignKey(Application, models.CASCADE, related_name="screenings")
    kind = models.CharField(max_length=8, choices=[(each, each) for each in ScreeningKind])
    outcome = models.CharField(max_length=8, choices=[(each, each) for each in Outcome])
    score = models.PositiveSmallIntegerField()
    # Codes, gravest first; fraud.rules.reasons has the words.
    reasons = ArrayField(models.CharField(max_length=48), default=list)
    # How each rule came out, with values that identify nobody.
    explanation = models.JSONField(default=list)
    # What the consortium told (fraud.rules.consortium.Hit).
    hits = models.JSONField(default=list)
    # The consortium had not answered; it is asked again, until a later screening has heard it.
    is_degraded = models.BooleanField(default=False)
    heard_at = models.DateTimeField(null=True)
    # Which version decided; None is the default that ships.
    rulebook_version = models.ForeignKey(
        "fraud.RulebookVersion", models.PROTECT, null=True, related_name="+", db_index=False
    )
    # What another version would have said.
    shadow_version = models.ForeignKey(
        "fraud.RulebookVersion", models.PROTECT, null=True, related_name="+", db_index=False
    )
    shadow_outcome = models.CharField(max_length=8, null=True, choices=[(each, each) for each in Outcome])
    shadow_score = models.PositiveSmallIntegerField(null=True)
    screened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=HIGHEST_SCORE), name="a_score_is_0_to_1000"
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(kind=ScreeningKind.FIRST),
                name="one_first_screening_per_application",
            ),
        ]
        indexes = [
            models.Index(
                fields=["application"],
                name="screenings_to_ask_again",
                condition=Q(is_degraded=True, heard_at__isnull=True),
            ),
            models.Index(
                fields=["shadow_version", "screened_at"],
                name="screenings_with_a_shadow",
                condition=Q(shadow_version__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class Sweep(models.Model):
    """How far a sweep has come: of what is older, nothing is left to do."""

    name = models.CharField(max_length=32, primary_key=True)
    reached_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
