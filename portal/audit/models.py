"""Entries of the trail, and the chain that seals them: inserted once, never changed, never removed."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from portal.core.models import whole

_STAYS = pgtrigger.Update | pgtrigger.Delete


class Entry(models.Model):
    """One act: who did what to which thing, with ids and field names only, never personal data."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=32)
    act = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    # The organizations that the thing belongs to; empty means that only those who see everywhere see it.
    within = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subject_id", "id"], name="entries_of_a_subject"),
            models.Index(fields=["actor_id", "id"], name="entries_of_an_actor"),
            # Entries lie in the order of their time, so that a line for each few pages is enough.
            BrinIndex(fields=["at"], name="entries_by_time", autosummarize=True, pages_per_range=32),
        ]
        triggers = [
            pgtrigger.Protect(name="entries_stay", operation=_STAYS),
            whole("entries_stay_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_id}"


class LinkKind(models.TextChoices):
    """What a link of the chain seals."""

    ENTRY = "entry"
    RUN = "run"


class Link(models.Model):
    """One link of the chain: the SHA-256 over the link before it and what it seals (portal.crypto.chain)."""

    position = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=5, choices=LinkKind.choices)
    # No constraint: it would lock, and so touch, every entry that is sealed.
    entry = models.OneToOneField(
        Entry, models.DO_NOTHING, null=True, db_constraint=False, related_name="link"
    )
    # The exact text that a run seals; of an entry the text is made from its row.
    body = models.TextField(blank=True)
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="entry", entry__isnull=False, body="")
                | models.Q(kind="run", entry__isnull=True),
                name="a_link_seals_an_entry_or_a_run",
            )
        ]
        triggers = [pgtrigger.Protect(name="links_stay", operation=_STAYS), whole("links_stay_whole")]

    def __str__(self) -> str:
        return f"{self.position} {bytes(self.digest).hex()[:12]}"


class Mark(models.Model):
    """How far one table is sealed: the sealer's notes, the only rows of the chain that change.

    An id is final once no transaction that could still bring it is under way. `waiting_for` is the sealer's own
    transaction, begun after ids up to `waiting_to` had been drawn: when all before it have ended, those are final.
    """

    ENTRIES: ClassVar[str] = "entries"

    source = models.CharField(max_length=32, primary_key=True)
    # Every id up to here is sealed, and final: a row that turns up below it was put there by hand.
    sealed_to = models.BigIntegerField(default=0)
    final_to = models.BigIntegerField(default=0)
    waiting_to = models.BigIntegerField(default=0)
    waiting_for = models.BigIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.source} to {self.sealed_to}"


class Anchor(models.Model):
    """The head of the chain at one moment, signed, and put into a bucket that the database does not reach."""

    position = models.BigIntegerField(primary_key=True)
    made_at = models.DateTimeField()
    # The signed bytes, exactly.
    document = models.TextField()
    signature = models.CharField(max_length=100)
    key_id = models.CharField(max_length=16)
    put_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index("position", condition=models.Q(put_at=None), name="anchors_to_put")]
        triggers = [
            pgtrigger.ReadOnly(name="anchors_stay", exclude=["put_at"]),
            pgtrigger.Protect(name="anchors_are_kept", operation=pgtrigger.Delete),
            whole("anchors_stay_whole"),
        ]

    def __str__(self) -> str:
        return f"anchor at {self.position}"


class Verification(models.Model):
    """One check of the whole chain, and the first thing that it found wrong."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    first_position = models.BigIntegerField()
    last_position = models.BigIntegerField()
    links = models.BigIntegerField()
    # Empty when everything is as it was sealed; otherwise the kind of the first break.
    problem = models.CharField(max_length=24, blank=True)
    position = models.BigIntegerField(null=True)
    expected = models.TextField(blank=True)
    found = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.problem or f"sound to {self.last_position}"
