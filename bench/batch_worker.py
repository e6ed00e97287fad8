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
    import portal.celery  # noqa: F401
    from fraud.models import Submission
    from fraud.operations.submissions.chunks import claim_chunk
    from fraud.screening.chunks import work_on_chunk
    from portal.accounts.actors import SYSTEM
    from portal.core import clock
    from portal.core.tenancy import EVERYWHERE, act_within

    act_within(EVERYWHERE)
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
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "chunks": chunks,
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "memory_mb": round(usage.ru_maxrss / 1024, 1),
    }


def _is_over(submissions: type, submission_id: int) -> bool:
    chunks = submissions.objects.get(pk=submission_id).chunks  # type: ignore[attr-defined]
    return not chunks.exclude(state__in=["screened", "failed"]).exists()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(work(int(sys.argv[1]))))
