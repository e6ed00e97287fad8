"""The same person another time: moved, married, mistyped, scanned, nicknamed, with another telephone or none."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from msgspec.structs import replace

from fraud.rules.canonical import Address, AddressKind, Application, BankAccount, Party, Phone
from fraud.rules.elements.names import fold
from fraud.rules.elements.nicknames import FULL_NAMES
from fraud.rules.elements.sins import check_digit
from fraud.rules.people.places import UNITS, places, streets

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each thing happens to a party, 0 to 1. The defaults are what a year or two and a tired clerk do."""

    nickname: float = 0.12
    typo: float = 0.06
    scanned: float = 0.03
    swapped_names: float = 0.02
    plain_letters: float = 0.25
    half_of_double: float = 0.3
    other_family: float = 0.03
    middle_lost: float = 0.5
    swapped_date: float = 0.015
    mistyped_date: float = 0.02
    sin_missing: float = 0.12
    # One of fifty is mistyped, of which the check digit lets one of ten through; the others the door refuses.
    sin_mistyped: float = 0.002
    moved: float = 0.25
    address_rewritten: float = 0.5
    postal_mistyped: float = 0.02
    phone_changed: float = 0.2
    phones_missing: float = 0.05
    email_changed: float = 0.2
    email_rewritten: float = 0.15
    email_missing: float = 0.15
    account_changed: float = 0.5


USUAL = Rates()

_OCR = {"o": "0", "l": "1", "i": "1", "s": "5", "b": "8", "e": "c", "n": "h", "m": "rn", "d": "cl"}
_KEYBOARD = "qwertyuiopasdfghjklzxcvbnm"
_UNIT = re.compile(r"^(\w+)-(\d+) (.+)$")
_SHORT = {
    "Street": "St",
    "Avenue": "Ave",
    "Road": "Rd",
    "Drive": "Dr",
    "boulevard": "boul.",
    "Boulevard": "Blvd",
}


def _nicknames() -> dict[str, list[str]]:
    forms = defaultdict(list)
    for short, names in FULL_NAMES.items():
        for name in names:
            if short != name:
                forms[name].append(short)
    return dict(forms)


_NICKNAMES = _nicknames()


def noisy_copy(application: Application, rng: Random, rates: Rates = USUAL) -> Application:
    """Give an application of the same people at another time: each party spoiled, device and network changed by half.

    Reference, product and amount stay; whoever needs others replaces them.
    """
    copy = replace(
        application, parties=tuple(noisy_party(party, rng, rates) for party in application.parties)
    )
    if rng.random() < 0.5:
        device, address = (
            f"dev-{rng.getrandbits(48):012x}",
            f"100.{rng.randrange(64, 128)}.{rng.randrange(256)}.7",
        )
        copy = replace(copy, device_id=device, ip_address=address)
    return copy


def noisy_party(party: Party, rng: Random, rates: Rates = USUAL) -> Party:
    """Give a party as it is written another time."""
    given, family = _names(party, rng, rates)
    return replace(
        party,
        given_name=given,
        family_name=family,
        middle_name="" if rng.random() < rates.middle_lost else party.middle_name,
        birth_date=_birth(party.birth_date, rng, rates),
        national_id=_sin(party.national_id, rng, rates),
        addresses=_addresses(party.addresses, rng, rates),
        phones=_phones(party.phones, rng, rates),
        emails=_emails(party.emails, rng, rates),
        bank_account=_account(party.bank_account, rng, rates),
    )


def _names(party: Party, rng: Random, rates: Rates) -> tuple[str, str]:
    given = _given(party.given_name, rng, rates)
    family = _family(party.family_name, rng, rates)
    if rng.random() < rates.plain_letters:
        given, family = fold(given).upper(), fold(family).upper()
    if rng.random() < rates.swapped_names and given:
        given, family = family, given
    return given, family


def _given(given: str, rng: Random, rates: Rates) -> str:
    short = _NICKNAMES.get(fold(given))
    if short and rng.random() < rates.nickname:
        given = rng.choice(short).capitalize()
    if "-" in given and rng.random() < rates.half_of_double:
        given = given.replace("-", rng.choice((" ", "")))
    return _misspelled(given, rng, rates)


def _family(family: str, rng: Random, rates: Rates) -> str:
    if rng.random() < rates.other_family:
        return "".join(
            rng.choice(("ba", "du", "mar", "lo", "ter", "vin", "ka")) for _ in range(3)
        ).capitalize()
    if "-" in family and rng.random() < rates.half_of_double:
        family = rng.choice((*family.split("-"), family.replace("-", " ")))
    return _misspelled(family, rng, rates)


def _misspelled(name: str, rng: Random, rates: Rates) -> str:
    if rng.random() < rates.typo:
        name = mistyped(name, rng)
    if rng.random() < rates.scanned:
        name = scanned(name, rng)
    return name or "X"


