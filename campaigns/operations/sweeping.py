"""Finding the work that a lost nudge or a dead worker left behind."""

from datetime import datetime

from django.db import transaction

from campaigns.jobs import Job
from campaigns.queries.batches import batches_to_activate, batches_to_finish, files_to_work_on
from portal.core.jobs import nudge

# A worker finds what is left over at the next sweep.
MOST_NUDGES = 200


@transaction.atomic(durable=True)
def nudge_left_work(*, now: datetime) -> int:
    """Nudge every row that waits for a worker; return how many. Nudging one twice does no harm."""
    files = files_to_work_on(now=now).values_list("pk", flat=True)[:MOST_NUDGES]
    finished = batches_to_finish().values_list("pk", flat=True)[:MOST_NUDGES]
    due = batches_to_activate(now=now).values_list("pk", flat=True)[:MOST_NUDGES]
    for file_id in files:
        nudge(Job.GENERATE_FILE, file_id=file_id)
    for batch_id in finished:
        nudge(Job.FINISH_DELIVERY, batch_id=batch_id)
    for batch_id in due:
        nudge(Job.ACTIVATE_DUE, batch_id=batch_id)
    return len(files) + len(finished) + len(due)
