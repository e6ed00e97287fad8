"""Feeds of case systems: where records of screened applications go, under which mapping, and files of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fraud.models.institutions import Institution
from fraud.models.mappings import Mapping
from fraud.rules.decisions import Outcome
from fraud.rules.feeds import IN_USE, Channel, FeedState
from portal.accounts.actors import OrganizationKind
from portal.core.models import public_id


class CaseFeed(models.Model):
    """How an institution's own case system is fed; to change one is to ask for another that takes its place."""

    public_id = public_id("cfd")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="case_feeds")
    mapping = models.ForeignKey(Mapping, models.PROTECT, related_name="feeds")
    channel = models.CharField(max_length=8, choices=[(each, each) for each in Channel])
    # Of a webhook.
    url = models.CharField(max_length=500, blank=True, default="")
    # Of a folder: the age public key for which its files are encrypted.
    recipient = models.CharField(max_length=200, blank=True, default="")
    outcomes = ArrayField(models.CharField(max_length=8, choices=[(each, each) for each in Outcome]))
    state = models.CharField(
        max_length=8, choices=[(each, each) for each in FeedState], default=FeedState.WAITING
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(state__in=sorted(IN_USE)),
                name="one_case_feed_in_use_per_institution",
            ),
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(state=FeedState.WAITING),
                name="one_case_feed_asked_for_per_institution",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.WEBHOOK, recipient="") & ~Q(url="")
                | Q(channel=Channel.FOLDER, url="") & ~Q(recipient=""),
                name="a_case_feed_leads_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}


class CaseFile(models.Model):
    """One file of a feed, from the moment its rows are chosen; what it holds is nowhere but in the bucket."""

    public_id = public_id("cfl")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    feed = models.ForeignKey(CaseFeed, models.PROTECT, related_name="files")
    rows = models.PositiveIntegerField(default=0)
    # Of the encrypted object, hexadecimal.
    sha256 = models.CharField(max_length=64, blank=True, default="")
    # How often a worker took it; fences off whoever took it before.
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField()
    # When it is tried next, or believed to be lost by whoever writes it now.
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="case_files_to_write", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def name(self) -> str:
        """The name of its object in the folder, without an ending."""
        return f"{self.created_at:%Y%m%dT%H%M%SZ}-{self.public_id}"

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}
