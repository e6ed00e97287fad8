"""How sources are named and read: a column of a flat record, or a path into a tree."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fraud.rules.translation import document as d
from fraud.rules.translation.faults import UnfitError
from fraud.rules.translation.paths import Scopes, Segment, beyond_star, parsed, reader, stars
from fraud.rules.translation.steps import TextReader
from fraud.rules.translation.texts import MOST_TEXT, as_text


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of a document: *is_flat* where they are columns, whose names are taken literally."""

    is_flat: bool
    empty_values: frozenset[str] = frozenset()

    def segments(self, source: str) -> tuple[Segment, ...]:
        """Read a source.

        :raises fraud.rules.translation.paths.PathError: no path
        """
        return (source,) if self.is_flat else parsed(source)

    def text_reader(self, source: str, *, has_comma: bool = False) -> TextReader:
        """Give the function that reads a source as text, nothing for an empty one; it raises UnfitError.

        *has_comma*: numbers that come as numbers are written with a decimal comma, as steps behind expect.
        """
        segments = self.segments(source)
        depth = stars(segments)
        below = beyond_star(segments, depth)
        read = reader(below, depth)
        if has_comma:
            plain = _comma_text(read)
        elif len(below) == 1 and isinstance(below[0], str):
            plain = _text_of_name(below[0], depth, read)
        else:
            plain = _text(read)
        return _emptied(plain, self.empty_values) if self.empty_values else plain

    def value_reader(self, source: str) -> Callable[[Scopes], Any]:
        """Give the function that reads a source as it is: of canonical applications, whose values have types."""
        segments = self.segments(source)
        depth = stars(segments)
        return reader(beyond_star(segments, depth), depth)

    def sign(self, source: str) -> Callable[[Scopes], bool]:
        """Give the function that says whether anything stands in a source, good or bad."""
        read = self.text_reader(source)

        def is_there(scopes: Scopes) -> bool:
            try:
                return read(scopes) is not None
            except UnfitError:
                return True

        return is_there


def sources_of(field: d.FieldMapping) -> tuple[str, ...]:
    """List every source that a field reads, its own first."""
    found = [field.source] if field.source else []
    for step in field.steps:
        if isinstance(step, d.Concat | d.FirstOf):
            found += step.sources
        elif isinstance(step, d.WhenEqual):
            found.append(step.source)
    return tuple(found)


def _text(read: Callable[[Scopes], Any]) -> TextReader:
    return lambda scopes: as_text(read(scopes))


def _text_of_name(name: str, depth: int, read: Callable[[Scopes], Any]) -> TextReader:
    """Do as `_text` does, without a call for what nearly every value is: text in a record."""

    def text(scopes: Scopes) -> str | None:
        scope = scopes[depth]
        if type(scope) is dict:
            value = scope.get(name)
            if value is None or value == "":
                return None
            if type(value) is str and len(value) <= MOST_TEXT and value[0] != "#" and not value.isspace():
                return value
        return as_text(read(scopes))

    return text


def _comma_text(read: Callable[[Scopes], Any]) -> TextReader:
    def text(scopes: Scopes) -> str | None:
        value = read(scopes)
        found = as_text(value)
        return found.replace(".", ",") if found and isinstance(value, float) else found

    return text


def _emptied(read: TextReader, empty_values: frozenset[str]) -> TextReader:
    def text(scopes: Scopes) -> str | None:
        found = read(scopes)
        return None if found is None or found.strip().casefold() in empty_values else found

    return text
