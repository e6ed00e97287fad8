"""Rulebooks with their versions, backtests of versions on the past, and what an institution watches for."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from fraud.models.institutions import Institution
from fraud.rules.cases import Verdict
from fraud.rules.decisions import Outcome
from fraud.rules.rulebook.states import BACKTEST_OPEN, BacktestState, VersionState
from fraud.rules.watching import WatchList, WatchReason
from portal.accounts.actors import OrganizationKind
from portal.core.language import PhraseField
from portal.core.models import public_id
from portal.crypto.tokens import TOKEN_BYTES

_PUBLISHED = Q(state=VersionState.PUBLISHED)


class Rulebook(models.Model):
    """The rulebook of an institution: which version decides, and which one runs in its shadow."""

    public_id = public_id("rbk")
    institution = models.OneToOneField(Institution, models.PROTECT, related_name="rulebook")
    # None until the first is published: the default that ships decides.
    live = models.ForeignKey("RulebookVersion", models.PROTECT, null=True, related_name="+", db_index=False)
    shadow = models.ForeignKey("RulebookVersion", models.PROTECT, null=True, related_name="+", db_index=False)
    # A draft may change between two runs in the shadow; what was decided before this is of another.
    shadow_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(shadow__isnull=True, shadow_since__isnull=True)
                | Q(shadow__isnull=False, shadow_since__isnull=False),
                name="a_shadow_has_a_beginning",
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class RulebookVersion(models.Model):
    """One version of a rulebook; what is published never changes."""

    public_id = public_id("rbv")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    rulebook = models.ForeignKey(Rulebook, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in VersionState], default=VersionState.DRAFT
    )
    # fraud.rules.rulebook.document; its checksum is SHA-256 over the canonical JSON.
    document = models.JSONField()
    checksum = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    # The older one that this brings back.
    restores = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=32)
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "number"], name="one_rulebook_version_per_number"),
            models.UniqueConstraint(
                fields=["rulebook"], condition=Q(state=VersionState.DRAFT), name="one_draft_per_rulebook"
            ),
            models.UniqueConstraint(
                fields=["rulebook"],
                condition=Q(state=VersionState.WAITING),
                name="one_waiting_version_per_rulebook",
            ),
            models.CheckConstraint(
                condition=(_PUBLISHED & Q(published_at__isnull=False) & ~Q(published_by=""))
                | (~_PUBLISHED & Q(published_at__isnull=True, published_by="")),
                name="a_published_rulebook_has_its_publisher",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_rulebooks_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state=VersionState.PUBLISHED.value),
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class Backtest(models.Model):
    """A version tried on the applications of the past days; resumable, as it goes on behind `cursor`."""

    public_id = public_id("bkt")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(RulebookVersion, models.CASCADE, related_name="backtests")
    # Of the document that is tried: a draft may be saved meanwhile.
    checksum = models.CharField(max_length=64)
    state = models.CharField(
        max_length=10,
        choices=[(each.value, each.value) for each in BacktestState],
        default=BacktestState.WAITING,
    )
    days = models.PositiveSmallIntegerField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # The last application that was looked at, in the order of arrival.
    cursor_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=0)
    # What was decided → what this version would have → how many; by verdict, and by rule. See
    # fraud.rules.rulebook.outcomes.
    results = models.JSONField(default=dict)
    problem = PhraseField(blank=True, default="")
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=32)
    heard_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(state__in=BACKTEST_OPEN),
                name="one_backtest_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=365), name="a_backtest_looks_back_a_year_at_most"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class BacktestChange(models.Model):
    """An application that a backtest would have decided otherwise; of very many the first ones are kept."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    backtest = models.ForeignKey(Backtest, models.CASCADE, related_name="changes", db_index=False)
    application = models.ForeignKey("fraud.Application", models.CASCADE, related_name="+", db_index=False)
    # What the newest screening said, and what this version would have.
    outcome = models.CharField(max_length=8, choices=[(each, each) for each in Outcome])
    score = models.PositiveSmallIntegerField()
    other_outcome = models.CharField(max_length=8, choices=[(each, each) for each in Outcome])
    other_score = models.PositiveSmallIntegerField()
    # As of the backtest; empty before there was one.
    verdict = models.CharField(
        max_length=8, choices=[("", ""), *((each, each) for each in Verdict)], blank=True, default=""
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["backtest", "application"], name="one_change_per_backtest_and_application"
            ),
            models.CheckConstraint(
                condition=~Q(outcome=F("other_outcome")), name="a_change_changes_the_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} in {self.backtest_id}"

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class WatchEntry(models.Model):
    """One element on a watch list, as the token alone: what it stands for is nowhere."""

    public_id = public_id("wat")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    listed = models.CharField(max_length=16, choices=[(each.value, each.value) for each in WatchList])
    # As of elements: "phone.1".
    kind = models.CharField(max_length=24)
    token = models.BinaryField(max_length=TOKEN_BYTES)
    reason = models.CharField(max_length=20, choices=[(each.value, each.value) for each in WatchReason])
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=32)

    class Meta:
        constraints = [
            # Tokens of two institutions never meet, as their keys differ.
            models.UniqueConstraint(fields=["token", "listed"], name="on_a_watch_list_once")
        ]
        indexes = [models.Index(fields=["institution", "-id"], name="watch_entries_by_institution")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}
