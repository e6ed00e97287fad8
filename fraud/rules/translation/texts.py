"""Values as text: how anything a reader hands over becomes clean text, and what a spreadsheet has done to it."""

import math
import re
from typing import Any

from fraud.rules.translation.faults import Code, UnfitError

# Longer values are refused before any step looks at them.
MOST_TEXT = 4_000
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,3}")
# Byte order marks, zero-width blanks and the like, which nobody sees and nobody means.
_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])


def as_text(value: Any) -> str | None:
    """Give what stands in a field as text, nothing for an empty one.

    :raises UnfitError: a list or a record, too long, or what a spreadsheet writes in place of a value
    """
    if type(value) is not str:
        if value is None:
            return None
        value = _written(value)
    if not value or value.isspace():
        return None
    if len(value) > MOST_TEXT:
        raise UnfitError(Code.TOO_LONG)
    if value[0] == "#":
        _refuse_spreadsheet_marks(value.strip())
    return str(value)


def clean(text: str) -> str:
    """Halve white space, line ends included, and drop what is invisible.

    :raises UnfitError: a NUL or another character that cannot be written
    """
    text = " ".join(text.split())
    if text.isprintable():
        return text
    text = " ".join(text.translate(_INVISIBLE).split())
    if not text.isprintable():
        raise UnfitError(Code.CONTROL_CHARACTER)
    return text


def refuse_scientific(text: str) -> None:
    """Pass whatever is not a number shortened to a power of ten.

    :raises UnfitError: digits are lost
    """
    if ("E" in text or "e" in text) and _SCIENTIFIC.fullmatch(text):
        raise UnfitError(Code.EXCEL_SCIENTIFIC)


def _written(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        if value.bit_length() > 256:
            raise UnfitError(Code.TOO_LARGE)
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnfitError(Code.NOT_A_NUMBER)
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e20 else repr(value)
    raise UnfitError(Code.NOT_A_VALUE)


def _refuse_spreadsheet_marks(text: str) -> None:
    if len(text) > 1 and not text.strip("#"):
        raise UnfitError(Code.EXCEL_OVERFLOW)
    if text in _ERRORS:
        raise UnfitError(Code.EXCEL_ERROR)
