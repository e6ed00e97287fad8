"""The doors of background work: find the row, make one call, and let what is done already be."""

import structlog
from celery import shared_task

from campaigns.jobs import Job
from campaigns.models import Batch, BatchFile
from campaigns.operations.activation import activate_due_batch
from campaigns.operations.delivery import TakenOverError, deliver_file
from campaigns.operations.manifests import finish_delivery as finish
from campaigns.operations.receipts import read_receipt
from campaigns.operations.sweeping import nudge_left_work
from campaigns.queries.batches import batches_awaiting_receipt
from portal.accounts.actors import SYSTEM
from portal.api.idempotency import forget_answers
from portal.core import clock
from portal.core.errors import WrongStateError
from portal.core.jobs import waiting
from portal.core.storage_errors import StorageError

# As many nudges as workers take up until the next sweep, and some.
MOST_WAITING = 200

log = structlog.get_logger(__name__)


@shared_task(name=Job.GENERATE_FILE)
def generate_file(file_id: int) -> None:
    """Generate, encrypt and upload one file."""
    file = BatchFile.objects.select_related("batch").get(pk=file_id)
    try:
        deliver_file(file, by=SYSTEM, clock=clock.now)
    except TakenOverError as error:
        log.info("file.left", file_id=file_id, reason=error.detail)
    except StorageError as error:
        log.warning("file.put_off", file_id=file_id, reason=error.reason)


@shared_task(name=Job.FINISH_DELIVERY)
def finish_delivery(batch_id: int) -> None:
    """Sign the manifest of a batch and put it last."""
    batch = Batch.objects.select_related("campaign", "printer").get(pk=batch_id)
    try:
        finish(batch, by=SYSTEM, clock=clock.now)
    except TakenOverError as error:
        log.info("delivery.left", batch_id=batch_id, reason=error.detail)
    except StorageError as error:
        log.warning("delivery.put_off", batch_id=batch_id, reason=error.reason)


@shared_task(name=Job.READ_RECEIPTS)
def read_receipts() -> None:
    """Look into the printers' buckets for receipts of delivered batches."""
    # A store that does not answer takes half a minute to say so: it is asked once in a round.
    unavailable: set[int] = set()
    for batch in batches_awaiting_receipt():
        if batch.printer_id in unavailable:
            continue
        try:
            read_receipt(batch, by=SYSTEM, clock=clock.now)
        except StorageError as error:
            unavailable.add(batch.printer_id)
            log.warning("receipts.put_off", batch_id=batch.pk, reason=error.reason)
        except WrongStateError as error:
            log.info("receipt.left", batch_id=batch.pk, reason=error.detail)


@shared_task(name=Job.ACTIVATE_DUE)
def activate_due(batch_id: int) -> None:
    """Activate a batch whose time has come."""
    batch = Batch.objects.select_related("campaign", "printer").get(pk=batch_id)
    try:
        activate_due_batch(batch, by=SYSTEM, now=clock.now())
    except WrongStateError as error:
        log.info("activation.left", batch_id=batch_id, reason=error.detail)


@shared_task(name=Job.SWEEP)
def sweep() -> None:
    """Nudge what a lost message left behind; files only while few wait, since those that wait are not lost."""
    room = MOST_WAITING - waiting(Job.SWEEP.split(".", 1)[0])
    found = nudge_left_work(most_files=max(room, 0), by=SYSTEM, now=clock.now())
    if found:
        log.info("sweep.found", rows=found)


@shared_task(name=Job.FORGET_ANSWERS)
def forget_old_answers() -> None:
    """Remove stored answers that are older than they need to be kept."""
    log.info("answers.forgotten", rows=forget_answers(now=clock.now()))
