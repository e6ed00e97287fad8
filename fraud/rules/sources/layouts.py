"""How a file of applications is laid out: its kind, encoding, columns or positions, and its control totals."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct

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


class Trailer(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The last line of a file, known by how it begins; its cells, by the delimiter, hold the control totals."""

    prefix: Annotated[str, Meta(min_length=1, max_length=32)]
    # Places of the cells, from 0.
    rows_at: Annotated[int, Meta(ge=0, le=50)] = 1
    sum_at: Annotated[int, Meta(ge=0, le=50)] | None = None


class SourceLayout(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How to read a file. `columns` are those that it must have: by name under a header, else in their order."""

    kind: SourceKind = SourceKind.CSV
    encoding: Encoding = Encoding.AUTO
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Meta(min_length=1, max_length=1)] = '"'
    has_header: bool = True
    columns: Annotated[tuple[str, ...], Meta(max_length=MOST_COLUMNS)] = ()
    fields: Annotated[tuple[FixedField, ...], Meta(max_length=MOST_COLUMNS)] = ()
    # The XML element that is one application.
    element: Annotated[str, Meta(max_length=64)] = ""
    trailer: Trailer | None = None
    # The column whose decimal values the control total sums up.
    sum_column: Annotated[str, Meta(max_length=64)] = ""
    # Columns that somebody reads: a first line with none of them is no header, and may be somebody's data.
    sources: tuple[str, ...] = ()


class ControlTotals(NamedTuple):
    """How many rows a file says it has, and the sum of its `sum_column`; None where it does not say."""

    rows: int | None = None
    total: Decimal | None = None

    def check(self, rows: int, total: Decimal) -> None:
        """Pass a file that has what it says.

        :raises SourceError: it has not
        """
        if self.rows is not None and self.rows != rows:
            raise SourceError(
                "control-rows",
                Phrase(
                    "The file says it has {said} rows, and has {found}. Send it whole.",
                    said=self.rows,
                    found=rows,
                ),
            )
        if self.total is not None and self.total != total:
            raise SourceError(
                "control-total",
                Phrase(
                    "The control total says {said}, and the rows add up to {found}.",
                    said=str(self.total),
                    found=str(total),
                ),
            )


def layout_of(mapping: Mapping[str, Any]) -> SourceLayout:
    """Read how a file is laid out from a mapping document (fraud.rules.translation), which counts positions from 1.

    :raises SourceError: the document has no layout that files can have
    """
    told: Mapping[str, Any] = mapping.get("layout") or {}
    kind, encoding = str(told.get("kind", "")), str(told.get("encoding", "detect"))
    fixed = told.get("fixed_columns", ())
    fields = tuple(
        FixedField(name=each["name"], start=each["start"] - 1, width=each["width"]) for each in fixed
    )
    try:
        return SourceLayout(
            kind=SourceKind(_KINDS.get(kind, kind)),
            encoding=Encoding(_ENCODINGS.get(encoding, encoding)),
            delimiter=told.get("delimiter", ","),
            quote=told.get("quote", '"'),
            has_header=told.get("has_header", True),
            columns=tuple(told.get("columns", ())),
            fields=fields,
            element=told.get("record_element", ""),
            sources=tuple(sorted(set(_sources(mapping)))),
        )
    except ValueError:
        words = Phrase("The mapping is for single applications, not for files.")
        raise SourceError("layout-wrong", words) from None


def _sources(mapping: Mapping[str, Any]) -> Iterator[str]:
    for field in mapping.get("fields", ()):
        for part in (field, *field.get("steps", ())):
            yield from filter(None, (part.get("source", ""), *part.get("sources", ())))


# JSON sent as a file is one object a line.
_KINDS = {"json": "jsonl"}
_ENCODINGS = {"detect": "auto", "windows-1252": "cp1252"}
