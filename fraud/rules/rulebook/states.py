"""Where a version of a rulebook stands, and where a backtest does."""

from enum import StrEnum


class VersionState(StrEnum):
    """A draft is published by two people; published ones stay as they are."""

    DRAFT = "draft"
    # A second person has been asked.
    WAITING = "waiting"
    PUBLISHED = "published"


class BacktestState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    # What it looked at is gone, or the version no longer compiles.
    FAILED = "failed"


BACKTEST_OPEN = (BacktestState.WAITING, BacktestState.WORKING)
