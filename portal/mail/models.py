"""The outbox: one row for each mail to one person; the row is the queue."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.models import public_id


class MailState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    # On the local stack, where mail goes nowhere.
    KEPT = "kept"


class Mail(models.Model):
    """A mail; its text and its recipient go as soon as it has left, since links in it open doors."""

    public_id = public_id("mai")
    recipient = models.EmailField(_("to"), blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    # What it is written in, for whoever reads it out.
    language = models.CharField(max_length=5, blank=True)
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in MailState])
    created_at = models.DateTimeField()
    # When a worker may take it, again if one has it and does not report back; none when nothing is left to do.
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    # Why the last try failed: a code or the name of an error, never what the server said.
    problem = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="mails_to_send")
        ]

    def __str__(self) -> str:
        return self.public_id
