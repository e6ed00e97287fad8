"""Trees of conditions as rows: what buttons do keeps a tree a tree."""

from hypothesis import given
from hypothesis import strategies as st

from fraud.forms.trees import GROUPS, LEAVES, TEST, Row, branch, changed, children, tidied


def comparing(depth: int, name: str) -> Row:
    return Row(depth, TEST, {"field": name})


TREE = [
    Row(0, "all"),
    comparing(1, "a"),
    Row(1, "any"),
    comparing(2, "b"),
    comparing(2, "c"),
    comparing(1, "d"),
]


def fields(rows: list[Row]) -> list[str]:
    return [row.given.get("field", row.kind) for row in rows]


def test_a_branch_is_a_row_and_all_below_it() -> None:
    assert (branch(TREE, 0), branch(TREE, 2), branch(TREE, 3)) == (range(6), range(2, 5), range(3, 4))


def test_a_group_holds_what_is_one_deeper() -> None:
    assert list(children(TREE, 0)) == [1, 2, 5]


def test_a_comparison_is_added_at_the_end_of_its_group() -> None:
    assert changed(TREE, "test:2")[5] == Row(2, TEST)


def test_a_new_group_begins_with_one_comparison() -> None:
    rows = changed(TREE, "not:2")

    assert rows[5:7] == [Row(2, "not"), Row(3, TEST)]


def test_a_comparison_holds_nothing() -> None:
    assert changed(TREE, "test:1") == TREE


def test_removing_a_group_removes_what_is_in_it() -> None:
    assert fields(changed(TREE, "remove:2")) == ["all", "a", "d"]


def test_the_outermost_group_stays() -> None:
    assert changed(TREE, "remove:0") == TREE


def test_a_row_moves_up_with_everything_in_it() -> None:
    assert fields(changed(TREE, "up:5")) == ["all", "a", "d", "any", "b", "c"]
    assert fields(changed(TREE, "up:2")) == ["all", "any", "b", "c", "a", "d"]


def test_the_first_of_a_group_moves_no_further() -> None:
    assert changed(TREE, "up:3") == TREE


def test_what_no_button_says_changes_nothing() -> None:
    assert changed(TREE, "drop:1") == changed(TREE, "remove:99") == changed(TREE, "remove:-1") == TREE


ROWS = st.lists(st.builds(Row, st.integers(-1, 9), st.sampled_from([*GROUPS, *LEAVES])), max_size=12)


@given(ROWS, st.sampled_from(["all", "any", "not", *LEAVES, "remove", "up"]), st.integers(0, 12))
def test_whatever_is_posted_and_pressed_is_a_tree(rows: list[Row], act: str, place: int) -> None:
    found = changed(tidied(rows), f"{act}:{place}")

    assert found == tidied(found)
    assert found[0].is_group