def mistyped(text: str, rng: Random) -> str:
    """Leave a letter out, double one, strike a wrong one, or two in the wrong order."""
    if len(text) < 2:
        return text
    place = rng.randrange(len(text) - 1)
    before, here, there, after = text[:place], text[place], text[place + 1], text[place + 2 :]
    wrong = rng.choice(_KEYBOARD)
    return before + rng.choice((there, here + here + there, wrong + there, there + here)) + after


def scanned(text: str, rng: Random) -> str:
    """Read one letter as a scanner may: o as 0, m as rn."""
    places = [place for place, letter in enumerate(text) if letter in _OCR]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + _OCR[text[place]] + text[place + 1 :]


def _birth(day: date | None, rng: Random, rates: Rates) -> date | None:
    if day is None:
        return None
    if day.day <= 12 and rng.random() < rates.swapped_date:
        return date(day.year, day.day, day.month)
    if rng.random() < rates.mistyped_date:
        return day + timedelta(days=rng.choice((-10, -1, 1, 10, 365, -365)))
    return day


def _sin(sin: str, rng: Random, rates: Rates) -> str:
    if rng.random() < rates.sin_missing:
        return ""
    if sin and rng.random() < rates.sin_mistyped:
        # One that the form took, as its check digit holds.
        first = sin[:4] + str(rng.randrange(10_000)).zfill(4)
        return first + check_digit(first)
    return sin


def _addresses(addresses: tuple[Address, ...], rng: Random, rates: Rates) -> tuple[Address, ...]:
    written = tuple(_rewritten(address, rng, rates) for address in addresses)
    if not written or rng.random() >= rates.moved:
        return written
    current = new_address(rng)
    previous = replace(written[0], kind=AddressKind.PREVIOUS)
    return (current, previous) if rng.random() < 0.5 else (current,)


def new_address(rng: Random) -> Address:
    """Give an address anywhere in Canada."""
    table, (english, french) = places(), streets()
    place = int(table.table[rng.randrange(len(table.table))])
    street = rng.choice(french if table.is_french[place] else english)
    return Address(
        line=f"{rng.randrange(1, 4_000)} {street}",
        city=table.cities[place],
        province=table.provinces[place],
        postal_code=f"{table.fsas[place]} {rng.choice(UNITS)}",
    )


def _rewritten(address: Address, rng: Random, rates: Rates) -> Address:
    line, postal = address.line, address.postal_code
    if rng.random() < rates.address_rewritten:
        if found := _UNIT.match(line):
            unit, civic, street = found.groups()
            line = rng.choice(
                (
                    f"{civic} {street}, Apt {unit}",
                    f"{civic} {street} app. {unit}",
                    f"#{unit}, {civic} {street}",
                )
            )
        line = " ".join(_SHORT.get(word, word) for word in line.split())
        postal = rng.choice((postal.replace(" ", ""), postal.lower(), postal))
    if len(postal) > 2 and rng.random() < rates.postal_mistyped:
        postal = f"{postal[:-1]}{rng.randrange(10)}"
    return replace(address, line=line, postal_code=postal)


def _phones(phones: tuple[Phone, ...], rng: Random, rates: Rates) -> tuple[Phone, ...]:
    if rng.random() < rates.phones_missing:
        return ()
    return tuple(
        replace(phone, number=phone.number[:5] + str(rng.randrange(2_000_000, 10_000_000)))
        if rng.random() < rates.phone_changed
        else phone
        for phone in phones
    )


def _emails(emails: tuple[str, ...], rng: Random, rates: Rates) -> tuple[str, ...]:
    if rng.random() < rates.email_missing:
        return ()
    return tuple(_email(email, rng, rates) for email in emails)


def _email(email: str, rng: Random, rates: Rates) -> str:
    local, _, domain = email.partition("@")
    if rng.random() < rates.email_changed:
        return (
            f"{local[:3]}{rng.randrange(1_000_000)}@{_one(('outlook.com', 'gmail.com', 'example.ca'), rng)}"
        )
    if rng.random() >= rates.email_rewritten:
        return email
    if domain == "gmail.com" and len(local) > 4:
        return f"{local[:3]}.{local[3:]}@{domain}"
    return _one((f"{local}+bank@{domain}", email.upper()), rng)


def _account(account: BankAccount | None, rng: Random, rates: Rates) -> BankAccount | None:
    if account is None or rng.random() >= rates.account_changed:
        return account
    other = BankAccount(
        institution="004", transit=f"{rng.randrange(90_000):05}", number=f"{rng.randrange(10**7):07}"
    )
    return _one((None, other), rng)


def _one(choices: Sequence[T], rng: Random) -> T:
    return choices[rng.randrange(len(choices))]
