"""Numbers that name somebody: social insurance, telephone, account; and postal codes."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from fraud.rules.translation.document import Country
from fraud.rules.translation.faults import Code, UnfitError
from fraud.rules.translation.texts import refuse_scientific

_BLANKS = str.maketrans("", "", " -.\u00a0\u2011\u2013")
# Area code and exchange begin with 2 to 9; whatever looks otherwise goes the long way.
_PLAIN = re.compile(r"(\+?1[-. ]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[-. ]?)([2-9]\d\d)[-. ]?(\d{4})", re.ASCII)
# Luhn: the digits in even places count double, with the sum of their own digits.
_DOUBLED = str.maketrans("0123456789", "0246813579")
_POSTAL = {
    # Letters that Canada Post never uses are left out.
    Country.CA: re.compile(r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\d[ABCEGHJ-NPRSTV-Z]\d", re.ASCII),
    Country.US: re.compile(r"\d{5}(?:\d{4})?", re.ASCII),
}
# Countries that share +1 and ten digits with Canada.
NORTH_AMERICA = frozenset({"CA", "US"})


def sin(text: str) -> str:
    """Read a social insurance number: nine digits with a valid check digit (Luhn).

    :raises UnfitError: another length, a wrong check digit, zeros lost, or shortened by a spreadsheet
    """
    digits = text.translate(_BLANKS)
    if len(digits) == 9 and digits.isascii() and digits.isdigit():
        if not has_check_digit(digits) or digits == "000000000":
            raise UnfitError(Code.SIN_CHECK_DIGIT)
        return digits
    refuse_scientific(text.strip())
    if digits.isascii() and digits.isdigit() and 7 <= len(digits) < 9 and has_check_digit(digits.zfill(9)):
        raise UnfitError(Code.ZEROS_LOST)
    raise UnfitError(Code.SIN_LENGTH)


def has_check_digit(digits: str) -> bool:
    """Say whether nine digits pass Luhn's check."""
    return sum(map(int, digits[::2] + digits[1::2].translate(_DOUBLED))) % 10 == 0


def phone(text: str, country: str = "CA") -> str:
    """Read a telephone number and give it in E.164.

    Possible by length and form, not known to be assigned: an area code that nobody has is for the rules to see.

    :raises UnfitError: no telephone number, or shortened by a spreadsheet
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        code, bracketed, bare, exchange, line = plain.groups()
        if country in NORTH_AMERICA or (code and code[0] == "+"):
            return f"+1{bracketed or bare}{exchange}{line}"
    return phone_by_library(text, country)


def phone_by_library(text: str, country: str) -> str:
    """Read a telephone number of any country, with whatever stands around it, in about 50 µs.

    :raises UnfitError: no telephone number, or shortened by a spreadsheet
    """
    refuse_scientific(text.strip())
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        raise UnfitError(Code.PHONE_INVALID) from None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise UnfitError(Code.PHONE_INVALID)
    number.extension = None
    written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not 8 <= len(written) <= 16:
        raise UnfitError(Code.PHONE_INVALID)
    return written


def postal_code(text: str, country: Country = Country.CA) -> str:
    """Read a postal code: `H2X 1Y4` in Canada; `12345` or `12345-6789` in the United States.

    :raises UnfitError: no such code
    """
    code = text.translate(_BLANKS).upper()
    if not _POSTAL[country].fullmatch(code):
        is_short = country is Country.US and len(code) in {3, 4} and code.isascii() and code.isdigit()
        raise UnfitError(Code.ZEROS_LOST if is_short else Code.POSTAL_CODE_INVALID)
    if country is Country.CA:
        return f"{code[:3]} {code[3:]}"
    return code if len(code) == 5 else f"{code[:5]}-{code[5:]}"


def digits(text: str, *, least: int = 1) -> str:
    """Read digits with or without blanks and hyphens, *least* to 20 of them.

    :raises UnfitError: other characters, too many, fewer than a spreadsheet could have left, or shortened by one
    """
    found = text.translate(_BLANKS)
    if not (found.isascii() and found.isdigit() and len(found) <= 20):
        refuse_scientific(text.strip())
        raise UnfitError(Code.DIGITS_ONLY)
    if len(found) < least:
        raise UnfitError(Code.ZEROS_LOST)
    return found
