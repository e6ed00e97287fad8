import itertools

import pytest

from campaigns.rules.states import BATCH, FILE, BatchState, FileState, MoveError

JOURNEY = ["planned", "approved", "delivering", "delivered", "acknowledged", "active", "closed"]


@pytest.mark.parametrize(("current", "wanted"), list(itertools.pairwise(JOURNEY)))
def test_a_batch_may_go_all_the_way(current, wanted):
    BATCH.check(current, wanted)


@pytest.mark.parametrize(
    ("current", "wanted"),
    [("planned", "delivering"), ("delivered", "active"), ("disputed", "active"), ("active", "cancelled")],
)
def test_a_batch_may_skip_no_step(current, wanted):
    with pytest.raises(MoveError) as refusal:
        BATCH.check(current, wanted)

    assert refusal.value.code == "wrong-state"
    assert current in str(refusal.value)


@pytest.mark.parametrize("last", [BatchState.RECALLED, BatchState.CLOSED, BatchState.CANCELLED])
def test_nothing_follows_a_last_state(last):
    assert not BATCH.onward(last)


@pytest.mark.parametrize("state", list(BatchState))
def test_no_state_follows_itself(state):
    assert not BATCH.allows(state, state)


def test_a_file_whose_worker_died_waits_again():
    FILE.check(FileState.WORKING, FileState.WAITING)


def test_a_delivered_file_is_never_made_again():
    with pytest.raises(MoveError, match="last state"):
        FILE.check(FileState.DELIVERED, FileState.WORKING)


def test_an_unknown_state_is_an_error():
    with pytest.raises(ValueError, match="nonsense"):
        BATCH.check("nonsense", "active")
