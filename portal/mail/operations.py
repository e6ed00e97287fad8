"""Putting mail into the outbox, and taking it out: one try at a time, later again, and never two at once."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import get_language

from portal.core.jobs import nudge
from portal.core.mail_routes import Way
from portal.mail.carriers import CarrierError, carry
from portal.mail.jobs import Job
from portal.mail.letters import Letter
from portal.mail.models import Mail, MailState

# Longer than a conversation with a slow server: after it, whoever took the mail is believed to be dead.
LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
# More are left for the next time, so that one round ends.
MOST_AT_ONCE = 200


def post(letter: Letter, recipient: str, *, now: datetime) -> Mail:
    """Put a letter into the outbox, within the transaction of whatever it tells of."""
    return keep(letter.subject, letter.text, letter.html, recipient, now=now)


def keep(subject: str, text: str, html: str, recipient: str, *, now: datetime) -> Mail:
    """Put a mail into the outbox; on the local stack it stays there."""
    leaves = settings.MAIL_ROUTE.way is not Way.LOCAL
    mail = Mail.objects.create(
        recipient=recipient,
        # A line break in a subject would be a header of somebody else's making.
        subject=" ".join(subject.split())[:200],
        text=text,
        html=html,
        language=(get_language() or "")[:5],
        state=MailState.WAITING if leaves else MailState.KEPT,
        created_at=now,
        due_at=now if leaves else None,
    )
    if leaves:
        nudge(Job.SEND_MAIL)
    return mail


def send_mails(*, by: object, clock: Callable[[], datetime]) -> int:
    """Process the outbox: send what is due, until nothing is or the server does not answer; return how many went.

    A mail that a worker took with it to its death is sent again under the same Message-ID once its lease is
    over: rather the same mail twice, where the recipient's server does not notice, than none.
    """
    sent = 0
    for _turn in range(MOST_AT_ONCE):
        mail = claim_mail(now=clock())
        if mail is None:
            break
        try:
            carry(mail)
        except CarrierError as error:
            put_off_mail(mail, error=error, now=clock())
            if error.is_everywhere:
                break
        else:
            settle_mail(mail, now=clock())
            sent += 1
    return sent


@transaction.atomic(durable=True)
def claim_mail(*, now: datetime) -> Mail | None:
    """Take the mail that has been due the longest, for as long as one try may last; none when nothing is due."""
    due = Mail.objects.select_for_update(skip_locked=True).filter(due_at__lte=now).order_by("due_at", "pk")
    mail = due.first()
    if mail is None:
        return None
    mail.state, mail.tries, mail.due_at = MailState.SENDING, models.F("tries") + 1, now + LEASE
    mail.save(update_fields=["state", "tries", "due_at"])
    mail.refresh_from_db()
    return mail


@transaction.atomic(durable=True)
def settle_mail(mail: Mail, *, now: datetime) -> Mail:
    """Note that a mail has left, and forget what it said and to whom."""
    mail.state, mail.due_at, mail.sent_at = MailState.SENT, None, now
    mail.recipient = mail.subject = mail.text = mail.html = mail.problem = ""
    mail.save(update_fields=["state", "due_at", "sent_at", "recipient", "subject", "text", "html", "problem"])
    return mail


@transaction.atomic(durable=True)
def put_off_mail(mail: Mail, *, error: CarrierError, now: datetime) -> Mail:
    """Note that a try failed; the next comes after a pause that doubles, and none after three days."""
    pause = min(FIRST_PAUSE * 2 ** min(mail.tries, 16), LONGEST_PAUSE)
    is_over = error.is_final or now + pause > mail.created_at + GIVE_UP_AFTER
    mail.problem = error.code[:64]
    mail.state = MailState.FAILED if is_over else MailState.WAITING
    mail.due_at = None if is_over else now + pause
    if is_over:
        mail.recipient = mail.subject = mail.text = mail.html = ""
    mail.save(update_fields=["state", "due_at", "problem", "recipient", "subject", "text", "html"])
    return mail
