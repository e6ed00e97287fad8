"""Nudges: messages that say "look at this row", sent after commit, safe to lose and safe to repeat."""

from enum import StrEnum
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def nudge(job: StrEnum, **ids: int) -> None:
    """Ask a worker to look at these rows once the transaction has committed.

    The row is the queue: a nudge that the broker cannot take is logged and left to the sweep.
    """
    transaction.on_commit(partial(_send, job, ids))


def _send(job: StrEnum, ids: dict[str, int]) -> None:
    try:
        # No retries: a request must not wait for a broker that is gone.
        current_app.send_task(str(job), kwargs=ids, queue=job.split(".", 1)[0], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("nudge.lost", job=str(job), reason=str(error), **ids)
