"""Answers kept under the key of their request, so that a repeated request gets the same one."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from portal.accounts.models import Client


class IdempotentRequest(models.Model):
    """One request that changes something, and its answer once there is one."""

    pk = models.CompositePrimaryKey("client", "key")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    # SHA-256 of method, path and body.
    fingerprint = models.BinaryField(max_length=32)
    # Until then the process that works on it is believed to be alive.
    leased_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status=None, body=None)
                | models.Q(status__isnull=False, body__isnull=False),
                name="an_answer_has_status_and_body",
            )
        ]
        indexes = [BrinIndex(fields=["created_at"], name="answers_by_age")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.key}"
