"""Batches, their files and progress, within an actor's scope."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum

from campaigns.models import Batch, BatchFile, Campaign, Redemption
from campaigns.rules.states import ENDED, BatchState, FileState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act

S = BatchState
_PLACE = {"market": "campaign__market", "brand": "campaign__brand", "printer": "printer"}


def batches(actor: Actor, act: Act = Act.BATCH_READ) -> QuerySet[Batch]:
    """List batches, newest first, with the campaign, market, brand and printer of each."""
    return (
        Batch.objects.filter(actor.scope(act, **_PLACE))
        .select_related("campaign__market", "campaign__brand", "printer")
        .order_by("-pk")
    )


def codes_ordered(campaign: Campaign) -> int:
    """Count the codes of a campaign that are live or may become so."""
    total = campaign.batches.exclude(state__in=ENDED).aggregate(total=Sum("quantity"))["total"]
    return int(total or 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a delivery is: codes and files done, codes a second, seconds left, and when it was last heard."""

    files_done: int
    files: int
    codes_done: int
    codes: int
    rate: float | None
    seconds_left: float | None
    heard_at: datetime | None
    files_failed: int

    @property
    def share(self) -> float:
        return self.codes_done / self.codes if self.codes else 0.0


def progress(batch: Batch, *, now: datetime) -> Progress:
    """Measure a delivery in one query; the rate is over the time since it started."""
    files = batch.files.aggregate(
        files=Count("pk"),
        files_done=Count("pk", filter=Q(state=FileState.DELIVERED)),
        files_failed=Count("pk", filter=Q(state=FileState.FAILED)),
        codes_done=Sum("rows_done"),
        heard_at=Max("heard_at"),
        until=Max("delivered_at"),
    )
    done = int(files["codes_done"] or 0)
    end = files["until"] if files["files_done"] == files["files"] else now
    begun = batch.delivery_started_at
    elapsed = max((end - begun) / timedelta(seconds=1), 0.001) if begun and end else None
    rate = done / elapsed if elapsed and done else None
    return Progress(
        files_done=files["files_done"],
        files=files["files"],
        codes_done=done,
        codes=batch.quantity,
        rate=rate,
        seconds_left=(batch.quantity - done) / rate if rate else None,
        heard_at=files["heard_at"],
        files_failed=files["files_failed"],
    )


def files(batch: Batch) -> QuerySet[BatchFile]:
    """List the files of a batch in their order."""
    return batch.files.order_by("number")


def redeemed_count(batch: Batch) -> int:
    """Count the codes of a batch that were redeemed."""
    return Redemption.objects.filter(campaign=batch.campaign_id, batch=batch).count()


# A worker reports every second or so; one that was silent for this long is taken for dead.
SILENCE = timedelta(seconds=20)


def files_to_work_on(*, now: datetime) -> QuerySet[BatchFile]:
    """List the files that a worker should look at: waiting, due for another try, or left by a dead worker."""
    due = Q(state=FileState.WAITING) & (Q(retry_at=None) | Q(retry_at__lte=now))
    silent = Q(state=FileState.WORKING, heard_at__lte=now - SILENCE)
    return BatchFile.objects.filter(due | silent, batch__state__in=[S.APPROVED, S.DELIVERING]).order_by(
        "batch_id", "number"
    )


def files_that_kill_their_workers(*, most_tries: int, now: datetime) -> QuerySet[BatchFile]:
    """List the files whose worker fell silent again, after all the tries that a file gets."""
    silent = BatchFile.objects.filter(state=FileState.WORKING, heard_at__lte=now - SILENCE)
    return silent.filter(tries__gte=most_tries, batch__state=S.DELIVERING).order_by("batch_id", "number")


def batches_to_finish() -> QuerySet[Batch]:
    """List the batches whose files have all arrived and whose manifest has not."""
    unfinished = ~Q(files__state=FileState.DELIVERED)
    return (
        Batch.objects.filter(state=S.DELIVERING)
        .annotate(open_files=Count("files", filter=unfinished))
        .filter(open_files=0)
        .order_by("pk")
    )


def batches_awaiting_receipt() -> QuerySet[Batch]:
    """List the batches that a printer's receipt may still come for: none was read, or one that did not agree."""
    return (
        Batch.objects.filter(state__in=[S.DELIVERED, S.DISPUTED])
        .select_related("campaign", "printer")
        .order_by("pk")
    )


def batches_to_activate(*, now: datetime) -> QuerySet[Batch]:
    """List the acknowledged batches whose time to become active has come, and whose campaign has not closed."""
    due = Batch.objects.filter(state=S.ACKNOWLEDGED, activates_at__lte=now, campaign__closes_at__gt=now)
    return due.order_by("pk")
