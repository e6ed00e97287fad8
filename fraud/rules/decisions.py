"""What screening says of an application: outcome, score and reasons."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

HIGHEST_SCORE = 1_000


class Outcome(StrEnum):
    """From the lightest to the gravest; nothing here declines an application."""

    CLEAR = "clear"
    # The institution looks once more by itself.
    REVIEW = "review"
    # A fraud analyst works on it.
    REFER = "refer"


class ScreeningKind(StrEnum):
    """Why an application was screened."""

    FIRST = "first"
    # The registry had not answered in time.
    RECHECK = "recheck"
    # What others learned later concerns it, or concerns it no more.
    RETRO = "retro"


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with its score (0 to 1,000), codes of reasons (gravest first), and how each rule came out.

    `explanation` holds a dict per rule that fired, with values that identify nobody.
    """

    outcome: Outcome
    score: int
    reasons: tuple[str, ...]
    explanation: tuple[dict[str, Any], ...] = ()
    is_degraded: bool = False
