"""Cases: where one stands, why it was opened, what may be found, and which moves are allowed."""

from collections.abc import Mapping
from enum import StrEnum

from fraud.rules.decisions import Outcome, ScreeningKind
from portal.core.phrases import Phrase


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    # The first analyst says fraud; it waits for the second.
    CONFIRMING = "confirming"
    DECIDED = "decided"
    # Something new came up after a verdict; it waits like an open one.
    REOPENED = "reopened"


class CaseOrigin(StrEnum):
    """What opened a case."""

    SCREENING = "screening"
    # Others learned something after the application had been answered.
    RETRO = "retro"
    # The consortium answered late.
    DEGRADED = "degraded"


class Verdict(StrEnum):
    FRAUD = "fraud"
    CLEAR = "clear"
    UNSURE = "unsure"


class Proof(StrEnum):
    """What a verdict of fraud stands on; nothing weaker is registered."""

    VICTIM_STATEMENT = "victim-statement"
    ISSUER_CONFIRMED = "issuer-confirmed"
    DOCUMENT_EXAMINED = "document-examined"
    ADMISSION = "admission"
    POLICE_REPORT = "police-report"
    ACCOUNT_ACTIVITY = "account-activity"


class ContributionState(StrEnum):
    """How far a contribution has come; all of them are the work of the fraud worker but the last of each way."""

    WAITING = "waiting"
    REGISTERED = "registered"
    # The verdict was taken back: the registry is told.
    RETRACTING = "retracting"
    RETRACTED = "retracted"
    # What it says is no longer what it said: the registry is told.
    CORRECTING = "correcting"
    # The registry would not have it; `problem` says why.
    REFUSED = "refused"


_S = CaseState
MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    _S.OPEN: frozenset({_S.CLAIMED}),
    _S.REOPENED: frozenset({_S.CLAIMED}),
    _S.CLAIMED: frozenset({_S.OPEN, _S.REOPENED, _S.CONFIRMING, _S.DECIDED}),
    _S.CONFIRMING: frozenset({_S.CLAIMED, _S.DECIDED}),
    _S.DECIDED: frozenset({_S.REOPENED}),
}
# For whoever claims the next one.
WAITING = frozenset({_S.OPEN, _S.REOPENED})
HELD = frozenset({_S.CLAIMED, _S.CONFIRMING})

_REFUSALS: Mapping[CaseState, Phrase] = {
    _S.OPEN: Phrase("Nobody works on this case yet. Claim it first."),
    _S.REOPENED: Phrase("Nobody works on this case yet. Claim it first."),
    _S.CLAIMED: Phrase("Somebody works on this case already."),
    _S.CONFIRMING: Phrase("This case waits for a second analyst."),
    _S.DECIDED: Phrase("This case is decided. Reopen it if something new came up."),
}


def may_become(current: CaseState | str, wanted: CaseState) -> bool:
    """Say whether a case in one state may move to another."""
    return wanted in MOVES[CaseState(current)]


def refusal(current: CaseState | str) -> Phrase:
    """Say why a case in this state cannot be moved as somebody wanted."""
    return _REFUSALS[CaseState(current)]


def origin_of(kind: ScreeningKind | str) -> CaseOrigin:
    """Say what opened a case that a screening of this kind referred."""
    origins = {ScreeningKind.RETRO: CaseOrigin.RETRO, ScreeningKind.RECHECK: CaseOrigin.DEGRADED}
    return origins.get(ScreeningKind(kind), CaseOrigin.SCREENING)


def is_reopened_by(outcome: Outcome | str, verdict: Verdict | str) -> bool:
    """Say whether a later screening brings a decided case back: it refers, and nobody has found fraud yet."""
    return outcome == Outcome.REFER and verdict != Verdict.FRAUD
