"""The doors of the trail's background work."""

import time
from contextlib import suppress

import structlog
from celery import shared_task

from portal.audit.jobs import Job
from portal.audit.operations.anchoring import (
    AnchorConflictError,
    NothingToAnchorError,
    anchor_head,
    put_anchors,
)
from portal.audit.operations.sealing import MOST_ENTRIES, SealedElsewhereError, seal_entries, seal_run
from portal.audit.operations.verification import Outcome, note_verification
from portal.audit.queries.anchored import verify_anchors
from portal.audit.queries.verifying import Checked, verify_chain
from portal.audit.runs import run_sources
from portal.core import clock
from portal.core.actors import ActorKind, Identity
from portal.core.storage_errors import StorageError
from portal.crypto.chain import ChainError

# One worker does all of the trail's work: sealing leaves it to the others after so many seconds.
TURN_SECONDS = 20.0
# Of the bucket's anchors each night so many; the command verifies all.
NEWEST_ANCHORS = 50
# What portal.accounts, a floor above, calls SYSTEM.
_SYSTEM = Identity(kind=ActorKind.SYSTEM, id="system", label="Countersign")

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


@shared_task(name=Job.ANCHOR)
def anchor() -> None:
    """Sign the head of the chain when it is time, and put into the bucket what is not there yet."""
    with suppress(NothingToAnchorError):
        anchor_head(by=_SYSTEM, clock=clock.now)
    try:
        put = put_anchors(by=_SYSTEM, clock=clock.now)
    except (StorageError, AnchorConflictError) as error:
        log.warning("anchors.put_off", reason=error.detail)
    else:
        if put:
            log.info("anchors.put", count=put)


@shared_task(name=Job.VERIFY)
def verify_trail() -> None:
    """Verify the whole chain and its newest anchors, and note how it went."""
    started, broken, seen = clock.now(), None, Checked(1, 0)

    def progress(checked: Checked) -> None:
        nonlocal seen
        seen = checked

    try:
        verify_chain(progress=progress)
        verify_anchors(newest=NEWEST_ANCHORS)
    except ChainError as error:
        broken = error.broken
        log.critical("trail.broken", position=broken.position, problem=str(broken.kind))
    except StorageError as error:
        # The chain itself holds; the bucket is asked again tomorrow.
        log.warning("anchors.not_verified", reason=error.detail)
    outcome = Outcome(started_at=started, first=seen.first, last=seen.last, links=seen.links, broken=broken)
    note_verification(outcome, by=_SYSTEM, now=clock.now())
