"""Files of a feed: chosen rows, written by one worker at a time, settled or put off."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from fraud.models import CaseFeed, CaseFile, WebhookDelivery
from fraud.operations.webhooks import LEASE
from fraud.rules.feeds import Channel, FeedState
from fraud.rules.webhooks import DeliveryState, next_try
from portal.core.db import locked
from portal.core.errors import DomainError, Kind

# Rows of one file; what is left goes into the next.
MOST_ROWS = 2_000


class FileTakenError(DomainError):
    """Refuse a worker that was believed to be dead: somebody else has written its file."""

    kind = Kind.CONFLICT
    code = "file-taken"


@transaction.atomic(durable=True)
def claim_case_file(*, now: datetime) -> CaseFile | None:
    """Take a file to write: one that another worker left, else a new one of what is due; none when nothing is.

    Its rows are chosen here and stay its own, so that whoever writes it again writes the same.
    """
    # Of a feed that has ended meanwhile too, for its worker to end it.
    left = CaseFile.objects.filter(due_at__lte=now).exclude(feed__state=FeedState.PAUSED)
    file = left.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
    file = file or _chosen(now)
    if file is None:
        return None
    file.tries, file.due_at = file.tries + 1, now + LEASE
    file.save(update_fields=["tries", "due_at"])
    return file


def _chosen(now: datetime) -> CaseFile | None:
    due = WebhookDelivery.objects.filter(due_at__lte=now, file=None)
    feeds: QuerySet[Any] = CaseFeed.objects.filter(
        Exists(due.filter(feed=OuterRef("pk"))), state=FeedState.ACTIVE, channel=Channel.FOLDER
    )
    feed = feeds.select_for_update(skip_locked=True).order_by("pk").first()
    if feed is None:
        return None
    rows = due.filter(feed=feed).select_for_update(skip_locked=True).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:MOST_ROWS])
    if not ids:
        return None
    file = CaseFile.objects.create(institution_id=feed.institution_id, feed=feed, created_at=now, due_at=now)
    WebhookDelivery.objects.filter(pk__in=ids).update(file=file)
    return file


@transaction.atomic(durable=True)
def settle_case_file(file: CaseFile, *, problems: Mapping[int, str], sha256: str, now: datetime) -> CaseFile:
    """End a file that lies in its folder: its rows are delivered, but for those with a problem.

    *problems*: codes, by the delivery's row, of what could not be written at all.

    :raises FileTakenError: another worker has taken it
    """
    file = _held(file)
    ended = {"due_at": None, "ended_at": now}
    for code in sorted(set(problems.values())):
        ids = [pk for pk, problem in problems.items() if problem == code]
        rows = file.deliveries.filter(pk__in=ids)
        rows.update(state=DeliveryState.GIVEN_UP, problem=code, tries=file.tries, **ended)
    written = file.deliveries.filter(due_at__isnull=False)
    file.rows = written.update(state=DeliveryState.DELIVERED, problem="", tries=file.tries, **ended)
    file.sha256, file.problem, file.due_at, file.ended_at = sha256, "", None, now
    file.save(update_fields=["rows", "sha256", "problem", "due_at", "ended_at"])
    return file


@transaction.atomic(durable=True)
def put_off_case_file(file: CaseFile, *, problem: str, now: datetime) -> CaseFile:
    """Try a file again later, or give it up with its rows after three days.

    :raises FileTakenError: another worker has taken it
    """
    file = _held(file)
    file.problem, file.due_at = problem, next_try(file.created_at, tries=file.tries, now=now)
    file.ended_at = None if file.due_at else now
    file.save(update_fields=["problem", "due_at", "ended_at"])
    rows = file.deliveries.filter(due_at__isnull=False)
    if file.due_at is None:
        rows.update(state=DeliveryState.GIVEN_UP, problem=problem, due_at=None, ended_at=now)
    else:
        rows.update(problem=problem, tries=file.tries)
    return file


def _held(file: CaseFile) -> CaseFile:
    found = locked(CaseFile, file, "feed", "institution")
    if found.tries != file.tries or found.ended_at is not None:
        raise FileTakenError
    return found
