"""What can be wrong with a record: a stable code and words for each; a value of the record is never in them."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from portal.core.phrases import Phrase, marked


class Code(StrEnum):
    """Codes of faults; never renamed."""

    MISSING = "missing"
    NOT_A_VALUE = "not-a-value"
    NOT_A_LIST = "not-a-list"
    NOT_A_RECORD = "not-a-record"
    UNKNOWN_FIELD = "unknown-field"
    TOO_MANY = "too-many"
    TOO_LONG = "too-long"
    CONTROL_CHARACTER = "control-character"
    NOT_IN_LIST = "not-in-list"
    NO_SUCH_PART = "no-such-part"
    NOT_A_NUMBER = "not-a-number"
    NOT_A_WHOLE_NUMBER = "not-a-whole-number"
    NUMBER_FORMAT = "number-format"
    NEGATIVE = "negative"
    TOO_LARGE = "too-large"
    TOO_MANY_DECIMALS = "too-many-decimals"
    DATE_FORMAT = "date-format"
    IMPOSSIBLE_DATE = "impossible-date"
    DATE_IN_FUTURE = "date-in-future"
    TWO_DIGIT_YEAR = "two-digit-year"
    EXCEL_SERIAL = "excel-serial-date"
    EXCEL_OVERFLOW = "excel-overflow"
    EXCEL_ERROR = "excel-error"
    EXCEL_SCIENTIFIC = "excel-scientific"
    ZEROS_LOST = "leading-zeros-lost"
    SIN_LENGTH = "sin-length"
    SIN_CHECK_DIGIT = "sin-check-digit"
    PHONE_INVALID = "phone-invalid"
    POSTAL_CODE_INVALID = "postal-code-invalid"
    DIGITS_ONLY = "digits-only"
    CURRENCY_INVALID = "currency-invalid"
    COUNTRY_INVALID = "country-invalid"
    ADDRESS_INVALID = "ip-address-invalid"
    INVALID = "invalid"


WORDS: Mapping[Code, str] = {
    Code.MISSING: marked("A value is needed here."),
    Code.NOT_A_VALUE: marked("There is a list or a record where one value should be."),
    Code.NOT_A_LIST: marked("There is one value where a list of records should be."),
    Code.NOT_A_RECORD: marked("There is no record to translate."),
    Code.UNKNOWN_FIELD: marked("Nobody knows a field of this name here."),
    Code.TOO_MANY: marked("There are more of these than an application can have."),
    Code.TOO_LONG: marked("This is too long."),
    Code.CONTROL_CHARACTER: marked("There is a character in it that cannot be written."),
    Code.NOT_IN_LIST: marked("This is none of the values that are known here."),
    Code.NO_SUCH_PART: marked("The value cannot be split: the part that is wanted is missing."),
    Code.NOT_A_NUMBER: marked("This is no number."),
    Code.NOT_A_WHOLE_NUMBER: marked("This is no whole number."),
    Code.NUMBER_FORMAT: marked("The number is not written the way the mapping says."),
    Code.NEGATIVE: marked("A negative number cannot stand here."),
    Code.TOO_LARGE: marked("The number is too large."),
    Code.TOO_MANY_DECIMALS: marked("The amount has more decimals than its currency."),
    Code.DATE_FORMAT: marked("The date is not written the way the mapping says."),
    Code.IMPOSSIBLE_DATE: marked("There is no such date."),
    Code.DATE_IN_FUTURE: marked("The date lies after the application."),
    Code.TWO_DIGIT_YEAR: marked("The year has two digits; four are needed."),
    Code.EXCEL_SERIAL: marked(
        "A spreadsheet has turned the date into a number. Format the column as text and export it again."
    ),
    Code.EXCEL_OVERFLOW: marked(
        "A spreadsheet has written ##### because its column was too narrow. Widen it and export it again."
    ),
    Code.EXCEL_ERROR: marked("A spreadsheet has written an error in place of the value."),
    Code.EXCEL_SCIENTIFIC: marked(
        "A spreadsheet has shortened the number to a power of ten, and digits are lost. "
        "Format the column as text and export it again."
    ),
    Code.ZEROS_LOST: marked(
        "Leading zeros are lost, as when a spreadsheet opens a file. "
        "Format the column as text and export it again."
    ),
    Code.SIN_LENGTH: marked("A social insurance number has nine digits."),
    Code.SIN_CHECK_DIGIT: marked("The check digit of the social insurance number is wrong."),
    Code.PHONE_INVALID: marked("This is no telephone number."),
    Code.POSTAL_CODE_INVALID: marked("This is no postal code of the country."),
    Code.DIGITS_ONLY: marked("Only digits can stand here, 20 at most."),
    Code.CURRENCY_INVALID: marked("A currency is three letters, such as CAD."),
    Code.COUNTRY_INVALID: marked("A country is two letters, such as CA."),
    Code.ADDRESS_INVALID: marked("This is no IP address."),
    Code.INVALID: marked("This does not fit the canonical application."),
}


class Fault(Struct, frozen=True):
    """One thing that is wrong with a record: the canonical *field*, a stable *code*, *words* for the sender.

    *source* is the column or path that the field was read from; empty where the mapping names none.
    """

    field: str
    code: str
    words: str
    source: str = ""


class UnfitError(ValueError):
    """A value that a step cannot take; caught where the field is known, and never shown by itself."""

    def __init__(self, code: Code) -> None:
        self.code = code
        super().__init__(code)


def fault(field: str, code: Code, source: str = "") -> Fault:
    """Make a fault with its words."""
    return Fault(field, code, Phrase(WORDS[code]), source)
