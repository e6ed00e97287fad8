"""How a file of applications is laid out: its kind, encoding, columns or positions, and its control totals."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from fraud.rules.translation import document
from fraud.rules.translation.document import ControlRecord, Kind, Layout
from portal.core.phrases import Phrase

# Of one record, in characters: twice what a sealed application may have.
LONGEST_RECORD = 65_536
# Of a record that is too long, so much goes into the reject file.
KEPT_OF_LONG_RECORD = 1_000
MOST_COLUMNS = 500


class SourceKind(StrEnum):
    """What a file is made of."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    FIXED_WIDTH = "fixed"
    XML = "xml"


class Encoding(StrEnum):
    """How characters are bytes; a byte order mark goes before what is declared."""

    AUTO = "auto"
    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    LATIN_1 = "latin-1"
    WINDOWS_1252 = "cp1252"


class SourceError(ValueError):
    """A file that cannot be read as a whole, in words; nothing of it is taken."""

    def __init__(self, code: str, words: Phrase) -> None:
        super().__init__(words)
        self.code = code


class RowFault(NamedTuple):
    """Why a row is not taken: the field it is about ("" for the whole row), a stable code, and words."""

    field: str
    code: str
    words: str


class FixedField(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field of a fixed-width line by its position, from 0, and its width, both in characters."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    start: Annotated[int, Meta(ge=0, le=LONGEST_RECORD)]
    width: Annotated[int, Meta(ge=1, le=10_000)]


class SourceLayout(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How to read a file, as a reader wants it; mappings say it as `Layout`.

    `columns` are those that it must have: by name under a header, else in their order.
    """

    kind: SourceKind = SourceKind.CSV
    encoding: Encoding = Encoding.AUTO
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Meta(min_length=1, max_length=1)] = '"'
    has_header: bool = True
    columns: Annotated[tuple[str, ...], Meta(max_length=MOST_COLUMNS)] = ()
    fields: Annotated[tuple[FixedField, ...], Meta(max_length=MOST_COLUMNS)] = ()
    # The XML element that is one application.
    element: Annotated[str, Meta(max_length=64)] = ""
    header_record: ControlRecord | None = None
    trailer: ControlRecord | None = None
    # The column whose decimal values the control total sums up, and their decimal mark.
    sum_column: Annotated[str, Meta(max_length=200)] = ""
    decimal: str = "."
    # Columns that somebody reads: a first line with none of them is no header, and may be somebody's data.
    sources: tuple[str, ...] = ()


def layout_of(mapping: Mapping[str, Any]) -> SourceLayout:
    """Make the reader's layout of a mapping document (fraud.rules.translation), as the database holds it.

    :raises SourceError: the document has no layout that files can have
    """
    try:
        layout = msgspec.convert(mapping.get("layout"), Layout)
    except msgspec.ValidationError:
        words = Phrase("The mapping is for single applications, not for files.")
        raise SourceError("layout-wrong", words) from None
    column, decimal = _summed(mapping, layout)
    made = described(layout)
    sources = tuple(sorted(set(_sources(mapping))))
    return replace(made, sources=sources, sum_column=column, decimal=decimal)


def described(layout: Layout) -> SourceLayout:
    """Make the reader's layout of a mapping's, which counts positions from 1."""
    fields = tuple(
        FixedField(name=column.name, start=column.start - 1, width=column.width)
        for column in layout.fixed_columns
    )
    return SourceLayout(
        kind=_KINDS[layout.kind],
        encoding=_ENCODINGS.get(layout.encoding) or Encoding(layout.encoding.value),
        delimiter=layout.delimiter,
        quote=layout.quote,
        has_header=layout.has_header,
        columns=layout.columns,
        fields=fields,
        element=layout.record_element,
        header_record=layout.header_record,
        trailer=layout.trailer,
        sum_column=layout.sum_column,
    )


def _summed(mapping: Mapping[str, Any], layout: Layout) -> tuple[str, str]:
    """Name the column that control totals sum up, and the decimal mark of its values."""
    for field in mapping.get("fields", ()):
        source = str(field.get("source", ""))
        if source and (source == layout.sum_column or field.get("target") == "amount"):
            marks = [step.get("decimal", ".") for step in field.get("steps", ()) if step["step"] == "money"]
            return layout.sum_column or source, (*marks, ".")[0]
    return layout.sum_column, "."


def _sources(mapping: Mapping[str, Any]) -> Iterator[str]:
    for field in mapping.get("fields", ()):
        for part in (field, *field.get("steps", ())):
            yield from filter(None, (part.get("source", ""), *part.get("sources", ())))


_KINDS = {
    Kind.CSV: SourceKind.CSV,
    Kind.JSONL: SourceKind.JSON_LINES,
    # JSON sent as a file is one object a line.
    Kind.JSON: SourceKind.JSON_LINES,
    Kind.FIXED: SourceKind.FIXED_WIDTH,
    Kind.XML: SourceKind.XML,
}
_ENCODINGS = {document.Encoding.DETECT: Encoding.AUTO, document.Encoding.WINDOWS_1252: Encoding.WINDOWS_1252}
