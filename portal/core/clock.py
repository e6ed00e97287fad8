"""The one place that reads the clock; only doors call it."""

from datetime import UTC, datetime


def now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)
