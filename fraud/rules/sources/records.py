"""From one record's text to its values: a dict by column or field, or why it cannot be read."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from fraud.rules.sources.layouts import RowFault, SourceKind, SourceLayout
from fraud.rules.sources.markup import MarkupError, element_of
from portal.core.phrases import Phrase

# What we write into reject files goes when they come back; see `writing`.
NOTE = "_reject"
NOTE_RAW = "_raw"
# Deeper JSON is no application.
_DEEPEST = 12
_NESTING = (dict, list)

Values = dict[str, Any]


def values_of(layout: SourceLayout, columns: Sequence[str]) -> Callable[[str], Values | RowFault]:
    """Make the reader of single records; *columns* are the header's, where there is one.

    What it gives is a dict of texts (CSV, fixed width) or nested (JSON, XML), or the fault of the whole row.
    """
    if layout.kind == SourceKind.CSV:
        return _delimited(layout, tuple(columns) or layout.columns)
    if layout.kind == SourceKind.FIXED_WIDTH:
        return _fixed(layout)
    return _object if layout.kind == SourceKind.JSON_LINES else _element


def cells_of(text: str, layout: SourceLayout) -> list[str]:
    """Cut a record of a delimited file into its cells.

    :raises csv.Error: quotes that do not fit
    """
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=layout.delimiter, quotechar=layout.quote, strict=True
    )
    return next(reader, [])


def _delimited(layout: SourceLayout, columns: tuple[str, ...]) -> Callable[[str], Values | RowFault]:
    wanted = len(columns)

    def read(text: str) -> Values | RowFault:
        try:
            # Nearly all rows have no quotes.
            cells = cells_of(text, layout) if layout.quote in text else text.split(layout.delimiter)
        except csv.Error:
            return RowFault("", "quotes-wrong", Phrase("The quotes of this row do not fit together."))
        if len(cells) != wanted:
            return RowFault(
                "",
                "ragged-row",
                Phrase(
                    "The row has {found} cells where {wanted} are wanted.", found=len(cells), wanted=wanted
                ),
            )
        return dict(zip(columns, cells, strict=True))

    return read


def _fixed(layout: SourceLayout) -> Callable[[str], Values | RowFault]:
    cuts = [(field.name, field.start, field.start + field.width) for field in layout.fields]
    wanted = max((end for _name, _start, end in cuts), default=0)

    def read(text: str) -> Values | RowFault:
        if len(text) != wanted:
            return RowFault(
                "",
                "ragged-row",
                Phrase(
                    "The line has {found} characters where {wanted} are wanted.",
                    found=len(text),
                    wanted=wanted,
                ),
            )
        return {name: text[start:end].strip() for name, start, end in cuts}

    return read


def _object(text: str) -> Values | RowFault:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return RowFault("", "json-wrong", Phrase("The line is no JSON."))
    if not isinstance(found, dict):
        return RowFault("", "json-wrong", Phrase("The line is JSON, and no object."))
    if _is_deeper(found, _DEEPEST):
        return RowFault("", "json-wrong", Phrase("The object is nested too deeply."))
    return found


def _is_deeper(value: Any, levels: int) -> bool:
    for each in value.values() if type(value) is dict else value:
        # Nearly everything in a record is text or a number, and those are no level.
        if type(each) in _NESTING and (levels == 1 or _is_deeper(each, levels - 1)):
            return True
    return False


def _element(text: str) -> Values | RowFault:
    try:
        return element_of(text)
    except MarkupError:
        return RowFault("", "xml-wrong", Phrase("The element cannot be read."))
