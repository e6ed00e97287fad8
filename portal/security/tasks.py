"""The doors of background work: events leave, and detectors look."""

import structlog
from celery import shared_task
from django.conf import settings

from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.errors import WrongStateError
from portal.core.streams import name_of
from portal.security.jobs import Job
from portal.security.operations.streams import send_events
from portal.security.operations.watching import CHUNK, watch_entries

# How many chunks one task looks at before the sealer, who shares its worker, gets a turn.
MOST_CHUNKS = 20

log = structlog.get_logger(__name__)


@shared_task(name=Job.STREAM)
def stream() -> None:
    """Send each sink what it has not had yet."""
    for address in settings.EVENT_STREAMS:
        try:
            sent = send_events(address, by=SYSTEM, clock=clock.now)
        except WrongStateError as error:
            log.info("stream.left", stream=name_of(address), reason=error.detail)
        else:
            log.debug("stream.sent", stream=name_of(address), events=sent)


@shared_task(name=Job.WATCH)
def watch() -> None:
    """Show new entries to the detectors."""
    for _turn in range(MOST_CHUNKS):
        if watch_entries(by=SYSTEM, now=clock.now()) < CHUNK:
            return
