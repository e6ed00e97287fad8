"""The doors of background work on requests."""

import structlog
from celery import shared_task

from portal.accounts.actors import SYSTEM
from portal.approvals.jobs import Job
from portal.approvals.operations import expire_requests as expire
from portal.core import clock

log = structlog.get_logger(__name__)


@shared_task(name=Job.EXPIRE_REQUESTS)
def expire_requests() -> None:
    """End the requests that nobody decided in time."""
    ended = expire(by=SYSTEM, now=clock.now())
    if ended:
        log.info("requests.expired", rows=ended)
