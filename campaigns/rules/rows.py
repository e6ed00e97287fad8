"""The bytes of a file's rows: matrices of codes, laid out as a printer wants them."""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from campaigns.rules.formats import CodeFormat
from campaigns.rules.layout import (
    PLACEHOLDER,
    Align,
    Column,
    Kind,
    LayoutError,
    RowLayout,
    Source,
    check_text,
)
from portal.core.phrases import Phrase

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]
# Fills the varying bytes of a column, given codes, serials and the first control number.
Fill = Callable[[U8, U8, U64, int], None]

# Widths of the counted columns where the layout names none.
CONTROL_WIDTH = 10
FILE_WIDTH = 4

_TEMPLATE_ROWS = 4096
# Stands in a template for a byte that varies; no printable text has it.
_VARYING = "\0"
_DECIMAL_GROUP = 4
_DECIMALS = np.array([list(b"%04d" % number) for number in range(10**_DECIMAL_GROUP)], np.uint8).view("<u4")[
    :, 0
]


class Layouter:
    """Lay out the rows of one file, block after block; it counts the control numbers on.

    *lot*: text for every row, plain ASCII. *first_control*: the control number of the first row.

    :raises LayoutError: a value does not fit its column
    """

    def __init__(
        self,
        layout: RowLayout,
        code_format: CodeFormat,
        *,
        file_number: int = 1,
        lot: str = "",
        first_control: int = 1,
    ) -> None:
        check_text("lot", lot)
        self.layout = layout
        self._format = code_format
        self._file_number, self._lot = file_number, lot
        self._control = first_control
        self._fills: list[tuple[int, int, Fill]] = []
        self._cells = [self._cell(column) for column in layout.columns]
        row = self._build_row()
        self.row_bytes = len(row)
        self._template = np.frombuffer(row * _TEMPLATE_ROWS, np.uint8).reshape(_TEMPLATE_ROWS, len(row))

    def header_bytes(self) -> bytes:
        """Give the header row; empty if the layout has none. A fixed layout cuts names to their column."""
        if not self.layout.has_header:
            return b""
        names = [column.name for column in self.layout.columns]
        if self.layout.kind is Kind.CSV:
            return ",".join(map(_quoted, names)).encode() + self.layout.line_end
        fitted = [name[: len(cell)].ljust(len(cell)) for name, cell in zip(names, self._cells, strict=True)]
        return "".join(fitted).encode("ascii", "replace") + self.layout.line_end

    def rows(self, matrix: U8, serials: U64) -> memoryview:
        """Give the bytes of the rows of canonical codes, shape (N, length), with their serials.

        The bytes are the caller's to keep.

        :raises LayoutError: the control numbers outgrow their column
        """
        rows = np.empty((len(matrix), self.row_bytes), np.uint8)
        for at in range(0, len(rows), _TEMPLATE_ROWS):
            part = rows[at : at + _TEMPLATE_ROWS]
            part[:] = self._template[: len(part)]
        for start, end, fill in self._fills:
            fill(rows[:, start:end], matrix, serials, self._control)
        self._control += len(rows)
        return rows.reshape(-1).data

    def _build_row(self) -> bytes:
        """Join the cells, and note for each varying one which bytes its values fill."""
        separator = "," if self.layout.kind is Kind.CSV else ""
        at = 0
        for column, cell in zip(self.layout.columns, self._cells, strict=True):
            fill = self._fill(column, cell)
            if fill is not None:
                self._fills.append((at + cell.index(_VARYING), at + cell.rindex(_VARYING) + 1, fill))
            at += len(cell) + len(separator)
        return separator.join(self._cells).encode("ascii") + self.layout.line_end

    def _cell(self, column: Column) -> str:
        """Give a column's text with a mark for each byte that varies, quoted or brought to its width."""
        text = self._text(column)
        if self.layout.kind is Kind.CSV:
            return _quoted(text)
        width = column.width or len(text)
        if len(text) > width:
            message = Phrase(
                "{column} needs {needed} characters and has {width}.",
                column=column.name,
                needed=len(text),
                width=width,
            )
            raise LayoutError("columns", message)
        return text.ljust(width, column.pad) if column.align is Align.LEFT else text.rjust(width, column.pad)

    def _text(self, column: Column) -> str:
        printed = self._format.printed(_VARYING * self._format.length)
        plain = self._format.prefix + _VARYING * self._format.length
        width = column.width if self.layout.kind is Kind.FIXED else 0
        texts = {
            Source.CODE: plain,
            Source.GROUPED: printed,
            Source.URL: self.layout.url_template.replace(PLACEHOLDER, plain),
            Source.SERIAL: _VARYING * max(width, len(str(self._format.capacity - 1))),
            Source.CONTROL: _VARYING * (width or CONTROL_WIDTH),
            Source.FILE: str(self._file_number).zfill(width or FILE_WIDTH),
            Source.LOT: self._lot,
        }
        return texts[column.source]

    def _fill(self, column: Column, cell: str) -> Fill | None:
        match column.source:
            case Source.FILE | Source.LOT:
                return None
            case Source.SERIAL:
                return _fill_serials
            case Source.CONTROL:
                return _fill_controls
            case _:
                return _copying(cell)


