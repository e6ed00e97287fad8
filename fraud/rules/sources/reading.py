"""A file cut into its records in one pass: what heads it, each record's text, and its control totals at the end."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec import Struct

from fraud.rules.sources.controls import ControlTotals, amount_of, totals_said
from fraud.rules.sources.layouts import (
    KEPT_OF_LONG_RECORD,
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
_BLANKS = " \t\x1a"
_NO_FIRST = Phrase("The file does not begin with the line that its layout wants first. Send it whole.")
_NO_LAST = Phrase("The file ends without its last line, so it was cut off. Send it whole.")
_GOES_ON = Phrase("The file goes on behind its last line. Send one file at a time.")


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
    """One file, read once: iterate over the records, then look at `rows` and `total`; `head` is known after the first.

    *is_summed*: somebody has a control total for it. *is_part*: its first and last line may be missing.
    """

    def __init__(
        self,
        blocks: Iterable[bytes],
        layout: SourceLayout,
        *,
        is_summed: bool = False,
        is_part: bool = False,
    ) -> None:
        self.layout = layout
        self.head = Head()
        self.rows = 0
        self.total = Decimal(0)
        # What its first and last line say.
        self._said: list[ControlTotals] = []
        controls = filter(None, (layout.header_record, layout.trailer))
        self._is_summed = is_summed or any(each.total for each in controls)
        self._is_part = is_part
        self._cells_to_drop = 0
        self._blocks = unpacked(blocks)

    def __iter__(self) -> Iterator[Raw]:
        """Give the records.

        :raises SourceError: the file cannot be read as a whole, or is not what its first and last line say
        """
        reading = self._elements() if self.layout.kind == SourceKind.XML else self._texts()
        for line in reading:
            raw = self._raw(line)
            self.rows += 1
            if self._is_summed and not raw.fault:
                self.total += self._amount(raw.words)
            yield raw
        if not self.rows:
            raise SourceError("empty", Phrase("The file has no rows."))
        for said in self._said:
            said.check(self.rows, self.total)

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
        if self.layout.kind != SourceKind.JSON_LINES:
            stream = self._up_to_trailer(self._begun(stream))
        for line in stream:
            if line.is_long or line.text.strip(_BLANKS):
                yield line

    def _begun(self, stream: Iterator[Line]) -> Iterator[Line]:
        """Take what stands before the records; a reject file that comes back has no first and last line."""
        layout, first = self.layout, next(stream, None)
        comes_back = first is not None and _comes_back(first.text, layout)
        self._is_part = self._is_part or comes_back
        if layout.header_record is not None and first is not None:
            if first.text.startswith(layout.header_record.prefix):
                self._said.append(totals_said(layout.header_record, first.text, layout))
                first = next(stream, None)
            elif not self._is_part:
                raise SourceError("header-record-missing", _NO_FIRST)
        if layout.kind == SourceKind.CSV and layout.has_header:
            self._take_header(first)
            return stream
        if comes_back and layout.kind == SourceKind.CSV:
            self._cells_to_drop = len(REJECT_COLUMNS)
        return stream if first is None else chain([first], stream)

    def _up_to_trailer(self, stream: Iterator[Line]) -> Iterator[Line]:
        trailer, has_ended = self.layout.trailer, False
        for line in stream:
            if not line.is_long and not line.text.strip(_BLANKS):
                continue
            if has_ended:
                raise SourceError("trailer-early", _GOES_ON)
            if trailer is not None and line.text.startswith(trailer.prefix):
                self._said.append(totals_said(trailer, line.text, self.layout))
                has_ended = True
                continue
            yield line
        if trailer is not None and not has_ended and not self._is_part:
            raise SourceError("trailer-missing", _NO_LAST)

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
        value = read.get(self.layout.sum_column, "") if isinstance(read, dict) else ""
        # What is no amount is refused later, with its row and in words.
        return amount_of(str(value), self.layout.decimal) or Decimal(0)


def _comes_back(text: str, layout: SourceLayout) -> bool:
    """Say whether a file that begins with this line is a reject file of ours."""
    if layout.kind == SourceKind.FIXED_WIDTH:
        return FIXED_NOTE in text
    try:
        cells = cells_of(text, layout)
    except csv.Error:
        return False
    if layout.has_header:
        return tuple(cells[: len(REJECT_COLUMNS)]) == REJECT_COLUMNS
    return len(cells) == len(layout.columns) + len(REJECT_COLUMNS) and cells[0].isdecimal()


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
