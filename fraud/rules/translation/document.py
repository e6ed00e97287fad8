"""The mapping document: from which column or path, by which steps, each field comes; data alone, bounded throughout.

There is no code, no regular expression and no template in it: a step is one of a closed list with plain parameters.
"""

import hashlib
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

MOST_FIELDS = 200
MOST_STEPS = 8
MOST_SOURCES = 8
MOST_CODES = 500
MOST_COLUMNS = 400
# A document in its canonical JSON.
MOST_BYTES = 262_144

Path = Annotated[str, Meta(max_length=200)]
Word = Annotated[str, Meta(max_length=200)]
Sources = Annotated[tuple[Path, ...], Meta(min_length=1, max_length=MOST_SOURCES)]


class Direction(StrEnum):
    """Whose schema is translated to whose."""

    # An institution's layout to the canonical application.
    INBOUND = "inbound"
    # The canonical application to what an external consortium or a case system takes.
    CONSORTIUM = "consortium"
    CASE_SYSTEM = "case-system"


class Kind(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    JSON = "json"
    FIXED = "fixed"
    XML = "xml"

    @property
    def is_flat(self) -> bool:
        """Say whether a record is columns, whose names are taken literally, and no tree, which has paths."""
        return self in {Kind.CSV, Kind.FIXED}


class Encoding(StrEnum):
    # By its byte order mark, else UTF-8.
    DETECT = "detect"
    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    LATIN_1 = "latin-1"
    WINDOWS_1252 = "windows-1252"


class FixedColumn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column by its place in the row: *start* counts characters from 1."""

    name: Path
    start: Annotated[int, Meta(ge=1, le=20_000)]
    width: Annotated[int, Meta(ge=1, le=4_000)]


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where a number stands in a line: the cell, from 1; in fixed width the first character, from 1, and how many."""

    start: Annotated[int, Meta(ge=1, le=20_000)]
    width: Annotated[int, Meta(ge=0, le=40)] = 0


class ControlRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A line before or behind the records, known by how it begins, and where it says their number and their sum."""

    prefix: Annotated[str, Meta(min_length=1, max_length=32)]
    rows: Place | None = None
    total: Place | None = None


class Layout(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How the sender writes records down; readers of files (fraud.rules.sources) go by it."""

    kind: Kind
    encoding: Encoding = Encoding.DETECT
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Meta(min_length=1, max_length=1)] = '"'
    has_header: bool = True
    # The columns in their order: of a file without header, or those that a header must have.
    columns: Annotated[tuple[Path, ...], Meta(max_length=MOST_COLUMNS)] = ()
    fixed_columns: Annotated[tuple[FixedColumn, ...], Meta(max_length=MOST_COLUMNS)] = ()
    # XML: the name of the element that is one record.
    record_element: Path = ""
    # CSV and fixed width: lines that a file must begin and end with, checked before any of its rows counts.
    header_record: ControlRecord | None = None
    trailer: ControlRecord | None = None
    # What their sums add up; empty for the source of the amount.
    sum_column: Path = ""
    # JSON: the path of the list of records; empty where the document itself is the list.
    records: Path = ""


class Case(StrEnum):
    UPPER = "upper"
    LOWER = "lower"
    TITLE = "title"


class DateFormat(StrEnum):
    """Dates and moments by name; `-`, `/`, `.` and blank part the numbers alike."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    COMPACT_YMD = "yyyymmdd"
    COMPACT_DMY = "ddmmyyyy"
    COMPACT_MDY = "mmddyyyy"
    # 2 Mar 2026, 02-MARS-2026, March 2, 2026.
    NAMED_MONTH = "named-month"
    # RFC 3339, with its offset.
    INSTANT = "instant"
    YMD_TIME = "ymd-time"
    DMY_TIME = "dmy-time"
    MDY_TIME = "mdy-time"
    EPOCH_SECONDS = "epoch-seconds"
    EPOCH_MILLISECONDS = "epoch-milliseconds"
    # Days since 1899-12-30, as a spreadsheet keeps a date.
    EXCEL = "excel"


class Country(StrEnum):
    CA = "CA"
    US = "US"


class _Step(
    Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="step"
):
    """One of the closed list; what each does stands at its closure in steps.py."""


class Trim(_Step, frozen=True, kw_only=True, tag="trim"):
    """Drop white space at both ends and halve doubled ones; then leading zeros, or other characters, if wanted."""

    also: Annotated[str, Meta(max_length=10)] = ""


class ChangeCase(_Step, frozen=True, kw_only=True, tag="case"):
    to: Case


class Concat(_Step, frozen=True, kw_only=True, tag="concat"):
    """Put other sources behind the value; empty ones are left out."""

    sources: Sources
    separator: Annotated[str, Meta(max_length=10)] = " "


class Split(_Step, frozen=True, kw_only=True, tag="split"):
    """Keep one part of the value; *part* counts from 0, or backwards from −1."""

    separator: Annotated[str, Meta(min_length=1, max_length=10)]
    part: Annotated[int, Meta(ge=-20, le=20)]
    # Empty where the value has no such part, in place of a fault.
    is_optional: bool = False


class Constant(_Step, frozen=True, kw_only=True, tag="constant"):
    value: Word


class ReadDate(_Step, frozen=True, kw_only=True, tag="date"):
    format: DateFormat


class Codes(_Step, frozen=True, kw_only=True, tag="codes"):
    """Exchange the sender's code for ours; upper and lower case are one, and so is white space around."""

    codes: Annotated[dict[Word, Word], Meta(max_length=MOST_CODES)]
    # Taken for whatever is not in the list; a fault if None.
    otherwise: Word | None = None


