import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.runs import FileRun, allowance, plan_files, reservation


def test_a_batch_is_split_into_full_files_and_a_rest():
    runs = plan_files(1_000, 25, 10)

    assert runs == [FileRun(1, 10, 1_000, 10), FileRun(2, 10, 1_010, 10), FileRun(3, 5, 1_020, 5)]


@settings(deadline=None)
@given(
    st.integers(0, 2**62),
    st.integers(1, 100_000),
    st.integers(500, 200_000),
    st.floats(0, 0.4, allow_subnormal=False),
)
def test_runs_follow_each_other_and_add_up(first, quantity, rows_per_file, probability):
    runs = plan_files(first, quantity, rows_per_file, probability)

    assert sum(run.rows for run in runs) == quantity
    assert [run.first_serial for run in runs] == [first, *(run.end_serial for run in runs[:-1])]
    assert [run.number for run in runs] == list(range(1, len(runs) + 1))
    assert runs[-1].end_serial - first == reservation(quantity, rows_per_file, probability)
    assert all(run.serials >= run.rows for run in runs)


def test_nothing_is_added_where_nothing_is_skipped():
    assert allowance(1_000_000, 0) == 0


def test_what_is_added_covers_the_mean_with_twelve_deviations():
    assert allowance(1_000_000, 0.01) > 10_000 + 12 * 100


def test_a_billion_codes_are_reserved_without_a_list():
    assert reservation(10**18, 1_000_000) == 10**18


@pytest.mark.parametrize(("first", "quantity", "rows"), [(-1, 1, 1), (0, 0, 1), (0, -1, 1), (0, 1, 0)])
def test_refuses_an_empty_batch_or_file(first, quantity, rows):
    with pytest.raises(ValueError, match="at least one"):
        plan_files(first, quantity, rows)


@pytest.mark.parametrize("probability", [-0.1, 0.5, 1.0])
def test_refuses_a_share_that_no_screen_has(probability):
    with pytest.raises(ValueError, match="one half"):
        allowance(10, probability)
