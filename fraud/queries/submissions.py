"""Submissions, their progress and their rejects, within an actor's scope; and what waits for a worker."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from fraud.models import Chunk, Institution, Submission
from fraud.rules.submissions import DONE, HELD, ChunkState, SubmissionState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act

S, C = SubmissionState, ChunkState
# A worker reports every few seconds; one that was silent for this long is taken for dead.
SILENCE = timedelta(seconds=20)


def submissions(actor: Actor, act: Act = Act.SUBMISSION_READ) -> QuerySet[Submission]:
    """List submissions, newest first, with the institution of each."""
    scope = actor.scope(act, institution="institution")
    return Submission.objects.filter(scope).select_related("institution", "same_as").order_by("-pk")


@dataclass(frozen=True, slots=True)
class SubmissionProgress:
    """How far a submission is: rows by what became of them, steps done, rows a second, seconds left."""

    rows: int
    stored: int
    screened: int
    rejected: int
    clear: int
    review: int
    refer: int
    degraded: int
    chunks: int
    chunks_done: int
    chunks_running: int
    chunks_failed: int
    rate: float | None
    seconds_left: float | None
    heard_at: datetime | None

    @property
    def done(self) -> int:
        """Give how many rows are done; one that is stored and not yet screened counts half."""
        return (self.stored + self.screened) // 2


def progress(submission: Submission, *, now: datetime) -> SubmissionProgress:
    """Measure a submission in one query; the rate is over the time since its rows began to be worked on."""
    past_first = [C.STORED, C.SCREENING, C.SCREENED]
    found = submission.chunks.aggregate(
        rows_cut=Sum("rows"),
        stored=Sum("rows", filter=Q(state__in=past_first)),
        screened=Sum("rows", filter=Q(state=C.SCREENED)),
        **{name: Sum(name) for name in ("rejected", "clear", "review", "refer", "degraded")},
        chunks=Count("pk"),
        chunks_done=Count("pk", filter=Q(state=C.SCREENED)),
        chunks_running=Count("pk", filter=Q(state__in=list(HELD))),
        chunks_failed=Count("pk", filter=Q(state=C.FAILED)),
        beat=Max("heard_at"),
    )
    counts = {name: int(value or 0) for name, value in found.items() if name != "beat"}
    rows = submission.rows or counts.pop("rows_cut")
    counts.pop("rows_cut", None)
    done = (counts["stored"] + counts["screened"]) // 2
    end = submission.ended_at or now
    elapsed = (end - submission.split_at) / timedelta(seconds=1) if submission.split_at else 0.0
    rate = done / elapsed if done and elapsed > 0 else None
    return SubmissionProgress(
        rows=rows,
        **counts,
        rate=rate,
        seconds_left=(rows - done) / rate if rate and rows > done else None,
        heard_at=max(filter(None, (found["beat"], submission.heard_at)), default=None),
    )


def rejects_by_code(submission: Submission) -> list[tuple[str, str, int]]:
    """Count rejected rows by code and field, the most frequent first; a row with two faults counts in both."""
    counted: Counter[str] = Counter()
    for faults in submission.chunks.exclude(faults={}).values_list("faults", flat=True):
        counted.update(faults)
    split = [(*name.partition(" ")[::2], count) for name, count in counted.items()]
    return sorted(split, key=lambda each: (-each[2], each[0], each[1]))


def chunks_of(submission: Submission) -> QuerySet[Chunk]:
    """List the chunks of a submission in their order."""
    return submission.chunks.order_by("number")


def submissions_to_split(*, now: datetime) -> QuerySet[Submission]:
    """List the files that nobody reads: just received, or left by a dead reader."""
    silent = Q(state=S.SPLITTING) & Q(heard_at__lte=now - SILENCE)
    return Submission.objects.filter(Q(state=S.RECEIVED) | silent, is_paused=False).order_by("pk")


def submissions_to_work_on(*, now: datetime) -> QuerySet[Any]:
    """List the submissions with a chunk that a worker could take now; `is_at_work` where some other has a worker."""
    chunks = Chunk.objects.filter(submission=OuterRef("pk"))
    alive = chunks.filter(state__in=list(HELD), heard_at__gt=now - SILENCE)
    waiting = Submission.objects.filter(
        Exists(chunks.filter(claimable(now))), state=S.WORKING, is_paused=False
    )
    return waiting.annotate(is_at_work=Exists(alive)).order_by("pk")


def claimable(now: datetime) -> Q:
    """Make the filter of chunks that wait, are due for another try, or were left by a dead worker."""
    due = Q(state__in=[C.WAITING, C.STORED]) & (Q(retry_at=None) | Q(retry_at__lte=now))
    return due | Q(state__in=list(HELD), heard_at__lte=now - SILENCE)


def submissions_to_assemble(*, now: datetime) -> QuerySet[Submission]:
    """List the submissions whose chunks are all screened and whose result is not made, or was left half made."""
    unfinished = Chunk.objects.filter(submission=OuterRef("pk")).exclude(state=C.SCREENED)
    done = Q(state=S.WORKING) & ~Exists(unfinished)
    silent = Q(state=S.ASSEMBLING, heard_at__lte=now - SILENCE)
    return Submission.objects.filter(done | silent).order_by("pk")


def submissions_to_delete_files_of() -> QuerySet[Submission]:
    """List the submissions whose files were erased and still lie in the bucket."""
    waiting = Submission.objects.filter(files_erased_at__isnull=False, files_deleted_at=None)
    return waiting.select_related("institution").order_by("pk")


def is_done(submission: Submission) -> bool:
    """Say whether a submission has its result."""
    return submission.state in DONE


def receiving_institutions(actor: Actor) -> QuerySet[Institution]:
    """List the institutions for which somebody may send files."""
    scope = actor.scope(Act.SUBMISSION_SEND, institution="pk")
    return Institution.objects.filter(scope).order_by("name", "pk")
