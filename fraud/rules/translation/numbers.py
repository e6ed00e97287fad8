"""Numbers and amounts as people and programs write them, read exactly: no float touches money."""

import re

from fraud.rules.translation.document import Decimal
from fraud.rules.translation.faults import Code, UnfitError
from fraud.rules.translation.texts import refuse_scientific

# Minor units; the bound of fraud.rules.canonical.Minor.
LARGEST = 10**15
# Of an amount with its mark; blanks beyond would be tried again from each of them.
_LONGEST = 64
# Of dollars alone: the name of another currency is no decoration, and is not dropped in silence.
_MARKS = re.compile(r"^(?:CAD|CA?\$|\$)\s*|\s*(?:CAD|\$(?:CA?)?)$")
_GROUPS = {
    Decimal.POINT: re.compile(r"\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+|\d+"),
    Decimal.COMMA: re.compile(r"\d{1,3}(?:[.'’ \u00a0\u202f]\d{3})+|\d+"),
}


def whole_number(text: str, *, decimal: Decimal = Decimal.POINT, times: int = 1) -> int:
    """Read a whole number, 0 to 10^15; zeros behind the decimal sign are none.

    :raises UnfitError: no number, not whole, negative, too large, or written another way
    """
    return _scaled(text, decimal, 0, times, Code.NOT_A_WHOLE_NUMBER)


def minor_units(text: str, *, decimal: Decimal = Decimal.POINT, decimals: int = 2, times: int = 1) -> int:
    """Read an amount with or without its currency's mark, and give minor units, 0 to 10^15.

    :raises UnfitError: no number, negative, too large, more decimals than the currency has, or written another way
    """
    if not text.isascii() or not text.replace(".", "", 1).isdigit():
        if len(text) > _LONGEST:
            raise UnfitError(Code.NOT_A_NUMBER)
        text = _MARKS.sub("", text.strip().upper())
    return _scaled(text, decimal, decimals, times, Code.TOO_MANY_DECIMALS)


def major_units(amount: int, *, decimal: Decimal = Decimal.POINT, decimals: int = 2) -> str:
    """Write minor units as an amount without groups, such as 1234.50."""
    if not decimals:
        return str(amount)
    major, minor = divmod(amount, 10**decimals)
    return f"{major}{decimal}{minor:0{decimals}d}"


def _scaled(text: str, decimal: Decimal, decimals: int, times: int, surplus: Code) -> int:
    text = text.strip()
    refuse_scientific(text)
    if text.startswith(("-", "(", "−")):
        raise UnfitError(Code.NEGATIVE if any(map(str.isdigit, text)) else Code.NOT_A_NUMBER)
    whole, has_fraction, fraction = text.removeprefix("+").partition(decimal)
    digits = _digits(whole, decimal)
    if has_fraction and not (fraction.isascii() and fraction.isdigit()):
        raise UnfitError(Code.NUMBER_FORMAT if any(map(str.isdigit, fraction)) else Code.NOT_A_NUMBER)
    kept, rest = fraction[:decimals], fraction[decimals:]
    if rest.strip("0"):
        raise UnfitError(surplus)
    if len(digits.lstrip("0")) > 16:
        raise UnfitError(Code.TOO_LARGE)
    value = int(digits + kept.ljust(decimals, "0")) * times
    if value > LARGEST:
        raise UnfitError(Code.TOO_LARGE)
    return value


def _digits(whole: str, decimal: Decimal) -> str:
    if whole.isascii() and whole.isdigit():
        return whole
    if not _GROUPS[decimal].fullmatch(whole):
        is_number = any(map(str.isdigit, whole)) and not any(map(str.isalpha, whole))
        raise UnfitError(Code.NUMBER_FORMAT if is_number else Code.NOT_A_NUMBER)
    digits = "".join(filter(str.isdigit, whole))
    if not digits.isascii():
        raise UnfitError(Code.NOT_A_NUMBER)
    return digits
