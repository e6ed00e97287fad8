"""Records written back in the sender's own layout, each with what we say about it; a reject file may be sent again."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import msgspec

from fraud.rules.sources.layouts import Encoding, SourceKind, SourceLayout

if TYPE_CHECKING:
    from fraud.rules.sources.reading import Head

REJECT_COLUMNS = ("reject_line", "reject_field", "reject_code", "reject_words")
RESULT_COLUMNS = ("result_id", "result_outcome", "result_score", "result_reasons", "result_screening")
# Behind a fixed-width line.
FIXED_NOTE = "#REJECT "
_FIXED_RESULT = "#RESULT "
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = {Encoding.UTF_8: b"\xef\xbb\xbf", Encoding.UTF_16_LE: b"\xff\xfe", Encoding.UTF_16_BE: b"\xfe\xff"}


def head_of(layout: SourceLayout, head: "Head", columns: Sequence[str]) -> bytes:
    """Write what stands before the records: byte order mark, header with our columns first, root element."""
    if layout.kind == SourceKind.XML:
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{head.root}>\n'.encode()
    mark = _MARKS.get(Encoding(head.encoding), b"") if head.has_mark else b""
    if layout.kind != SourceKind.CSV or not head.header:
        return mark
    line = f"{layout.delimiter.join(columns)}{layout.delimiter}{head.header}\r\n"
    return mark + line.encode(head.encoding, _errors(head))


def tail_of(layout: SourceLayout, head: "Head") -> bytes:
    """Write what stands behind the records."""
    return f"</{head.root}>\n".encode() if layout.kind == SourceKind.XML else b""


def annotated(text: str, layout: SourceLayout, head: "Head", cells: Mapping[str, str | int]) -> bytes:
    """Write one record with our cells beside it, each under its column's name; the record itself stays as it came.

    Our own cells never begin with what a spreadsheet takes for a formula.
    """
    if layout.kind == SourceKind.CSV:
        line = f"{_row(layout, cells)}{layout.delimiter}{text}\r\n"
    elif layout.kind == SourceKind.JSON_LINES:
        line = _object(text, cells)
    elif layout.kind == SourceKind.XML:
        line = _element(text, cells)
    else:
        label = FIXED_NOTE if "reject_line" in cells else _FIXED_RESULT
        line = f"{text}{label}{'|'.join(str(cell).replace('|', ' ') for cell in cells.values())}\r\n"
    return line.encode(head.encoding, _errors(head))


def _row(layout: SourceLayout, cells: Mapping[str, str | int]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=layout.delimiter, quotechar=layout.quote, lineterminator="")
    writer.writerow([_harmless(cell) for cell in cells.values()])
    return out.getvalue()


def _harmless(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _object(text: str, cells: Mapping[str, str | int]) -> str:
    label, short = _label(cells)
    note = msgspec.json.encode(short).decode()
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        rest = inner[1:].lstrip()
        return f'{{"{label}":{note}{"" if rest == "}" else ","}{rest}\n'
    raw = msgspec.json.encode(text.encode("utf-8", "replace").decode()).decode()
    return f'{{"{label}":{note},"_raw":{raw}}}\n'


def _element(text: str, cells: Mapping[str, str | int]) -> str:
    named = "".join(f" {name}={quoteattr(str(cell))}" for name, cell in cells.items())
    # A record begins with its element's name.
    end = next((at for at, letter in enumerate(text) if letter in " />"), len(text))
    return f"{text[:end]}{named}{text[end:]}\n"


def _label(cells: Mapping[str, str | int]) -> tuple[str, dict[str, str | int]]:
    prefix = next(iter(cells)).partition("_")[0]
    return f"_{prefix}", {name.partition("_")[2]: cell for name, cell in cells.items()}


def _errors(head: "Head") -> str:
    # Bytes that were no UTF-8 go back as they came; our words fit any encoding, or nearly.
    return "surrogateescape" if head.encoding == Encoding.UTF_8 else "replace"
