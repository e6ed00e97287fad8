"""The doors of background work: find the row, make one call, and let what is done already be."""

import structlog
from celery import shared_task

from fraud.jobs import Job
from fraud.models import Application
from fraud.screening import finishing
from portal.accounts.actors import SYSTEM
from portal.core import clock

log = structlog.get_logger(__name__)


@shared_task(name=Job.FINISH_APPLICATION)
def finish_application(application_id: int) -> None:
    """Screen one application whose time budget was spent."""
    finishing.finish(Application.objects.get(pk=application_id), by=SYSTEM, clock=clock.now)


@shared_task(name=Job.FINISH_LEFT)
def finish_left() -> None:
    """Screen what came alone and was left."""
    done = finishing.finish_left(by=SYSTEM, clock=clock.now)
    if done:
        log.info("applications.finished", rows=done)


@shared_task(name=Job.ASK_AGAIN)
def ask_again() -> None:
    """Ask the consortium again about what was decided without it."""
    done = finishing.ask_again(by=SYSTEM, clock=clock.now)
    if done:
        log.info("applications.asked_again", rows=done)
