"""The doors of background work on retention."""

from datetime import timedelta

import structlog
from celery import shared_task

from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.errors import WrongStateError
from portal.core.jobs import nudge
from portal.retention.jobs import Job
from portal.retention.operations.runs import carry_out
from portal.retention.policies import policies
from portal.retention.queries import places_of

# Mails and the like wait behind it in the same queue; the rest is done by the next one.
LONGEST = timedelta(seconds=30)

log = structlog.get_logger(__name__)


@shared_task(name=Job.RETAIN)
def retain() -> None:
    """Carry out every policy in every place, as far as half a minute goes, and ask for another if that is too short."""
    until = clock.now() + LONGEST
    for policy in policies():
        for organization in places_of(policy):
            try:
                run = carry_out(policy, organization, by=SYSTEM, clock=clock.now, until=until)
            except WrongStateError as error:
                log.info("retention.left", policy=policy.name, reason=error.detail)
                continue
            if run is not None:
                log.info("retention.run", policy=policy.name, run=run.public_id, rows=run.done)
            if clock.now() >= until:
                nudge(Job.RETAIN)
                return
