"""Why a code is not redeemed, and what each kind of client is told about it: two tables on one page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaigns.rules.calendar import Phase, phase
from campaigns.rules.states import BatchState
from portal.core.phrases import marked


class Verdict(StrEnum):
    """What is found about a code; all but the first are refusals."""

    REDEEMABLE = "redeemable"
    MALFORMED = "malformed"
    CHECK_CHARACTER = "check-character"
    # Beyond every serial that was ever ordered.
    NEVER_ORDERED = "never-ordered"
    # Of a batch, but in none of its delivered files: nobody can have it from a can.
    NEVER_DELIVERED = "never-delivered"
    TEST = "test"
    DORMANT = "dormant"
    UPCOMING = "upcoming"
    PAUSED = "paused"
    ENDED = "ended"
    CLOSED = "closed"
    VOID = "void"
    RECALLED = "recalled"
    SPENT_BY_ANOTHER = "spent-by-another"
    SPENT_BY_MEMBER = "spent-by-member"


class Audience(StrEnum):
    """Who is told: a consumer through a website, or people whose work it is to know."""

    CONSUMER = "consumer"
    DESK = "desk"


# What each kind of client may learn; "" is a person, who looks codes up in the portal. Any other kind is told what a
# consumer is told.
AUDIENCE_OF = {"website": Audience.CONSUMER, "support-desk": Audience.DESK, "": Audience.DESK}


@dataclass(frozen=True, slots=True)
class Told:
    """The words for one verdict: `code` is stable; the desk's words may name batch, state and time."""

    code: str
    title: str
    consumer: str
    desk: str


_UNKNOWN = (
    "code-unknown",
    marked("This code is not known"),
    marked("This code is not known. Please compare it with the print."),
)
_SLEEPING = (
    "code-not-active",
    marked("This code cannot be redeemed yet"),
    marked("This code cannot be redeemed just now."),
)
_EXPIRED = (
    "code-expired",
    marked("The time of this code is over"),
    marked("The campaign of this code has ended."),
)
_VOID = ("code-void", marked("This code no longer counts"), marked("This code no longer counts."))
_MALFORMED = ("code-malformed", marked("This does not look like a code"))
V = Verdict

# A consumer learns nothing that helps to guess: what was never ordered, never delivered or made for a press is
# unknown alike, void and recalled are alike, and of a spent code neither who nor when. The code itself, being
# in the consumer's hand, may be named as not active, expired, void or spent.
TOLD: dict[Verdict, Told] = {
    V.MALFORMED: Told(*_MALFORMED, "{malformed}", "{malformed}"),
    V.CHECK_CHARACTER: Told(
        *_MALFORMED, "{malformed}", marked("The check character does not fit: mistyped, or invented.")
    ),
    V.NEVER_ORDERED: Told(
        *_UNKNOWN, marked("No batch of the campaign “{campaign}” has this code: mistyped or invented.")
    ),
    V.NEVER_DELIVERED: Told(
        *_UNKNOWN,
        marked(
            "Batch {batch} ({state}) reserves this code, but it was never delivered. Report this as a leak."
        ),
    ),
    V.TEST: Told(
        *_UNKNOWN,
        marked("A test code of the campaign “{campaign}”, made to set up a press; it never counts."),
    ),
    V.DORMANT: Told(*_SLEEPING, marked("Batch {batch} is {state}; its codes count once it is active.")),
    V.UPCOMING: Told(*_SLEEPING, marked("The campaign “{campaign}” opens at {at}.")),
    V.PAUSED: Told(*_SLEEPING, marked("The campaign “{campaign}” is paused since {at}.")),
    V.ENDED: Told(*_EXPIRED, marked("The campaign “{campaign}” closed at {at}.")),
    V.CLOSED: Told(*_EXPIRED, marked("Batch {batch} was closed at {at}.")),
    V.VOID: Told(*_VOID, marked("This code of batch {batch} was voided at {at}.")),
    V.RECALLED: Told(*_VOID, marked("Batch {batch} was recalled at {at}.")),
    V.SPENT_BY_ANOTHER: Told(
        "code-already-redeemed",
        marked("This code has been redeemed"),
        marked("This code has been redeemed already."),
        marked("Another member redeemed this code of batch {batch} at {at}."),
    ),
    V.SPENT_BY_MEMBER: Told(
        "code-already-yours",
        marked("This member has redeemed this code"),
        marked("You have redeemed this code already."),
        marked("This member redeemed this code of batch {batch} at {at}."),
    ),
}

