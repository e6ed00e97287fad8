"""Entries of the trail: inserted once, never changed, never removed."""

import pgtrigger
from django.db import models


class Entry(models.Model):
    """One act: who did what to which thing, with ids and field names only, never personal data."""

    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=32)
    act = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["id"]
        indexes = [models.Index(fields=["subject_id", "id"], name="entries_of_a_subject")]
        triggers = [
            pgtrigger.Protect(name="entries_stay", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_id}"
