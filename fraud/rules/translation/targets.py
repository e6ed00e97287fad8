"""The fields of the canonical application that a mapping can fill: of which type, and which cannot be without."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from ipaddress import ip_address
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from fraud.rules import canonical
from fraud.rules.translation import dates, identifiers
from fraud.rules.translation.faults import Code, UnfitError
from fraud.rules.translation.numbers import LARGEST, whole_number
from fraud.rules.translation.paths import Segment, parsed
from fraud.rules.translation.texts import clean

Value = str | int | date
Fit = Callable[[Any], Value | None]


class Type(StrEnum):
    """What a field holds; steps give one of these too, TEXT to begin with."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    MONEY = "money"
    NUMBER = "number"
    PHONE = "phone"
    SIN = "sin"
    DIGITS = "digits"
    CHOICE = "choice"
    POSTAL_CODE = "postal-code"
    CURRENCY = "currency"
    COUNTRY = "country"
    ADDRESS = "ip-address"


@dataclass(frozen=True, slots=True)
class Target:
    """A field by its path, with `[]` for any item of a list.

    `is_required` is within its group: an address needs its line, but no application needs an address. What only
    qualifies its group, such as the kind of a telephone, is no sign that there is one.
    """

    path: str
    type: Type
    is_required: bool = False
    is_qualifier: bool = False
    longest: int = 200
    choices: tuple[StrEnum, ...] = ()
    least_digits: int = 1


def _choice(path: str, values: type[StrEnum], **facts: Any) -> Target:
    return Target(path, Type.CHOICE, choices=tuple(values), **facts)


TARGETS: Mapping[str, Target] = {
    target.path: target
    for target in (
        Target("reference", Type.TEXT, is_required=True, longest=64),
        _choice("product", canonical.Product, is_required=True),
        _choice("channel", canonical.Channel),
        Target("amount", Type.MONEY, is_required=True),
        Target("currency", Type.CURRENCY),
        Target("submitted_at", Type.MOMENT, is_required=True),
        Target("device_id", Type.TEXT),
        Target("ip_address", Type.ADDRESS, longest=45),
        _choice("parties[].role", canonical.PartyRole),
        Target("parties[].given_name", Type.TEXT),
        Target("parties[].middle_name", Type.TEXT),
        Target("parties[].family_name", Type.TEXT, is_required=True),
        Target("parties[].birth_date", Type.DATE),
        Target("parties[].national_id", Type.SIN),
        _choice("parties[].addresses[].kind", canonical.AddressKind, is_qualifier=True),
        Target("parties[].addresses[].line", Type.TEXT, is_required=True),
        Target("parties[].addresses[].city", Type.TEXT),
        Target("parties[].addresses[].province", Type.TEXT, longest=64),
        Target("parties[].addresses[].postal_code", Type.POSTAL_CODE, longest=64),
        Target("parties[].addresses[].country", Type.COUNTRY, is_qualifier=True),
        _choice("parties[].phones[].kind", canonical.PhoneKind, is_qualifier=True),
        Target("parties[].phones[].number", Type.PHONE, is_required=True),
        Target("parties[].emails[]", Type.TEXT),
        _choice("parties[].employment", canonical.Employment),
        Target("parties[].employer", Type.TEXT),
        Target("parties[].occupation", Type.TEXT),
        Target("parties[].income", Type.MONEY),
        # Three digits, five, and the number in Canada; the zeros in front belong to them.
        Target("parties[].bank_account.institution", Type.DIGITS, least_digits=3),
        Target("parties[].bank_account.transit", Type.DIGITS, least_digits=5),
        Target("parties[].bank_account.number", Type.DIGITS, is_required=True),
    )
}
# How many items each list can have.
MOST_ITEMS = {"parties": 6, "addresses": 6, "phones": 6, "emails": 4}


def general(segments: tuple[Segment, ...]) -> str:
    """Write a path with `[]` in place of every index and star."""
    text = ""
    for segment in segments:
        text += (f".{segment}" if text else segment) if isinstance(segment, str) else "[]"
    return text


@cache
def target_of(path: str) -> Target | None:
    """Find the field that a path names, if it is one."""
    segments = parsed(path)
    for name, index in pairwise(segments):
        if isinstance(index, int) and index >= MOST_ITEMS.get(str(name), 0):
            return None
    return TARGETS.get(general(segments))


def fit(target: Target, zone: ZoneInfo) -> Fit:
    """Give the function that makes a value what its field holds, from the canonical way of writing it.

    It raises UnfitError. What a step has read already passes.
    """
    if target.type in {Type.TEXT, Type.POSTAL_CODE}:
        return _text_fit(target.longest)
    if target.type is Type.CHOICE:
        return _choice_fit(target.choices)
    if target.type is Type.MOMENT:
        return _moment_fit(zone)
    if target.type is Type.DIGITS:
        return lambda value: identifiers.digits(value, least=target.least_digits)
    return _FITS[target.type]


def _text_fit(longest: int) -> Fit:
    def check(value: Any) -> str | None:
        text = clean(str(value))
        if len(text) > longest:
            raise UnfitError(Code.TOO_LONG)
        return text or None

    return check


def _choice_fit(choices: tuple[StrEnum, ...]) -> Fit:
    known = {str(choice): choice for choice in choices}

    def check(value: Any) -> StrEnum:
        found = known.get(value) or known.get(str(value).strip().casefold())
        if found is None:
            raise UnfitError(Code.NOT_IN_LIST)
        return found

    return check


def _moment_fit(zone: ZoneInfo) -> Fit:
    def check(value: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return dates.at_midnight(value, zone)
        return dates.instant(value)

    return check


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else dates.iso_date(value)


def _money(value: Any) -> int:
    if not isinstance(value, int):
        return whole_number(value)
    if not 0 <= value <= LARGEST:
        raise UnfitError(Code.NEGATIVE if value < 0 else Code.TOO_LARGE)
    return value


def _letters(length: int, code: Code) -> Fit:
    def check(value: Any) -> str:
        text = str(value).strip().upper()
        if not (len(text) == length and text.isascii() and text.isalpha()):
            raise UnfitError(code)
        return text

    return check


def _address(value: Any) -> str:
    try:
        found = ip_address(value.strip()).compressed
    except ValueError:
        raise UnfitError(Code.ADDRESS_INVALID) from None
    # The name of an interface behind a per cent sign is nobody's address.
    if "%" in found:
        raise UnfitError(Code.ADDRESS_INVALID)
    return found


_FITS: Mapping[Type, Fit] = {
    Type.DATE: _date,
    Type.MONEY: _money,
    Type.NUMBER: _money,
    Type.PHONE: identifiers.phone,
    Type.SIN: identifiers.sin,
    Type.CURRENCY: _letters(3, Code.CURRENCY_INVALID),
    Type.COUNTRY: _letters(2, Code.COUNTRY_INVALID),
    Type.ADDRESS: _address,
}
