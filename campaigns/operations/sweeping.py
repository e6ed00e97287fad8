"""Finding the work that a lost nudge or a dead worker left behind."""

from datetime import datetime

from django.db import transaction

from campaigns.jobs import Job
from campaigns.queries.batches import batches_to_activate, batches_to_finish, files_to_work_on
from portal.core.jobs import nudge, nudge_each

# What is left over is found at the next sweep.
MOST_NUDGES = 200


@transaction.atomic(durable=True)
def nudge_left_work(*, most_files: int = MOST_NUDGES, now: datetime) -> int:
    """Nudge the rows that wait for a worker; return how many. Nudging one twice does no harm."""
    files = files_to_work_on(now=now).values_list("pk", flat=True)[:most_files]
    finished = batches_to_finish().values_list("pk", flat=True)[:MOST_NUDGES]
    due = batches_to_activate(now=now).values_list("pk", flat=True)[:MOST_NUDGES]
    nudge_each(Job.GENERATE_FILE, file_id=files)
    for batch_id in finished:
        nudge(Job.FINISH_DELIVERY, batch_id=batch_id)
    for batch_id in due:
        nudge(Job.ACTIVATE_DUE, batch_id=batch_id)
    return len(files) + len(finished) + len(due)
