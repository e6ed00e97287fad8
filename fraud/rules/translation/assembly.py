"""From fields with paths to a tree of closures that builds records and lists; what is empty is left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from fraud.rules.translation.faults import Code, Fault, UnfitError, fault
from fraud.rules.translation.paths import STAR, Reader, Scopes, Segment, items_of, written

Build = Callable[[Scopes, list[Fault]], Any]
# Makes a record of the values by name: a struct, or a dict as it is.
Make = Callable[[dict[str, Any]], Any]
# Stands for what cannot be made since there are faults.
BROKEN = object()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field: the function that gives its value, and what tells whether its record is there at all.

    *sign*: None where any value is a sign; else the function that says so.
    """

    build: Build
    source: str = ""
    sign: Callable[[Scopes], bool] | None = None


Tree: TypeAlias = "dict[Segment, Tree] | Leaf"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the assembly needs to know of the whole: by paths with `[]` for any item.

    *array* reads the items that stand behind a star of the target, by the path up to it.
    """

    make: Callable[[str], Make]
    required: Callable[[str], tuple[str, ...]]
    most: Callable[[str], int]
    array: Mapping[tuple[Segment, ...], tuple[Reader, str]]


def grown(leaves: Sequence[tuple[tuple[Segment, ...], Leaf]]) -> dict[Segment, Tree]:
    """Hang leaves into a tree by their paths.

    :raises ValueError: a path goes on below another's leaf
    """
    tree: dict[Segment, Tree] = {}
    for segments, leaf in leaves:
        branch: Tree = tree
        for segment in segments[:-1]:
            if isinstance(branch, Leaf):
                break
            branch = branch.setdefault(segment, {})
        if isinstance(branch, Leaf) or segments[-1] in branch:
            raise ValueError(written(segments))
        branch[segments[-1]] = leaf
    return tree


def builder(tree: Tree, shape: Shape, at: tuple[Segment, ...] = ()) -> Build:
    """Make the function that builds what stands at a path; it appends faults and never raises for a record."""
    if isinstance(tree, Leaf):
        return tree.build
    if STAR in tree:
        return _star(builder(tree[STAR], shape, (*at, STAR)), shape, at)
    if all(isinstance(segment, int) for segment in tree):
        return _numbered([builder(tree[index], shape, (*at, index)) for index in sorted(tree, key=_number)])
    return _record(tree, shape, at)


def _number(segment: Segment) -> int:
    return segment if isinstance(segment, int) else -1


def _numbered(items: list[Build]) -> Build:
    def build(scopes: Scopes, faults: list[Fault]) -> Any:
        found = tuple(value for item in items if (value := item(scopes, faults)) is not None)
        return found or None

    return build


def _star(item: Build, shape: Shape, at: tuple[Segment, ...]) -> Build:
    read, source = shape.array[(*at, STAR)]
    path, most = written(at), shape.most(written(at))

    def build(scopes: Scopes, faults: list[Fault]) -> Any:
        try:
            records = items_of(read(scopes))
        except UnfitError as error:
            faults.append(fault(path, error.code, source))
            return BROKEN
        if len(records) > most:
            faults.append(fault(path, Code.TOO_MANY, source))
            return BROKEN
        found = []
        for index, record in enumerate(records):
            before = len(faults)
            value = item((*scopes, record), faults)
            if len(faults) > before:
                faults[before:] = [_placed(each, path, index) for each in faults[before:]]
            if value is not None:
                found.append(value)
        return tuple(found) or None

    return build


def _placed(each: Fault, path: str, index: int) -> Fault:
    return Fault(each.field.replace(f"{path}[*]", f"{path}[{index}]", 1), each.code, each.words, each.source)


def _record(tree: dict[Segment, Tree], shape: Shape, at: tuple[Segment, ...]) -> Build:
    members = [
        (str(name), builder(below, shape, (*at, name)), below.sign if isinstance(below, Leaf) else None)
        for name, below in tree.items()
    ]
    path = written(at)
    make, required = shape.make(path), shape.required(path)
    needed = frozenset(required)
    sources = {str(name): below.source for name, below in tree.items() if isinstance(below, Leaf)}

    def missing(values: dict[str, Any], faults: list[Fault], before: int) -> list[Fault]:
        fields = {name: f"{path}.{name}" if path else name for name in required if name not in values}
        told = {each.field for each in faults[before:]}
        return [
            fault(field, Code.MISSING, sources.get(name, ""))
            for name, field in fields.items()
            if field not in told
        ]

    def build(scopes: Scopes, faults: list[Fault]) -> Any:
        before = len(faults)
        values: dict[str, Any] = {}
        # The outermost record is always there.
        is_there = not path
        for name, member, sign in members:
            value = member(scopes, faults)
            if value is not None:
                values[name] = value
                is_there = is_there or sign is None or sign(scopes)
        if not is_there and len(faults) == before:
            return None
        if not needed <= values.keys():
            faults.extend(missing(values, faults, before))
        return BROKEN if faults else make(values)

    return build
