"""The doors of the trail's background work."""

import time

import structlog
from celery import shared_task

from portal.audit.jobs import Job
from portal.audit.operations.sealing import MOST_ENTRIES, SealedElsewhereError, seal_entries, seal_run
from portal.audit.runs import run_sources
from portal.core import clock

# One worker does all of the trail's work: sealing leaves it to the others after so many seconds.
TURN_SECONDS = 20.0

log = structlog.get_logger(__name__)


@shared_task(name=Job.SEAL)
def seal() -> None:
    """Seal what has been written since the last time."""
    until = time.monotonic() + TURN_SECONDS
    sealed = ids = 0
    try:
        while (found := seal_entries(now=clock.now())) and time.monotonic() < until:
            sealed += found
            if found < MOST_ENTRIES:
                break
        for source in run_sources().values():
            while (found := seal_run(source, now=clock.now())) and time.monotonic() < until:
                ids += found
    except SealedElsewhereError:
        log.info("sealing.left")
    if sealed or ids:
        log.info("trail.sealed", entries=sealed, ids_in_runs=ids)
