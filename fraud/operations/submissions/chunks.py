"""Chunks and whoever works on them: claimed fairly, fenced by a number, given back when their worker dies."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from fraud.jobs import Job
from fraud.models import Chunk, Submission
from fraud.operations.submissions.moves import ChunkTakenError
from fraud.operations.submissions.splitting import nudge_workers
from fraud.queries.submissions import SILENCE
from fraud.rules.submissions import HELD, ChunkState, SubmissionState
from portal.core.db import locked, prepared
from portal.core.jobs import nudge
from portal.core.phrases import Phrase

log = structlog.get_logger(__name__)
C, S = ChunkState, SubmissionState
MOST_TRIES = 8
_OUTCOMES = ("clear", "review", "refer", "degraded")
LONGEST_PAUSE = timedelta(minutes=5)
# Whoever has sent one application is believed to send another one for so long.
ONLINE_LASTS = timedelta(seconds=5)
_DIED = Phrase(
    "{tries} workers died on these rows. Ask an operator to look into their log.", tries=MOST_TRIES
)

# The next chunk: of the submission with the fewest at work, of those the one that was served longest ago, so that one
# worker alone takes turns as well; its second stage begins when the first is over for the whole submission. A chunk
# whose worker fell silent waits like any other. While applications come alone, files have only so many hands.
_CLAIM = """
WITH open AS (
    SELECT submission.id, submission.stored_at IS NOT NULL AS is_stored,
        (SELECT count(*) FROM fraud_chunk running WHERE running.submission_id = submission.id
            AND running.state IN ('storing', 'screening') AND running.heard_at > %(silent_since)s::timestamptz) AS busy,
        (SELECT max(served.heard_at) FROM fraud_chunk served WHERE served.submission_id = submission.id) AS served_at
    FROM fraud_submission submission
    WHERE submission.state = 'working' AND NOT submission.is_paused
), best AS (
    SELECT chunk.id
    FROM open CROSS JOIN LATERAL (
        SELECT id FROM fraud_chunk
        WHERE submission_id = open.id
            AND state = ANY (CASE WHEN open.is_stored THEN '{stored,screening}' ELSE '{waiting,storing}' END::text[])
            AND (retry_at IS NULL OR retry_at <= %(now)s::timestamptz)
            AND (state IN ('waiting', 'stored') OR heard_at <= %(silent_since)s::timestamptz)
        ORDER BY number
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) chunk
    WHERE %(hands)s::bigint = 0 OR %(hands)s::bigint > (SELECT sum(busy) FROM open) OR NOT EXISTS (
        SELECT FROM fraud_application
        WHERE submission_id IS NULL AND arrived_at > %(online_since)s::timestamptz
    )
    ORDER BY open.busy, open.served_at NULLS FIRST, open.id
    LIMIT 1
)
UPDATE fraud_chunk SET
    state = CASE WHEN state IN ('waiting', 'storing') THEN 'storing' ELSE 'screening' END,
    attempt = attempt + 1, tries = tries + 1, heard_at = %(now)s::timestamptz, problem = ''
