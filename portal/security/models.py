"""Tables of alerts with their notes, of canaries, and of how far readers of the trail have come."""

from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.accounts.models import User
from portal.core.language import PhraseField
from portal.core.models import public_id
from portal.security import words
from portal.security.classes import Severity


class AlertState(StrEnum):
    OPEN = "open"
    # Somebody has acknowledged it and looks into it.
    IN_HAND = "in-hand"
    CLOSED = "closed"


class Alert(models.Model):
    """Something in the trail that a detector thinks a person should look at."""

    public_id = public_id("alt")
    detector = models.CharField(max_length=32)
    # What it is about, and since when: together they make one alert of many findings.
    key = models.CharField(max_length=100)
    since = models.DateTimeField()
    severity = models.PositiveSmallIntegerField(choices=[(grade.value, grade.name) for grade in Severity])
    state = models.CharField(max_length=8, default=AlertState.OPEN.value)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=32)
    # The people whom it is about, by their public ids: they do not handle it.
    about = ArrayField(models.CharField(max_length=32), default=list)
    # The organizations that it belongs to; empty means that only those who see everywhere see it.
    within = ArrayField(models.BigIntegerField(), default=list)
    facts = models.JSONField(default=dict)
    # The ids of the first entries of the trail that led to it; `times` counts all findings.
    entries = ArrayField(models.BigIntegerField(), default=list)
    times = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    holder = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["detector", "key", "since"], name="one_alert_for_each_finding_of_a_detector"
            ),
            models.CheckConstraint(
                condition=models.Q(state=AlertState.OPEN.value, holder=None) | models.Q(holder__isnull=False),
                name="an_alert_in_hand_has_a_holder",
            ),
        ]
        indexes = [models.Index("opened_at", condition=~models.Q(state="closed"), name="alerts_to_handle")]

    def __str__(self) -> str:
        return f"{self.detector} {self.key}"

    @property
    def title(self) -> str:
        return str(words.DETECTORS[self.detector][0])

    @property
    def meaning(self) -> str:
        return str(words.DETECTORS[self.detector][1])

    @property
    def severity_name(self) -> str:
        return str(words.SEVERITIES[Severity(self.severity)])

    @property
    def place(self) -> dict[int, int]:
        """Tell the trail which organizations its entries belong to."""
        return {pk: pk for pk in self.within}

    @property
    def told(self) -> dict[str, Any]:
        """Return what every entry about it says, so that it leaves as a whole finding."""
        return {
            "detector": self.detector,
            "severity": Severity(self.severity).name.lower(),
            "actor": self.actor_id,
            "actor_kind": self.actor_kind,
            "entries": self.entries[:50],
        }


class AlertNote(models.Model):
    """What somebody wrote about an alert, or gave as the reason for closing or reopening it."""

    public_id = public_id("note")
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_id


class Canary(models.Model):
    """A thing that nobody has a reason to touch; whoever does raises an alert."""

    public_id = public_id("can")
    subject_id = models.CharField(max_length=32, unique=True)
    note = models.CharField(max_length=200, blank=True)
    marked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.subject_id


class StreamCursor(models.Model):
    """How far one reader of the sealed trail has come: a sink of events, or the detectors."""

    public_id = public_id("str")
    # The address of the sink without its options.
    name = models.CharField(max_length=300, unique=True)
    position = models.BigIntegerField(default=0)
    # Who sends just now has it until then; a worker that was killed gives it up by that.
    held_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # Since when it has failed, how often, and why, until it works again.
    failed_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    problem = PhraseField(blank=True)

    def __str__(self) -> str:
        return self.name
