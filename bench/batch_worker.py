"""One worker of the benchmark of submissions: takes chunks until its submission is done, and says what it cost."""

import json
import resource
import sys
import time

import django


def work(submission_id: int) -> dict[str, float]:
    """Work on chunks until none is left; give processor seconds, and the peak of memory in MB."""
    django.setup()
    from django.db import connection

    # Nudges go to this run's own broker.
    import portal.celery
    from fraud.models import Submission
    from fraud.operations.submissions.chunks import claim_chunk
    from fraud.screening.chunks import work_on_chunk
    from portal.accounts.actors import SYSTEM
    from portal.core import clock
    from portal.core.tenancy import EVERYWHERE, act_within

    portal.celery.collect_rarely()
    act_within(EVERYWHERE)
    # A worker runs before a file comes; what it takes to start is nobody's application.
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    before = time.process_time()
    chunks = 0
    while True:
        claim = claim_chunk(now=clock.now())
        if claim is not None:
            work_on_chunk(claim, by=SYSTEM, clock=clock.now)
            chunks += 1
        elif _is_over(Submission, submission_id):
            break
        else:
            time.sleep(0.05)
    connection.close()
    return {
        "chunks": chunks,
        "cpu_s": round(time.process_time() - before, 2),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def _is_over(submissions: type, submission_id: int) -> bool:
    submission = submissions.objects.get(pk=submission_id)  # type: ignore[attr-defined]
    return (
        submission.split_at is not None
        and not submission.chunks.exclude(state__in=["screened", "failed"]).exists()
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(work(int(sys.argv[1]))))
