"""What institutions are told of by webhook, and when it is tried again."""

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=3)


class Event(StrEnum):
    """Types of events; never renamed."""

    # The answer that was not ready within the time budget.
    DECIDED = "application.decided"
    # Another outcome than before: the consortium was heard at last, or learned something.
    CHANGED = "application.changed"
    # What an analyst found.
    VERDICT = "application.verdict"
    # The record of an application for the institution's case system: for the first time, and when screening says
    # something else of it later.
    CASE_NEW = "case.new"
    CASE_CHANGED = "case.changed"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


def next_try(created_at: datetime, *, tries: int, now: datetime) -> datetime | None:
    """Say when to try again after so many tries; the pause doubles. None when it is given up, after three days."""
    pause = min(FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 16), LONGEST_PAUSE)
    return None if now + pause > created_at + GIVE_UP_AFTER else now + pause