def check_fits(layout: RowLayout, code_format: CodeFormat, *, lot: str, files: int, rows: int) -> None:
    """Pass a batch of so many files and rows if every value will fit its column.

    :raises LayoutError: one would not
    """
    last = Layouter(layout, code_format, file_number=files, lot=lot, first_control=rows)
    any_code = np.full((1, code_format.length), ord(code_format.alphabet[0]), np.uint8)
    last.rows(any_code, np.zeros(1, np.uint64))


def write_decimal(out: U8, numbers: U64) -> None:
    """Write numbers as decimal digits filled with zeros, one row each; those below 10**width only."""
    width = out.shape[1]
    if width < _DECIMAL_GROUP:
        for place in range(width):
            out[:, place] = numbers // np.uint64(10 ** (width - 1 - place)) % np.uint64(10) + np.uint64(48)
        return
    rest = numbers
    size = np.uint64(10**_DECIMAL_GROUP)
    for start in range(width - _DECIMAL_GROUP, 0, -_DECIMAL_GROUP):
        quotient = rest // size
        _place(out, start, rest - quotient * size)
        rest = quotient
    # The leading four may overlap the group after them, with the same digits.
    _place(out, 0, numbers // np.uint64(10 ** min(width - _DECIMAL_GROUP, 19)))


def _place(out: U8, start: int, group: U64) -> None:
    target = out[:, start : start + _DECIMAL_GROUP].view("<u4")[:, 0]
    target[:] = np.take(_DECIMALS, group.view(np.int64), mode="clip")


def _fill_serials(out: U8, matrix: U8, serials: U64, first_control: int) -> None:
    write_decimal(out, serials)


def _fill_controls(out: U8, matrix: U8, serials: U64, first_control: int) -> None:
    end = first_control + len(out)
    if end > 10 ** out.shape[1]:
        message = Phrase(
            "The control number {number} does not fit into {width} digits.",
            number=str(end - 1),
            width=out.shape[1],
        )
        raise LayoutError("columns", message)
    write_decimal(out, np.arange(first_control, end, dtype=np.uint64))


def _copying(cell: str) -> Fill:
    """Give the fill that copies a code's characters to the marks of a cell, group by group."""
    first = cell.index(_VARYING)
    spans = [(mark.start() - first, mark.end() - first) for mark in re.finditer(f"{_VARYING}+", cell)]

    def fill(out: U8, matrix: U8, serials: U64, first_control: int) -> None:
        at = 0
        for start, end in spans:
            _copy_columns(out[:, start:end], matrix[:, at : at + end - start])
            at += end - start

    return fill


def _copy_columns(target: U8, source: U8) -> None:
    """Copy columns of bytes as a few wide words, which NumPy moves ten times as fast; words may overlap."""
    width = target.shape[1]
    word = next(size for size in (8, 4, 2, 1) if size <= width)
    for start in [*range(0, width - word, word), width - word]:
        span = slice(start, start + word)
        target[:, span].view(f"<u{word}")[:] = source[:, span].view(f"<u{word}")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"') else text
