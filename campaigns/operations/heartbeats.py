"""Signs of life of a worker that waits for the store: one part may take longer than the silence of a dead worker."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection

from campaigns.models import BatchFile
from campaigns.queries.batches import SILENCE
from campaigns.rules.states import FileState

log = structlog.get_logger(__name__)


@contextmanager
def beating(
    file: BatchFile, attempt: int, *, clock: Callable[[], datetime], every: timedelta = SILENCE / 4
) -> Iterator[None]:
    """Write down again and again that the worker of this attempt lives, until the block ends.

    A process that is stopped or dead beats no more; one that waits for a slow network does.
    """
    is_over = threading.Event()
    held = BatchFile.objects.filter(pk=file.pk, attempt=attempt, state=FileState.WORKING)

    def beat() -> None:
        try:
            while not is_over.wait(every.total_seconds()):
                held.update(heard_at=clock())
        except DatabaseError as error:
            # The worker itself will find the database gone, and says so.
            log.warning("heartbeat.lost", file_id=file.pk, reason=str(error))
        finally:
            connection.close()

    # It reaches the rows that the worker itself does.
    heart = threading.Thread(target=copy_context().run, args=[beat], name="heartbeat", daemon=True)
    heart.start()
    try:
        yield
    finally:
        is_over.set()
        heart.join()