FROM best WHERE fraud_chunk.id = best.id
RETURNING fraud_chunk.id, fraud_chunk.attempt
"""


@dataclass(frozen=True, slots=True)
class ChunkClaim:
    """A chunk that this worker holds, with its submission and institution fetched; the attempt fences off others."""

    chunk: Chunk
    attempt: int

    @property
    def submission(self) -> Submission:
        return self.chunk.submission


@transaction.atomic(durable=True)
def claim_chunk(*, now: datetime) -> ChunkClaim | None:
    """Take the chunk whose turn it is; None when there is nothing to do."""
    values = {
        "now": now,
        "silent_since": now - SILENCE,
        "hands": settings.FRAUD_HANDS_BESIDE_ONLINE,
        "online_since": now - ONLINE_LASTS,
    }
    rows = prepared(_CLAIM, values)
    if not rows:
        return None
    ((chunk_id, attempt),) = rows
    chunk = Chunk.objects.select_related("submission__institution").get(pk=chunk_id)
    return ChunkClaim(chunk, attempt)


@contextmanager
def holding(claim: ChunkClaim, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """Write down again and again that the worker of a chunk lives, until the block ends."""
    is_over = threading.Event()
    held = Chunk.objects.filter(pk=claim.chunk.pk, attempt=claim.attempt, state__in=list(HELD))

    def beat() -> None:
        try:
            while not is_over.wait(SILENCE.total_seconds() / 4):
                held.update(heard_at=clock())
        except DatabaseError as error:
            # The worker itself will find the database gone, and says so.
            log.warning("heartbeat.lost", chunk_id=claim.chunk.pk, reason=str(error))
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


@transaction.atomic(durable=True)
def settle_stored(claim: ChunkClaim, *, faults: Mapping[str, int], rejected: int, now: datetime) -> bool:
    """Write down that the rows of a chunk are stored; with the last one the second stage begins.

    :raises ChunkTakenError: another worker took over, or the submission was cancelled
    """
    submission, chunk = _held(claim, C.STORING)
    chunk.state, chunk.tries, chunk.heard_at, chunk.retry_at = C.STORED, 0, now, None
    chunk.rejected, chunk.faults = rejected, dict(faults)
    chunk.save(update_fields=["state", "tries", "heard_at", "retry_at", "rejected", "faults"])
    if submission.chunks.filter(state__in=[C.WAITING, C.STORING, C.FAILED]).exists():
        return False
    submission.stored_at = now
    submission.save(update_fields=["stored_at"])
    nudge_workers(submission)
    return True


@transaction.atomic(durable=True)
def settle_screened(
    claim: ChunkClaim, *, outcomes: Mapping[str, int], faults: Mapping[str, int], rejected: int, now: datetime
) -> bool:
    """Write down that the rows of a chunk are screened; with the last one the result is assembled.

    *faults* and *rejected* are of both stages.

    :raises ChunkTakenError: another worker took over, or the submission was cancelled
    """
    submission, chunk = _held(claim, C.SCREENING)
    chunk.state, chunk.tries, chunk.heard_at, chunk.retry_at = C.SCREENED, 0, now, None
    chunk.rejected, chunk.faults = rejected, dict(faults)
    for name in _OUTCOMES:
        setattr(chunk, name, outcomes.get(name, 0))
    chunk.save(
        update_fields=["state", "tries", "heard_at", "retry_at", "rejected", "faults", *_OUTCOMES],
    )
    if submission.chunks.exclude(state=C.SCREENED).exists():
        return False
    nudge(Job.ASSEMBLE_RESULT, submission_id=submission.pk)
    return True


def _held(claim: ChunkClaim, state: ChunkState) -> tuple[Submission, Chunk]:
    submission = locked(Submission, claim.submission)
    chunk = locked(Chunk, claim.chunk)
    if chunk.attempt != claim.attempt or chunk.state != state or submission.state != S.WORKING:
        raise ChunkTakenError
    return submission, chunk


@transaction.atomic(durable=True)
def put_off_chunk(claim: ChunkClaim, problem: str, *, now: datetime) -> None:
    """Give a chunk back that could not be worked on just now; after too many tries it has failed."""
    chunk = locked(Chunk, claim.chunk)
    if chunk.attempt != claim.attempt or chunk.state not in HELD:
        return
    is_hopeless = chunk.tries >= MOST_TRIES
    chunk.state = C.FAILED if is_hopeless else HELD[ChunkState(chunk.state)]
    chunk.problem, chunk.heard_at = problem, now
    chunk.retry_at = now + min(timedelta(seconds=2**chunk.tries), LONGEST_PAUSE)
    chunk.save(update_fields=["state", "problem", "heard_at", "retry_at"])


@transaction.atomic(durable=True)
def give_up_chunks(*, now: datetime) -> int:
    """Fail the chunks that outlived their workers too often; return how many."""
    hopeless = Chunk.objects.filter(
        state__in=list(HELD), heard_at__lte=now - SILENCE, tries__gte=MOST_TRIES
    ).select_for_update(skip_locked=True)
    ids = list(hopeless.values_list("pk", flat=True))
    return Chunk.objects.filter(pk__in=ids).update(state=C.FAILED, problem=_DIED)
