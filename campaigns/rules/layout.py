"""How a printer wants the rows of a file: the columns, and the bytes of each row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from portal.core.phrases import Phrase

MOST_COLUMNS = 20
MOST_WIDTH = 200
MOST_URL = 200
PLACEHOLDER = "{code}"
# A spreadsheet takes a field that begins so for a formula.
_FORMULA_STARTS = "=+-@"


class LayoutError(ValueError):
    """A layout that cannot be, or does not go with a format or a batch."""

    code = "layout-invalid"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class Kind(StrEnum):
    """How columns are told apart: by commas (RFC 4180) or by their width."""

    CSV = "csv"
    FIXED = "fixed"


class Newline(StrEnum):
    """What ends each row."""

    LF = "lf"
    CRLF = "crlf"


class Source(StrEnum):
    """What a column holds."""

    CODE = "code"
    GROUPED = "grouped"
    SERIAL = "serial"
    CONTROL = "control"
    FILE = "file"
    URL = "url"
    LOT = "lot"


class Align(StrEnum):
    """To which side a value is pushed in a wider column."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class Column:
    """One column: its name in the header, its source, and in a fixed layout its width and padding.

    A width of 0 is "as wide as the values". Serials, control numbers and file numbers are filled with zeros.
    """

    name: str
    source: Source
    width: int = 0
    align: Align = Align.LEFT
    pad: str = " "

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= 60 or not self.name.isprintable() or self.name[0] in _FORMULA_STARTS:
            raise LayoutError("columns", Phrase("A column needs a name of up to 60 printable characters."))
        if not 0 <= self.width <= MOST_WIDTH:
            message = Phrase("The width of {column} must be 0 to {most}.", column=self.name, most=MOST_WIDTH)
            raise LayoutError("columns", message)
        if len(self.pad) != 1 or not self.pad.isascii() or not self.pad.isprintable():
            message = Phrase("The padding of {column} must be one plain character.", column=self.name)
            raise LayoutError("columns", message)


@dataclass(frozen=True)
class RowLayout:
    """The rows of a printer's files.

    :raises LayoutError: naming the field
    """

    columns: tuple[Column, ...]
    kind: Kind = Kind.CSV
    newline: Newline = Newline.LF
    has_header: bool = True
    url_template: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.columns) <= MOST_COLUMNS:
            raise LayoutError("columns", Phrase("A layout has 1 to {most} columns.", most=MOST_COLUMNS))
        names = [column.name.casefold() for column in self.columns]
        if len(set(names)) < len(names):
            raise LayoutError("columns", Phrase("Two columns have the same name."))
        if not {Source.CODE, Source.GROUPED, Source.URL} & {column.source for column in self.columns}:
            message = Phrase("No column holds the code: add the code, the code in groups or a URL.")
            raise LayoutError("columns", message)
        if any(column.source is Source.URL for column in self.columns) or self.url_template:
            _check_url(self.url_template)

    @property
    def line_end(self) -> bytes:
        """The bytes that end each row."""
        return b"\r\n" if self.newline is Newline.CRLF else b"\n"

    @property
    def suffix(self) -> str:
        """The end of a file's name."""
        return "csv" if self.kind is Kind.CSV else "txt"

    def to_json(self) -> dict[str, Any]:
        """Give the form in which manifests and the database hold a layout."""
        stored = asdict(self)
        stored["header"] = stored.pop("has_header")
        stored["columns"] = list(stored["columns"])
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "RowLayout":
        """Read what `to_json` gave.

        :raises LayoutError: a value that is none of the choices
        """
        try:
            columns = tuple(_column(column) for column in stored["columns"])
            kind, newline = Kind(stored.get("kind", "csv")), Newline(stored.get("newline", "lf"))
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, LayoutError):
                raise
            message = Phrase("The layout cannot be read: {error}.", error=str(error))
            raise LayoutError("columns", message) from error
        has_header = bool(stored.get("header", True))
        return cls(columns, kind, newline, has_header, str(stored.get("url_template") or ""))


def check_text(field: str, text: str) -> None:
    """Pass a lot or the like, which stands in every row: up to 60 plain characters, and no formula."""
    if len(text) > 60 or not text.isascii() or not (text.isprintable() or text == ""):
        raise LayoutError(field, Phrase("Up to 60 plain characters (ASCII) can be printed here."))
    if text.startswith(tuple(_FORMULA_STARTS)):
        message = Phrase(
            "It must not begin with {character}: spreadsheets take it for a formula.", character=text[0]
        )
        raise LayoutError(field, message)


def _column(stored: Mapping[str, Any]) -> Column:
    return Column(
        name=stored["name"],
        source=Source(stored["source"]),
        width=stored.get("width", 0),
        align=Align(stored.get("align", "left")),
        pad=stored.get("pad", " "),
    )


def _check_url(template: str) -> None:
    if template.count(PLACEHOLDER) != 1 or template.count("{") != 1 or template.count("}") != 1:
        raise _wrong_address(Phrase("The address must contain {mark} exactly once.", mark=PLACEHOLDER))
    if not template.lower().startswith("https://") or len(template) > MOST_URL:
        raise _wrong_address(
            Phrase("The address must begin with https:// and have up to {most} characters.", most=MOST_URL)
        )
    if not template.isascii() or not template.isprintable() or any(c in template for c in ' "<>\\^`|'):
        raise _wrong_address(Phrase("The address holds a character that addresses cannot have."))
    if template.index(PLACEHOLDER) <= template.find("/", len("https://")) or template.count("/") < 3:
        raise _wrong_address(Phrase("{mark} must come after the host's name.", mark=PLACEHOLDER))


def _wrong_address(message: Phrase) -> LayoutError:
    return LayoutError("url_template", message)
