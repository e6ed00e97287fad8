"""Nudges: messages that say "look at this row", sent after commit, safe to lose and safe to repeat."""

from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import ChannelError, OperationalError

log = structlog.get_logger(__name__)

# Priorities of the broker: what is due now goes before the many files of a large delivery.
_AT_ONCE, _IN_TURN = 0, 6


def nudge(job: StrEnum, **ids: int) -> None:
    """Ask a worker to look at a row once the transaction has committed.

    The row is the queue: a nudge that the broker cannot take is logged and left to the sweep.
    """
    transaction.on_commit(partial(_send, job, ids, _AT_ONCE))


def nudge_each(job: StrEnum, **ids: Iterable[int]) -> None:
    """Ask workers to look at many rows of one kind, each by itself, behind whatever is due now.

    `ids` is one name and its values. The first nudge that the broker cannot take is the last that is tried.
    """
    ((name, values),) = ids.items()
    transaction.on_commit(partial(_send_each, job, name, list(values)))


def waiting(queue: str) -> int:
    """Count the nudges that no worker has taken from a queue yet.

    :raises kombu.exceptions.OperationalError: the broker does not answer
    """
    with current_app.connection_for_read() as connection:
        # Its stubs know only what all transports have.
        channel: Any = connection.default_channel
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except ChannelError:
            # An empty queue does not exist.
            return 0


def _send_each(job: StrEnum, name: str, values: list[int]) -> None:
    for done, value in enumerate(values):
        if not _send(job, {name: value}, _IN_TURN):
            log.warning("nudges.left_to_the_sweep", job=str(job), left=len(values) - done)
            return


def _send(job: StrEnum, ids: dict[str, int], priority: int) -> bool:
    """Send one nudge; say whether the broker took it."""
    queue = job.split(".", 1)[0]
    try:
        # No retries: a request must not wait for a broker that is gone.
        current_app.send_task(str(job), kwargs=ids, queue=queue, retry=False, priority=priority)
    except (OperationalError, OSError) as error:
        log.warning("nudge.lost", job=str(job), reason=str(error), **ids)
        return False
    return True