class Decimal(StrEnum):
    POINT = "."
    COMMA = ","


class Number(_Step, frozen=True, kw_only=True, tag="number"):
    """Read a whole number."""

    decimal: Decimal = Decimal.POINT
    times: Annotated[int, Meta(ge=1, le=1_000)] = 1


class Money(_Step, frozen=True, kw_only=True, tag="money"):
    """Read an amount and give minor units; *decimals* is how many the currency has, 0 if they come as minor units."""

    decimal: Decimal = Decimal.POINT
    decimals: Annotated[int, Meta(ge=0, le=4)] = 2
    # Such as 12 for a monthly income.
    times: Annotated[int, Meta(ge=1, le=1_000)] = 1


class ReadPhone(_Step, frozen=True, kw_only=True, tag="phone"):
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "CA"


class ReadSin(_Step, frozen=True, kw_only=True, tag="sin"):
    """Read a social insurance number, with or without blanks and hyphens, and check its last digit."""


class PostalCode(_Step, frozen=True, kw_only=True, tag="postal-code"):
    country: Country = Country.CA


class Default(_Step, frozen=True, kw_only=True, tag="default"):
    value: Word


class WhenEqual(_Step, frozen=True, kw_only=True, tag="when-equal"):
    """Keep the value only where another source equals one of these; else take *otherwise*."""

    source: Path
    equals: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=20)]
    otherwise: Word = ""


class FirstOf(_Step, frozen=True, kw_only=True, tag="first-of"):
    """Where the value is empty, take the first of these sources that is not."""

    sources: Sources


Step = (
    Trim
    | ChangeCase
    | Concat
    | Split
    | Constant
    | ReadDate
    | Codes
    | Number
    | Money
    | ReadPhone
    | ReadSin
    | PostalCode
    | Default
    | WhenEqual
    | FirstOf
)


class FieldMapping(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One field: its *target*, the *source* it is read from (none for a constant) and the steps between."""

    target: Path
    source: Path = ""
    steps: Annotated[tuple[Step, ...], Meta(max_length=MOST_STEPS)] = ()


class MappingDocument(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How one layout of one institution is translated."""

    version: Literal[1] = 1
    direction: Direction = Direction.INBOUND
    layout: Layout
    # IANA name, for moments without an offset.
    time_zone: Annotated[str, Meta(max_length=64)] = "UTC"
    # Texts that mean "nothing", such as N/A.
    empty_values: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    # Columns that are known and not wanted: no reason for drift.
    ignored: Annotated[tuple[Path, ...], Meta(max_length=MOST_COLUMNS)] = ()
    # Refuse records with fields that are neither read nor ignored, in place of counting them as drift.
    is_strict: bool = False
    fields: Annotated[tuple[FieldMapping, ...], Meta(max_length=MOST_FIELDS)] = ()


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(MappingDocument)


def to_json(document: MappingDocument) -> bytes:
    """Write a document as canonical JSON: the same mapping gives the same bytes."""
    return _encoder.encode(document)


def from_json(text: bytes | str) -> MappingDocument:
    """Read a document.

    :raises msgspec.ValidationError: with the path of the first thing that does not fit
    :raises msgspec.DecodeError: no JSON, or too long
    """
    if len(text) > MOST_BYTES:
        raise msgspec.DecodeError("too long for a mapping document")
    return _decoder.decode(text)


def to_builtins(document: MappingDocument) -> dict[str, Any]:
    """Give the form in which the database holds a document."""
    kept: dict[str, Any] = msgspec.to_builtins(document)
    return kept


def from_builtins(kept: Any) -> MappingDocument:
    """Read what `to_builtins` gave, or what a form made.

    :raises msgspec.ValidationError: with the path of the first thing that does not fit
    """
    return msgspec.convert(kept, MappingDocument)


def checksum(document: MappingDocument) -> str:
    """Give the SHA-256 of the canonical JSON in hexadecimal, 64 characters."""
    return hashlib.sha256(to_json(document)).hexdigest()