# Nobody can know these from a can: a key or a file leaked, or somebody guesses past the check character.
ALARMS = frozenset({V.NEVER_ORDERED, V.NEVER_DELIVERED})
# Typing errors; they do not count towards a lock-out, since they tell a guesser nothing.
SLIPS = frozenset({V.MALFORMED, V.CHECK_CHARACTER})
_DORMANT = frozenset({BatchState.DELIVERED, BatchState.ACKNOWLEDGED, BatchState.DISPUTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFacts:
    """What is on record about one serial of one campaign, at one moment."""

    opens_at: datetime
    closes_at: datetime
    paused_at: datetime | None
    # Empty where no batch has the serial.
    batch_state: str = ""
    batch_ended_at: datetime | None = None
    was_delivered: bool = False
    voided_at: datetime | None = None
    redeemed_at: datetime | None = None
    # By the member who asks.
    was_redeemed_by_member: bool = False


def verdict(facts: CodeFacts, *, now: datetime) -> Verdict:
    """Decide what a code is worth to a member; what was spent stays spent, whatever happened to its batch later."""
    if not facts.batch_state:
        return V.NEVER_ORDERED
    if facts.redeemed_at is not None:
        return V.SPENT_BY_MEMBER if facts.was_redeemed_by_member else V.SPENT_BY_ANOTHER
    if not facts.was_delivered:
        return V.NEVER_DELIVERED
    return _of_batch(facts) or _of_campaign(facts, now) or V.REDEEMABLE


def _of_batch(facts: CodeFacts) -> Verdict | None:
    if facts.batch_state == BatchState.RECALLED:
        return V.RECALLED
    if facts.voided_at is not None:
        return V.VOID
    if facts.batch_state == BatchState.CLOSED:
        return V.CLOSED
    if facts.batch_state in _DORMANT:
        return V.DORMANT
    # A file may be there before its batch is whole; nobody has printed from it.
    return None if facts.batch_state == BatchState.ACTIVE else V.NEVER_DELIVERED


def _of_campaign(facts: CodeFacts, now: datetime) -> Verdict | None:
    stands = phase(facts.opens_at, facts.closes_at, facts.paused_at, now)
    return {Phase.ENDED: V.ENDED, Phase.PAUSED: V.PAUSED, Phase.UPCOMING: V.UPCOMING}.get(stands)


def moment_of(found: Verdict, facts: CodeFacts) -> datetime | None:
    """Give the moment that explains a refusal, if one does."""
    return {
        V.UPCOMING: facts.opens_at,
        V.PAUSED: facts.paused_at,
        V.ENDED: facts.closes_at,
        V.CLOSED: facts.batch_ended_at,
        V.VOID: facts.voided_at,
        V.RECALLED: facts.batch_ended_at,
        V.SPENT_BY_ANOTHER: facts.redeemed_at,
        V.SPENT_BY_MEMBER: facts.redeemed_at,
    }.get(found)


def audience_of(client_kind: str) -> Audience:
    """Say in whose words a kind of client is answered."""
    return AUDIENCE_OF.get(client_kind, Audience.CONSUMER)


def status_of(found: Verdict) -> str:
    """Say in one word what a check answers: the refusal's code without its first part, or "redeemable"."""
    short = {V.REDEEMABLE: "redeemable", V.SPENT_BY_ANOTHER: "redeemed", V.SPENT_BY_MEMBER: "yours"}
    return short.get(found) or TOLD[found].code.removeprefix("code-")
