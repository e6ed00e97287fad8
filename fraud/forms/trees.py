"""A tree of conditions as rows of a form: what is deeper below a group belongs to it, buttons move whole branches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

# What a group wants of what is in it.
GROUPS = ("all", "any", "not")
# What stands in a group by itself: one field compared, earlier applications counted, hits counted.
TEST, LINKS, HITS = LEAVES = ("test", "links", "hits")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the tree, in the order in which one reads it; `depth` 0 is the outermost group."""

    depth: int
    kind: str
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        return self.kind in GROUPS


def branch(rows: Sequence[Row], place: int) -> range:
    """Give the places of a row and of everything in it."""
    end = place + 1
    while end < len(rows) and rows[end].depth > rows[place].depth:
        end += 1
    return range(place, end)


def tidied(rows: Sequence[Row]) -> list[Row]:
    """Give rows that make a tree: the first is the outermost group, and none is deeper than what holds it."""
    if not rows or not rows[0].is_group:
        rows = [Row(0, "all"), *(replace(row, depth=row.depth + 1) for row in rows)]
    found = [replace(rows[0], depth=0)]
    for row in rows[1:]:
        above = found[-1]
        deepest = above.depth + 1 if above.is_group else above.depth
        found.append(replace(row, depth=min(max(row.depth, 1), deepest)))
    return found


def with_row(rows: Sequence[Row], place: int, kind: str) -> list[Row]:
    """Add a row at the end of a group; a new group begins with one comparison in it."""
    depth, end = rows[place].depth + 1, branch(rows, place).stop
    added = [Row(depth, kind)]
    if kind in GROUPS:
        added.append(Row(depth + 1, TEST))
    return [*rows[:end], *added, *rows[end:]]


def without(rows: Sequence[Row], place: int) -> list[Row]:
    """Take a row away with everything in it; the outermost group stays."""
    if place == 0:
        return list(rows)
    gone = branch(rows, place)
    return [*rows[: gone.start], *rows[gone.stop :]]


def raised(rows: Sequence[Row], place: int) -> list[Row]:
    """Move a row with everything in it before the one above it in the same group."""
    moved = branch(rows, place)
    above = [at for at in range(place) if rows[at].depth == rows[place].depth]
    if not above or any(rows[at].depth < rows[place].depth for at in range(above[-1], place)):
        return list(rows)
    first = above[-1]
    return [*rows[:first], *rows[moved.start : moved.stop], *rows[first:place], *rows[moved.stop :]]


def changed(rows: Sequence[Row], do: str) -> list[Row]:
    """Carry out what a button says, such as "test:3", "all:0", "remove:2" or "up:4"; anything else does nothing."""
    act, _, number = do.partition(":")
    place = int(number) if number.isdecimal() and len(number) < 4 else -1
    if not 0 <= place < len(rows):
        return list(rows)
    if act in {*GROUPS, *LEAVES} and rows[place].is_group:
        return with_row(rows, place, act)
    moves = {"remove": without, "up": raised}
    return moves[act](rows, place) if act in moves else list(rows)


def children(rows: Sequence[Row], place: int) -> Iterator[int]:
    """Give the places of what is directly in a group."""
    wanted = rows[place].depth + 1
    return (at for at in branch(rows, place) if rows[at].depth == wanted)
