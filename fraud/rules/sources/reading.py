"""A file cut into its records in one pass: what heads it, each record's text, and its control totals at the end."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import msgspec
from msgspec import Struct

from fraud.rules.sources.layouts import (
    KEPT_OF_LONG_RECORD,
    ControlTotals,
    Encoding,
    SourceError,
    SourceKind,
    SourceLayout,
)
from fraud.rules.sources.markup import Markup
from fraud.rules.sources.records import NOTE, NOTE_RAW, cells_of, values_of
from fraud.rules.sources.texts import Line, Text, lines, unpacked
from fraud.rules.sources.writing import FIXED_NOTE, REJECT_COLUMNS
from portal.core.phrases import Phrase

# Of a record that stretches over lines, so many at most; a stray quote must not swallow the file.
MOST_LINES = 100
# Before or behind the point, of what is added up.
_MOST_DIGITS = 40


class Raw(Struct, frozen=True, array_like=True):
    """A record as it came: its line, its text as UTF-8 with bytes that are none kept, and the code of its fault."""

    line: int
    text: bytes
    fault: str = ""

    @property
    def words(self) -> str:
        return self.text.decode("utf-8", "surrogateescape")


class Head(NamedTuple):
    """What a file tells at its beginning, needed to read its records and to write some of them back."""

    encoding: str = Encoding.UTF_8
    has_mark: bool = False
    columns: tuple[str, ...] = ()
    header: str = ""
    root: str = ""


class Source:
    """One file, read once: iterate over the records, then look at `totals`; `head` is known after the first."""

    def __init__(self, blocks: Iterable[bytes], layout: SourceLayout) -> None:
        self.layout = layout
        self.head = Head()
        # What the trailer says.
        self.said = ControlTotals()
        self.rows = 0
        self.total = Decimal(0)
        self._cells_to_drop = 0
        self._blocks = unpacked(blocks)

    def __iter__(self) -> Iterator[Raw]:
        """Give the records.

        :raises SourceError: the file cannot be read as a whole, or is not what its trailer says
        """
        reading = self._elements() if self.layout.kind == SourceKind.XML else self._texts()
        for line in reading:
            raw = self._raw(line)
            self.rows += 1
            if self.layout.sum_column and not raw.fault:
                self.total += self._amount(raw.words)
            yield raw
        if not self.rows:
            raise SourceError("empty", Phrase("The file has no rows."))
        self.said.check(self.rows, self.total)

    def _elements(self) -> Iterator[Line]:
        declared = self.layout.encoding
        markup = Markup(
            self._blocks, self.layout.element, None if declared == Encoding.AUTO else declared.value
        )
        for line in markup:
            # Written back as UTF-8, whatever it came as: XML says so at its beginning.
            self.head = Head(root=markup.root)
            yield line

    def _texts(self) -> Iterator[Line]:
        text = Text(self._blocks, self.layout.encoding)
        self.head = Head(encoding=text.encoding, has_mark=text.has_mark)
        stream = lines(text)
        if self.layout.kind == SourceKind.CSV:
            stream = self._joined(stream)
            if self.layout.has_header:
                self._take_header(next(stream, None))
        for line in stream:
            if not line.text.strip(" \t\x1a") and not line.is_long:
                continue
            if self.layout.trailer and line.text.startswith(self.layout.trailer.prefix):
                self._take_trailer(line.text)
                continue
            yield line

    def _take_header(self, line: Line | None) -> None:
        if line is None or line.is_long:
            raise SourceError("header-missing", Phrase("The file has no header."))
        try:
            columns = [cell.strip() for cell in cells_of(line.text, self.layout)]
        except csv.Error:
            raise SourceError("header-changed", Phrase("The header cannot be read.")) from None
        if tuple(columns[: len(REJECT_COLUMNS)]) == REJECT_COLUMNS:
            self._cells_to_drop = len(REJECT_COLUMNS)
            columns = columns[self._cells_to_drop :]
        header = self._without_note(line.text)
        _check_header(columns, self.layout)
        self.head = self.head._replace(columns=tuple(columns), header=header)

    def _take_trailer(self, text: str) -> None:
        trailer = self.layout.trailer
        assert trailer is not None
        cells = [cell.strip() for cell in text.split(self.layout.delimiter)]
        try:
            total = Decimal(cells[trailer.sum_at]) if trailer.sum_at is not None else None
            self.said = ControlTotals(int(cells[trailer.rows_at]), total)
        except (IndexError, ValueError, InvalidOperation):
            raise SourceError(
                "trailer-wrong", Phrase("The last line of the file does not say its control totals.")
            ) from None

    def _joined(self, stream: Iterator[Line]) -> Iterator[Line]:
        """Join lines of one record: a line that ends inside quotes goes on."""
        layout, waiting, known_open = self.layout, [], 0
        for line in stream:
            waiting.append(line)
            while waiting:
                joined, used = _first_record(waiting, layout, known_open)
                if joined is None:
                    # With the next line, only that is new.
                    known_open = len(waiting)
                    break
                del waiting[:used]
                known_open = 0
                yield joined
        # Quotes that never close: each line is a record by itself, and says so.
        yield from waiting

    def _raw(self, line: Line) -> Raw:
        if line.is_long:
            return Raw(line.number, _kept(line.text[:KEPT_OF_LONG_RECORD]), "row-too-long")
        text = self._without_note(line.text)
        kept = _kept(text)
        if "\0" in text:
            return Raw(line.number, kept, "nul-character")
        if "\ufffd" in text or not _is_whole(text):
            return Raw(line.number, kept, "encoding-wrong")
        return Raw(line.number, kept)

    def _without_note(self, text: str) -> str:
        """Take off what we wrote into a reject file that comes back."""
        if self.layout.kind == SourceKind.CSV:
            return _without_cells(text, self._cells_to_drop, self.layout) if self._cells_to_drop else text
        if self.layout.kind == SourceKind.FIXED_WIDTH:
            return text.partition(FIXED_NOTE)[0]
        if self.layout.kind == SourceKind.JSON_LINES and text.startswith('{"' + NOTE):
            return _without_key(text)
        return text

    def _amount(self, text: str) -> Decimal:
        read = values_of(self.layout, self.head.columns)(text)
        try:
            amount = Decimal(str(read[self.layout.sum_column])) if isinstance(read, dict) else Decimal(0)
        except (KeyError, InvalidOperation):
            # The row is refused for it later, with words.
            return Decimal(0)
        # "NaN", "Infinity" and "1e999999" are decimals as well, and nothing can be added to one.
        return amount if amount.is_finite() and abs(amount.adjusted()) <= _MOST_DIGITS else Decimal(0)


def _check_header(columns: list[str], layout: SourceLayout) -> None:
    # First of all: what is no header must not be cited.
    if layout.sources and not set(layout.sources).intersection(columns):
        raise SourceError(
            "header-missing",
            Phrase(
                "The first line names none of the columns that the mapping reads. Send the file with its header."
            ),
        )
    twice = sorted(name for name, count in Counter(columns).items() if count > 1)
    if twice:
        raise SourceError(
            "header-changed", Phrase("The header has {names} twice.", names=", ".join(twice[:5]))
        )
    missing = [name for name in layout.columns if name not in columns]
    if missing:
        words = Phrase("The header has changed: {names} is missing.", names=", ".join(missing[:5]))
        raise SourceError("header-changed", words)


def _first_record(waiting: list[Line], layout: SourceLayout, known_open: int) -> tuple[Line | None, int]:
    """Give the first record of these lines and how many it takes; none while it goes on behind the last.

    *known_open*: so many of them end inside quotes, as was found before.
    """
    first = waiting[0]
    if not known_open and (first.is_long or not _is_open(first.text, layout)):
        return first, 1
    begun = max(known_open, 1)
    text = "\n".join(line.text for line in waiting[:begun])
    size = len(text) - len(first.text)
    for used, line in enumerate(waiting[begun:], start=begun + 1):
        size += len(line.text) + 1
        text += "\n" + line.text
        if line.is_long or size > 65_536 or used > MOST_LINES:
            return first, 1
        if not _is_open(text, layout):
            return Line(first.number, text), used
    return None, 0


def _is_open(text: str, layout: SourceLayout) -> bool:
    """Say whether a text ends inside quotes. A quote in the middle of an unquoted cell is a character like others."""
    quote, delimiter = layout.quote, layout.delimiter
    if text.count(quote) % 2 == 0:
        return False
    at = 0
    while at <= len(text):
        if text.startswith(quote, at):
            end = _end_of_quotes(text, at + 1, quote)
            if end < 0:
                return True
            at = end
        following = text.find(delimiter, at)
        if following < 0:
            return False
        at = following + 1
    return False


def _end_of_quotes(text: str, at: int, quote: str) -> int:
    """Find the place behind the quote that closes, -1 if none does; two quotes are one character."""
    while (at := text.find(quote, at)) >= 0:
        if not text.startswith(quote, at + 1):
            return at + 1
        at += 2
    return -1


def _without_cells(text: str, count: int, layout: SourceLayout) -> str:
    at = 0
    for _cell in range(count):
        if text.startswith(layout.quote, at):
            at = max(_end_of_quotes(text, at + 1, layout.quote), at)
        following = text.find(layout.delimiter, at)
        if following < 0:
            return ""
        at = following + 1
    return text[at:]


def _without_key(text: str) -> str:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    if not isinstance(found, dict):
        return text
    found.pop(NOTE, None)
    if set(found) == {NOTE_RAW}:
        return str(found[NOTE_RAW])
    return msgspec.json.encode(found).decode()


def _kept(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is_whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
