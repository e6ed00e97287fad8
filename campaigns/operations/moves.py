"""Moving a batch or a file from state to state, with the refusal in words."""

from campaigns.models import Batch, BatchFile
from campaigns.rules.states import BATCH, FILE, BatchState, FileState, MoveError
from portal.core.errors import WrongStateError
from portal.core.phrases import words_of


def move_batch(batch: Batch, wanted: BatchState) -> None:
    """Set the state of a locked batch; saving is the caller's.

    :raises WrongStateError: the move is not allowed
    """
    try:
        BATCH.check(batch.state, wanted)
    except MoveError as error:
        raise WrongStateError(words_of(error)) from error
    batch.state = wanted


def move_file(file: BatchFile, wanted: FileState) -> None:
    """Set the state of a locked file; saving is the caller's.

    :raises WrongStateError: the move is not allowed
    """
    try:
        FILE.check(file.state, wanted)
    except MoveError as error:
        raise WrongStateError(words_of(error)) from error
    file.state = wanted
