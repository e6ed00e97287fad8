"""Disputes: somebody holds a hit and says that it is wrong; whoever registered it confirms, corrects or retracts.

Neither learns who the other is: who disputes names its own application and what it was told of it, who answers names
its own record.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from fraud.rules.consortium import MOST_QUESTIONS, FraudType, Id, RecordRole

# Days in which a contributor answers; what is not confirmed by then is shown no more.
DAYS_TO_ANSWER = 30
# So many may one member raise in a day.
MOST_IN_A_DAY = 200


class DisputeReason(StrEnum):
    """Why a hit is wrong, from a closed list: no word of the person's leaves the institution."""

    ANOTHER_PERSON = "another-person"
    # Their details were used by somebody else.
    MISUSED = "misused"
    WRONG_FACTS = "wrong-facts"
    # A court or the police found otherwise.
    CLEARED = "cleared"


class DisputeSide(StrEnum):
    """Whether an institution disputes what it was told, or has to answer for a record of its own."""

    RAISED = "raised"
    RECEIVED = "received"


class DisputeAnswer(StrEnum):
    UPHELD = "upheld"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    # Nobody answered in time.
    LAPSED = "lapsed"


class DisputeState(StrEnum):
    """Where a dispute stands at one institution."""

    # The registry has not been told yet.
    WAITING = "waiting"
    # Whoever registered the record has to answer: somebody else, or this institution.
    ASKED = "asked"
    # This institution has answered, and the registry has not been told yet.
    ANSWERED = "answered"
    ENDED = "ended"
    # The registry knows of no such record any more, or of one's own alone.
    REFUSED = "refused"


class RaisedDispute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dispute what a member was told about one of its applications: all records of that type and role."""

    institution: Id
    application: Id
    fraud_type: FraudType
    role: RecordRole
    reason: DisputeReason


class Disputed(Struct, frozen=True, kw_only=True):
    """Whether there is something that others answer for, and the last day on which they may."""

    is_found: bool
    due_on: date


class DisputeNews(Struct, frozen=True, kw_only=True):
    """News about a dispute for one of its sides: to answer for *record*, or what became of it."""

    id: int
    institution: str
    side: DisputeSide
    fraud_type: FraudType
    role: RecordRole
    due_on: date
    # Of who has to answer: its own record, and why it is disputed.
    record: str = ""
    month: str = ""
    reason: DisputeReason | None = None
    # Of who disputes: its own application.
    application: str = ""
    answer: DisputeAnswer | None = None


class AllDisputeNews(Struct, frozen=True, kw_only=True):
    """News in its order; what is not acknowledged comes again."""

    news: tuple[DisputeNews, ...] = ()


_Numbers = Annotated[tuple[int, ...], Meta(max_length=MOST_QUESTIONS)]


class DisputesHeard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The news that has been worked off, by side."""

    raised: _Numbers = ()
    received: _Numbers = ()


def due_on(day: date) -> date:
    """Give the last day on which a dispute raised on this one may be answered."""
    return day + timedelta(days=DAYS_TO_ANSWER)


def whole_answer(answers: Iterable[DisputeAnswer | str]) -> DisputeAnswer:
    """Say in one word what several contributors answered, so that nobody learns how many there are: the gravest."""
    given = {DisputeAnswer(each) for each in answers}
    if DisputeAnswer.UPHELD in given:
        return DisputeAnswer.UPHELD
    # What nobody answered for is gone like what was retracted.
    return DisputeAnswer.CORRECTED if DisputeAnswer.CORRECTED in given else DisputeAnswer.RETRACTED
