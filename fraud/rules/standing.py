"""Where a member of the consortium stands: what it asked, what it gave, and how much it may ask."""

from typing import Annotated

from msgspec import Meta, Struct

from fraud.rules.consortium import Id

# Days over which look-ups and records are counted.
SPAN_DAYS = 30
MOST_QUOTA = 1_000_000_000


class MemberStanding(Struct, frozen=True, kw_only=True):
    """One member: applications asked about today and in `SPAN_DAYS` days, records given, and its limit a day."""

    institution: str
    quota: int
    asked_today: int
    asked: int
    given: int


class MemberStandings(Struct, frozen=True, kw_only=True):
    members: tuple[MemberStanding, ...] = ()


class MemberQuota(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many applications a member may ask about in a day; None is what everybody may."""

    institution: Id
    quota: Annotated[int, Meta(ge=0, le=MOST_QUOTA)] | None = None


def reciprocity(asked: int, given: int) -> float | None:
    """Give records for each thousand look-ups; None where nothing was asked."""
    return 1000 * given / asked if asked else None
