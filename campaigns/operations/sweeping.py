"""Finding the work that a lost nudge or a dead worker left behind."""

from datetime import datetime

from django.db import transaction

from campaigns.jobs import Job
from campaigns.operations.delivery import MOST_TRIES
from campaigns.operations.moves import move_file
from campaigns.queries.batches import (
    batches_to_activate,
    batches_to_finish,
    files_that_kill_their_workers,
    files_to_work_on,
)
from campaigns.rules.states import FileState
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.jobs import nudge, nudge_each
from portal.core.phrases import Phrase

# What is left over is found at the next sweep.
MOST_NUDGES = 200


@transaction.atomic(durable=True)
def nudge_left_work(*, most_files: int = MOST_NUDGES, by: Actor, now: datetime) -> int:
    """Nudge the rows that wait for a worker; return how many. Nudging one twice does no harm.

    A file that outlived its workers too often is not tried again until somebody asks for it.
    """
    _give_up_hopeless(by=by, now=now)
    files = files_to_work_on(now=now).values_list("pk", flat=True)[:most_files]
    finished = batches_to_finish().values_list("pk", flat=True)[:MOST_NUDGES]
    due = batches_to_activate(now=now).values_list("pk", flat=True)[:MOST_NUDGES]
    nudge_each(Job.GENERATE_FILE, file_id=files)
    for batch_id in finished:
        nudge(Job.FINISH_DELIVERY, batch_id=batch_id)
    for batch_id in due:
        nudge(Job.ACTIVATE_DUE, batch_id=batch_id)
    return len(files) + len(finished) + len(due)


def _give_up_hopeless(*, by: Actor, now: datetime) -> None:
    hopeless = files_that_kill_their_workers(most_tries=MOST_TRIES, now=now).select_related("batch")
    for file in hopeless.select_for_update(of=("self",), skip_locked=True):
        move_file(file, FileState.FAILED)
        file.problem = Phrase(
            "{tries} workers died on this file. Ask an operator to look into their log.", tries=file.tries
        )
        file.rows_done = 0
        file.save(update_fields=["state", "problem", "rows_done"])
        record(by, "file.failed", file.batch, now=now, number=file.number, reason="workers-died")
