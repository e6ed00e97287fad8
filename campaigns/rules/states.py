"""The states of a batch and of its files, and the moves between them that are allowed."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from portal.core.phrases import Phrase, either, joined


class BatchState(StrEnum):
    """Where a batch stands between its plan and its end."""

    PLANNED = "planned"
    APPROVED = "approved"
    DELIVERING = "delivering"
    PAUSED = "paused"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    DISPUTED = "disputed"
    ACTIVE = "active"
    RECALLED = "recalled"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class FileState(StrEnum):
    """Where one file of a batch stands."""

    WAITING = "waiting"
    WORKING = "working"
    DELIVERED = "delivered"
    FAILED = "failed"


# As they stand in the middle of a sentence about a batch or a file.
_IN_A_SENTENCE: Mapping[str, Phrase] = {
    "planned": Phrase("planned"),
    "approved": Phrase("approved"),
    "delivering": Phrase("delivering"),
    "paused": Phrase("paused"),
    "delivered": Phrase("delivered"),
    "acknowledged": Phrase("acknowledged"),
    "disputed": Phrase("disputed"),
    "active": Phrase("active"),
    "recalled": Phrase("recalled"),
    "closed": Phrase("closed"),
    "cancelled": Phrase("cancelled"),
    "waiting": Phrase("waiting"),
    "working": Phrase("working"),
    "failed": Phrase("failed"),
}


def in_a_sentence(state: str) -> str:
    """Name a state as it stands in the middle of a sentence."""
    return _IN_A_SENTENCE.get(state, str(state))


class MoveError(ValueError):
    """A move from one state to another that is not allowed."""

    code = "wrong-state"

    def __init__(self, current: str, wanted: str, allowed: Iterable[str]) -> None:
        self.current = current
        self.wanted = wanted
        self.allowed = tuple(sorted(allowed))
        super().__init__(self._in_words())

    def _in_words(self) -> Phrase:
        current, wanted = in_a_sentence(self.current), in_a_sentence(self.wanted)
        if not self.allowed:
            return Phrase(
                "It is {current} and cannot become {wanted}: that is its last state.",
                current=current,
                wanted=wanted,
            )
        return Phrase(
            "It is {current} and cannot become {wanted}: only {allowed} may follow.",
            current=current,
            wanted=wanted,
            allowed=joined([in_a_sentence(state) for state in self.allowed], either),
        )


State = TypeVar("State", bound=StrEnum)


class StateMachine(Generic[State]):
    """The allowed moves between the states of one kind of thing.

    A state that is not named as a source has no way out of it.
    """

    def __init__(self, states: type[State], moves: Mapping[State, Iterable[State]]) -> None:
        self._states = states
        self._moves = {state: frozenset(moves.get(state, ())) for state in states}

    def check(self, current: State | str, wanted: State | str) -> None:
        """Pass if `wanted` may follow `current`; the stored text of a state serves as well as the state.

        :raises MoveError: it may not
        :raises ValueError: one of them is no state at all
        """
        if not self.allows(current, wanted):
            raise MoveError(self._states(current), self._states(wanted), self.onward(current))

    def allows(self, current: State | str, wanted: State | str) -> bool:
        """Say whether `wanted` may follow `current`."""
        return self._states(wanted) in self._moves[self._states(current)]

    def onward(self, current: State | str) -> frozenset[State]:
        """Give the states that may follow `current`; none if it is final."""
        return self._moves[self._states(current)]


S = BatchState

BATCH = StateMachine(
    BatchState,
    {
        S.PLANNED: {S.APPROVED, S.CANCELLED},
        S.APPROVED: {S.DELIVERING, S.CANCELLED},
        S.DELIVERING: {S.PAUSED, S.DELIVERED, S.CANCELLED},
        S.PAUSED: {S.DELIVERING, S.CANCELLED},
        S.DELIVERED: {S.ACKNOWLEDGED, S.DISPUTED, S.RECALLED},
        S.DISPUTED: {S.ACKNOWLEDGED, S.RECALLED},
        S.ACKNOWLEDGED: {S.ACTIVE, S.RECALLED},
        S.ACTIVE: {S.RECALLED, S.CLOSED},
    },
)

# Of no use any more, now or later.
ENDED = frozenset(state for state in BatchState if not BATCH.onward(state))
# Complete at the printer, and not ended.
ARRIVED = frozenset({S.DELIVERED, S.DISPUTED, S.ACKNOWLEDGED, S.ACTIVE})

FILE = StateMachine(
    FileState,
    {
        FileState.WAITING: {FileState.WORKING},
        # A file whose worker died goes back to waiting.
        FileState.WORKING: {FileState.DELIVERED, FileState.FAILED, FileState.WAITING},
        FileState.FAILED: {FileState.WAITING, FileState.WORKING},
    },
)
