"""The states of a submission and of its chunks, and which may follow which."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.phrases import Phrase


class SubmissionState(StrEnum):
    """Where a file of applications stands between its announcement and its result."""

    WAITING_FOR_UPLOAD = "waiting-for-upload"
    RECEIVED = "received"
    SPLITTING = "splitting"
    WORKING = "working"
    ASSEMBLING = "assembling"
    FINISHED = "finished"
    FINISHED_WITH_REJECTS = "finished-with-rejects"
    # The file cannot be read as a whole, or its chunks killed their workers; nothing more is done by itself.
    FAILED = "failed"
    CANCELLED = "cancelled"
    # The same file under the same mapping was sent before; the first one has the result.
    DUPLICATE = "duplicate"


class ChunkState(StrEnum):
    """Where some rows of a submission stand: stored by the first stage, screened by the second."""

    WAITING = "waiting"
    STORING = "storing"
    STORED = "stored"
    SCREENING = "screening"
    SCREENED = "screened"
    FAILED = "failed"


class SubmissionDoor(StrEnum):
    """By which way a file came."""

    PORTAL = "portal"
    API = "api"
    DROP = "drop"


S, C = SubmissionState, ChunkState
MOVES: Mapping[SubmissionState, frozenset[SubmissionState]] = {
    S.WAITING_FOR_UPLOAD: frozenset({S.RECEIVED, S.CANCELLED, S.FAILED, S.DUPLICATE}),
    S.RECEIVED: frozenset({S.SPLITTING, S.CANCELLED, S.FAILED, S.DUPLICATE}),
    S.SPLITTING: frozenset({S.WORKING, S.RECEIVED, S.FAILED, S.CANCELLED, S.DUPLICATE}),
    S.WORKING: frozenset({S.ASSEMBLING, S.FAILED, S.CANCELLED}),
    S.ASSEMBLING: frozenset({S.FINISHED, S.FINISHED_WITH_REJECTS, S.FAILED}),
    # Somebody mended what was wrong.
    S.FAILED: frozenset({S.RECEIVED, S.WORKING, S.ASSEMBLING}),
}
ENDED = frozenset({S.FINISHED, S.FINISHED_WITH_REJECTS, S.FAILED, S.CANCELLED, S.DUPLICATE})
DONE = frozenset({S.FINISHED, S.FINISHED_WITH_REJECTS})
# Those that nobody has to send again.
COUNTING = frozenset(set(S) - {S.FAILED, S.CANCELLED, S.DUPLICATE, S.WAITING_FOR_UPLOAD})

# A chunk that a worker has, and the state to which it goes back when the worker is gone.
HELD: Mapping[ChunkState, ChunkState] = {C.STORING: C.WAITING, C.SCREENING: C.STORED}

_IN_A_SENTENCE: Mapping[str, Phrase] = {
    S.WAITING_FOR_UPLOAD: Phrase("waiting for its file"),
    S.RECEIVED: Phrase("received"),
    S.SPLITTING: Phrase("being read"),
    S.WORKING: Phrase("being screened"),
    S.ASSEMBLING: Phrase("getting its result"),
    S.FINISHED: Phrase("finished"),
    S.FINISHED_WITH_REJECTS: Phrase("finished with rejects"),
    S.FAILED: Phrase("failed"),
    S.CANCELLED: Phrase("cancelled"),
    S.DUPLICATE: Phrase("a file that was sent before"),
}


def state_in_words(state: str) -> str:
    """Name a submission's state as it stands in the middle of a sentence."""
    return _IN_A_SENTENCE.get(state, str(state))


def rows_per_chunk(size: int) -> int:
    """Choose how many rows a chunk has by the file's bytes: small files fan out too, large ones have few chunks."""
    if size < 1 << 20:
        return 500
    return 1_000 if size < 64 << 20 else 2_000
