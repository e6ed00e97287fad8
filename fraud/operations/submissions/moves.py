"""Moving a submission from state to state, with the refusal in words."""

from fraud.models import Submission
from fraud.rules.submissions import MOVES, SubmissionState, state_in_words
from portal.core.errors import DomainError, Kind, WrongStateError
from portal.core.phrases import Phrase


class ChunkTakenError(DomainError):
    """Refuse to go on with what another worker has, or nobody wants any more."""

    kind = Kind.CONFLICT
    code = "taken-over"
    title = Phrase("Another worker has this, or the submission was stopped")


def move_submission(submission: Submission, wanted: SubmissionState) -> None:
    """Set the state of a locked submission; saving is the caller's.

    :raises WrongStateError: the move is not allowed
    """
    now = SubmissionState(submission.state)
    if wanted not in MOVES.get(now, frozenset()):
        words = Phrase("The submission is {state}; this cannot be done now.", state=state_in_words(now))
        raise WrongStateError(words)
    submission.state = wanted
