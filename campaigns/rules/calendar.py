"""Spans of time as a market sees them: local wall clocks to instants, and a campaign's phase."""

from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.core.phrases import Phrase


class Phase(StrEnum):
    """Where a campaign stands in its own time."""

    UPCOMING = "upcoming"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class NoSuchTimeError(ValueError):
    """Refuse a wall-clock time that daylight saving skips."""

    code = "no-such-time"

    def __init__(self, message: Phrase) -> None:
        super().__init__(message)


def instant(wall: datetime, zone: str) -> datetime:
    """Turn a naive wall-clock time in an IANA zone into the instant in UTC.

    A time that occurs twice, when clocks go back, means the first of the two.

    :raises NoSuchTimeError: clocks jump over it when they go forward, or it lies at the end of all years
    """
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    try:
        found = local.astimezone(UTC)
        comes_back = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except OverflowError:
        raise NoSuchTimeError(
            Phrase("The year {year} is beyond what can be counted.", year=str(wall.year))
        ) from None
    if comes_back != wall:
        raise NoSuchTimeError(
            Phrase(
                "{time} does not exist in {zone}: the clocks go forward over it. Choose another time.",
                time=f"{wall:%Y-%m-%d %H:%M}",
                zone=zone,
            )
        )
    return found


def phase(opens_at: datetime, closes_at: datetime, paused_at: datetime | None, now: datetime) -> Phase:
    """Say where a campaign stands; its span is half-open."""
    if now >= closes_at:
        return Phase.ENDED
    if paused_at is not None:
        return Phase.PAUSED
    return Phase.UPCOMING if now < opens_at else Phase.LIVE
