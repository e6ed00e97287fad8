"""Paths into records and applications: `applicants[*].phones[0].number`; a name with dots stands in double quotes."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from fraud.rules.translation.faults import Code, UnfitError

MOST_SEGMENTS = 12
HIGHEST_INDEX = 99
_SEGMENT = re.compile(r'(?:^|\.)([^."\[\]]+|"[^"]+")|\[(\d{1,2}|\*)\]')


class Star:
    """Each item of a list."""

    def __repr__(self) -> str:
        return "*"


STAR: Final = Star()
Segment: TypeAlias = "str | int | Star"
# The record, then the item of each star that the field stands under.
Scopes: TypeAlias = "tuple[Any, ...]"
Reader = Callable[[Scopes], Any]


class PathError(ValueError):
    """A path that cannot be read."""


@lru_cache(maxsize=4096)
def parsed(path: str) -> tuple[Segment, ...]:
    """Read a path: names, indices and stars.

    :raises PathError: it cannot be read, or is too deep
    """
    segments: list[Segment] = []
    at = 0
    while at < len(path):
        found = _SEGMENT.match(path, at)
        if found is None or found.end() == at or len(segments) == MOST_SEGMENTS:
            raise PathError(path)
        name, index = found.groups()
        if name is not None:
            segments.append(name.strip('"'))
        else:
            segments.append(STAR if index == "*" else int(index))
        at = found.end()
    if not segments:
        raise PathError(path)
    return tuple(segments)


def written(segments: Sequence[Segment]) -> str:
    """Write what `parsed` read."""
    text = ""
    for segment in segments:
        if isinstance(segment, str):
            name = f'"{segment}"' if set(segment) & set(".[]") else segment
            text += f".{name}" if text else name
        else:
            text += f"[{segment!r}]"
    return text


def stars(segments: Sequence[Segment]) -> int:
    """Count the stars of a path."""
    return sum(segment is STAR for segment in segments)


def beyond_star(segments: Sequence[Segment], depth: int) -> tuple[Segment, ...]:
    """Give what follows the star number *depth*, counted from 1; all of it for 0."""
    found = 0
    for at, segment in enumerate(segments):
        if found == depth:
            return tuple(segments[at:])
        found += segment is STAR
    return ()


def reader(segments: Sequence[Segment], depth: int) -> Reader:
    """Give the function that reads one place below item number *depth* of the scopes; None where there is nothing.

    It raises UnfitError where a name is looked for within a value or a list.
    """
    steps = tuple(segments)
    if not steps:
        return lambda scopes: scopes[depth]
    if len(steps) == 1 and isinstance(steps[0], str):
        return _name_reader(steps[0], depth)

    def read(scopes: Scopes) -> Any:
        value = scopes[depth]
        for step in steps:
            value = _below(value, step)
            if value is None:
                return None
        return value

    return read


def _name_reader(name: str, depth: int) -> Reader:
    def read(scopes: Scopes) -> Any:
        scope = scopes[depth]
        if type(scope) is dict:
            return scope.get(name)
        return _below(scope, name)

    return read


def _below(value: Any, step: Segment) -> Any:
    if isinstance(step, str):
        if isinstance(value, Mapping):
            return value.get(step)
        if value is None or value == "":
            return None
        # A document of XML gives one child as a record, where several are a list.
        if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], Mapping):
            return value[0].get(step)
        raise UnfitError(Code.NOT_A_VALUE)
    items = items_of(value)
    return items[step] if isinstance(step, int) and step < len(items) else None


def items_of(value: Any) -> Sequence[Any]:
    """Give the items of a list; one record alone is a list of one, nothing a list of none.

    :raises UnfitError: a value alone
    """
    if isinstance(value, list | tuple):
        return value
    if value is None or value == "":
        return ()
    if isinstance(value, Mapping):
        return (value,)
    raise UnfitError(Code.NOT_A_LIST)
