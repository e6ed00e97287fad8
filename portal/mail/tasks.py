"""The door of background work to the outbox."""

import structlog
from celery import shared_task

from portal.core import clock
from portal.mail.jobs import Job
from portal.mail.operations import send_mails

log = structlog.get_logger(__name__)


@shared_task(name=Job.SEND_MAIL)
def send_mail() -> None:
    """Send what is due."""
    sent = send_mails(by=None, clock=clock.now)
    if sent:
        log.info("mail.sent", mails=sent)
