"""From bytes to lines in one pass: unpacked, decoded and cut, holding no more than a block and the longest record."""

import codecs
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fraud.rules.sources.layouts import LONGEST_RECORD, Encoding, SourceError
from portal.core.phrases import Phrase

BLOCK = 1 << 20
# Unpacked; at 500 bytes a row 40 million applications.
MOST_PLAIN_BYTES = 20 << 30
# Files of applications shrink to a tenth or so; past this somebody wants our disk.
HIGHEST_RATIO = 200
_RATIO_COUNTS_FROM = 64 << 20
_SNIFFED = 65_536

_CUT_OFF = Phrase("The file ends in the middle; the upload was cut off. Send it again.")
_DAMAGED = Phrase("The packed file is damaged. Pack it again with gzip and send it.")
_BOMB = Phrase("The file unpacks to far more than a file of applications can be. It was not read further.")
_ZIP = Phrase(
    "The file is a ZIP or an Excel workbook. Send CSV, JSON Lines, fixed width or XML, packed with gzip at most."
)
_EMPTY = Phrase("The file is empty.")


class Line(NamedTuple):
    """A line without its end; of one that `is_long`, the beginning."""

    number: int
    text: str
    is_long: bool = False


def unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip, of one member or several, and pass everything else through.

    :raises SourceError: a ZIP, a bomb, damaged, or cut off
    """
    source = iter(blocks)
    first = _at_least(4, source)
    if first.startswith(b"PK\x03\x04"):
        raise SourceError("zip-file", _ZIP)
    whole = _chained(first, source)
    return _gunzipped(whole) if first.startswith(b"\x1f\x8b") else _bounded(whole)


def _gunzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    machine, is_inside = zlib.decompressobj(wbits=31), False
    taken = given = 0
    for block in blocks:
        # Padding between and after members is zeros.
        waiting, is_full = block if is_inside else block.lstrip(b"\0"), False
        taken += len(block)
        while waiting or is_full:
            try:
                piece = machine.decompress(waiting, BLOCK)
            except zlib.error:
                raise SourceError("gzip-damaged", _DAMAGED) from None
            given += len(piece)
            if given > min(MOST_PLAIN_BYTES, max(_RATIO_COUNTS_FROM, taken * HIGHEST_RATIO)):
                raise SourceError("zip-bomb", _BOMB)
            yield piece
            # A full piece may leave more inside even when all input is taken.
            waiting, is_full, is_inside = machine.unconsumed_tail, len(piece) == BLOCK, True
            if machine.eof:
                waiting, is_full, is_inside = machine.unused_data.lstrip(b"\0"), False, False
                machine = zlib.decompressobj(wbits=31)
    if is_inside:
        raise SourceError("cut-off", _CUT_OFF)


def _bounded(blocks: Iterator[bytes]) -> Iterator[bytes]:
    given = 0
    for block in blocks:
        given += len(block)
        if given > MOST_PLAIN_BYTES:
            raise SourceError("zip-bomb", _BOMB)
        yield block


class Text:
    """Blocks of text with the encoding that was found; what does not decode is kept as surrogates or U+FFFD."""

    def __init__(self, blocks: Iterable[bytes], declared: Encoding) -> None:
        source = iter(blocks)
        first = _at_least(_SNIFFED, source)
        if not first:
            raise SourceError("empty", _EMPTY)
        self.encoding, mark = _encoding(first, declared)
        self.has_mark = mark > 0
        self._source = _chained(first[mark:], source)

    def __iter__(self) -> Iterator[str]:
        # Bytes that are no UTF-8 come back as they were in the reject file.
        errors = "surrogateescape" if self.encoding == Encoding.UTF_8 else "replace"
        decoder = codecs.getincrementaldecoder(self.encoding)(errors=errors)
        for block in self._source:
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)


def lines(texts: Iterable[str]) -> Iterator[Line]:
    """Cut text at LF or CR LF; of a line over the longest record only its beginning is kept, whatever its length."""
    number, rest, is_long = 0, "", False
    for text in texts:
        *whole, last = text.split("\n")
        for piece in whole:
            number += 1
            full = rest + piece
            rest = ""
            yield _line(number, full, is_long=is_long)
            is_long = False
        rest += last[: LONGEST_RECORD + 2 - len(rest)] if len(last) > LONGEST_RECORD else last
        if len(rest) > LONGEST_RECORD + 1:
            rest, is_long = rest[: LONGEST_RECORD + 2], True
    if rest:
        yield _line(number + 1, rest, is_long=is_long)


def _line(number: int, text: str, *, is_long: bool) -> Line:
    if text.endswith("\r"):
        text = text[:-1]
    is_long = is_long or len(text) > LONGEST_RECORD
    return Line(number, text[:LONGEST_RECORD] if is_long else text, is_long)


_MARKS = (
    (codecs.BOM_UTF8, Encoding.UTF_8),
    (codecs.BOM_UTF16_LE, Encoding.UTF_16_LE),
    (codecs.BOM_UTF16_BE, Encoding.UTF_16_BE),
)


def _encoding(first: bytes, declared: Encoding) -> tuple[Encoding, int]:
    """Find the encoding, and the length of the byte order mark."""
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            return encoding, len(mark)
    if declared == Encoding.UTF_16:
        return Encoding.UTF_16_LE, 0
    return (declared if declared != Encoding.AUTO else _guessed(first)), 0


def _guessed(first: bytes) -> Encoding:
    half = max(len(first) // 2, 1)
    # What is mostly ASCII has a zero in every other byte of UTF-16.
    if first[1::2].count(0) > half * 0.6:
        return Encoding.UTF_16_LE
    if first[0::2].count(0) > half * 0.6:
        return Encoding.UTF_16_BE
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return Encoding.WINDOWS_1252
    return Encoding.UTF_8


def _at_least(size: int, source: Iterator[bytes]) -> bytes:
    got = b""
    while len(got) < size and (block := next(source, None)) is not None:
        got += block
    return got


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
