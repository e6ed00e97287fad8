"""Django's way to send mail, for libraries: into the outbox, in the transaction that is open."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from portal.core import clock
from portal.mail.operations import keep


class OutboxBackend(BaseEmailBackend):
    """Keep each message once for each recipient."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Put messages into the outbox; return how many."""
        for message in email_messages:
            pages = [str(page) for page, kind in getattr(message, "alternatives", []) if kind == "text/html"]
            for recipient in message.recipients():
                keep(str(message.subject), str(message.body), "".join(pages[:1]), recipient, now=clock.now())
        return len(email_messages)
