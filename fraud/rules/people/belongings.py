"""What people have: an address, telephones, a mailbox, an account, work."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraud.rules.canonical import Address, BankAccount, Employment, Phone, PhoneKind
from fraud.rules.people import draws
from fraud.rules.people.households import Households
from fraud.rules.people.places import UNITS, places, streets

_DOMAINS = [
    "outlook.com",
    "hotmail.com",
    "yahoo.ca",
    "icloud.com",
    "example.ca",
    "example.com",
    "example.org",
]


def _words(text: str, sign: str | None = None) -> NDArray[Any]:
    return np.array([word.strip() for word in text.strip().split(sign)], dtype=object)


_BANKS = _words("001 002 003 004 006 010 016 815 614 623")
# Gmail has as many as all others together.
_MAIL = np.array(["gmail.com"] * 7 + _DOMAINS, dtype=object)
_EMPLOYERS = _words(
    """
    Northern Foods|Maple Logistics|Boulangerie du Coin|Ville de Laval|Clinique Santé Plus|Prairie Grain Co-op|
    Atlantic Fisheries|Great Lakes Steel|Rocky Mountain Outfitters|Garage Gagnon|Construction Bélanger|Home Care West|
    Pacific Software|Regional School Board|Centre de services scolaire|Transit Commission|Harbour Hotels|
    Shield Mining|Caisse du Nord|Green Valley Farms|Dépanneur Chez Lise|Polar Airlines|Metro Hospital|
    Lakeside Dental|Les Entreprises Dubois
    """,
    "|",
)
_OCCUPATIONS = _words(
    """
    nurse teacher driver cashier electrician engineer cook accountant manager clerk welder programmer carpenter cleaner
    mechanic salesperson receptionist labourer pharmacist technician
    """
)
_WORK = np.array(list(Employment), dtype=object)
_WORK_TABLE = draws.slots([76, 13, 3, 0, 5, 3])
_RETIRED, _STUDENT = 3, 2

# What draws are for.
_STREET, _CIVIC, _FLAT, _MOBILE, _HOME, _MAILBOX, _BANK, _WORKS, _INCOME = range(10, 19)


def addresses(seed: int, homes: Households) -> list[Address]:
    """Give the address of each: the postal code names a street and a stretch of numbers, as it does in towns."""
    table, heads = places(), homes.first.astype(np.uint64)
    block = (homes.place * len(UNITS) + homes.postal_unit).astype(np.uint64)
    of_block, flat = draws.draw(seed, _STREET, block), draws.draw(seed, _FLAT, heads)
    english, french = streets()
    street = np.where(
        table.is_french[homes.place],
        french[draws.below(of_block, len(french))],
        english[draws.below(of_block, len(english))],
    )
    # Two in five live in a house of flats, of which a block has few.
    is_flat = draws.chance(flat, 0.4)
    number = draws.below(draws.draw(seed, _CIVIC, heads), np.where(is_flat, 3, 40))
    civic = 1 + draws.below(of_block << np.uint64(32), 4_000) + 2 * number
    rows = zip(
        is_flat.tolist(), (1 + draws.below(flat << np.uint64(32), 400)).tolist(), civic.tolist(), street.tolist(),
        table.cities[homes.place].tolist(), table.provinces[homes.place].tolist(),
        (table.fsas[homes.place] + " " + UNITS[homes.postal_unit]).tolist(), strict=True,
    )  # fmt: skip
    return [
        Address(
            line=f"{unit}-{civic} {street}" if flat else f"{civic} {street}",
            city=city,
            province=province,
            postal_code=postal,
        )
        for flat, unit, civic, street, city, province, postal in rows
    ]


def phones(seed: int, numbers: draws.Words, homes: Households) -> list[tuple[Phone, ...]]:
    """Give everybody a mobile telephone, and every third household one at home."""
    table, heads = places(), homes.first.astype(np.uint64)
    mobile, home = draws.draw(seed, _MOBILE, numbers), draws.draw(seed, _HOME, heads)
    own = _lines(table.area_codes[homes.place, draws.below(mobile << np.uint64(40), 3)], mobile)
    shared = _lines(table.area_codes[homes.place, 0], home)
    has_shared = draws.chance(home * np.uint64(3), 0.33).tolist()
    return [
        (Phone(number=mine), Phone(kind=PhoneKind.HOME, number=ours)) if both else (Phone(number=mine),)
        for mine, ours, both in zip(own, shared, has_shared, strict=True)
    ]


def _lines(area_codes: NDArray[Any], bits: draws.Words) -> list[str]:
    """Give numbers in E.164; exchanges begin with 2 to 9 (North American Numbering Plan)."""
    return [
        f"+1{code}{line}"
        for code, line in zip(
            area_codes.tolist(), (2_000_000 + draws.below(bits, 8_000_000)).tolist(), strict=True
        )
    ]


def emails(
    seed: int, numbers: draws.Words, serials: NDArray[np.int64], plain: list[tuple[str, str]]
) -> list[str]:
    bits = draws.draw(seed, _MAILBOX, numbers)
    rows = zip(
        plain, draws.below(bits, 4).tolist(), (serials % 100_000).tolist(),
        _MAIL[draws.below(bits << np.uint64(32), len(_MAIL))].tolist(), strict=True,
    )  # fmt: skip
    return [_mailbox(given, family, shape, number, domain) for (given, family), shape, number, domain in rows]


def _mailbox(given: str, family: str, shape: int, number: int, domain: str) -> str:
    if shape == 0:
        return f"{given}.{family}{number}@{domain}"
    if shape == 1:
        return f"{given}{family}{number}@{domain}"
    if shape == 2:
        return f"{given[:1]}{family}{number}@{domain}"
    return f"{family}.{given}.{number}@{domain}"


def accounts(seed: int, numbers: draws.Words, serials: NDArray[np.int64]) -> list[BankAccount]:
    bits = draws.draw(seed, _BANK, numbers)
    rows = zip(
        _BANKS[draws.below(bits, len(_BANKS))].tolist(), draws.below(bits << np.uint64(32), 90_000).tolist(),
        serials.tolist(), strict=True,
    )  # fmt: skip
    return [
        BankAccount(institution=bank, transit=f"{transit:05}", number=f"{serial:07}")
        for bank, transit, serial in rows
    ]


def work(
    seed: int, numbers: draws.Words, age: NDArray[np.int64]
) -> tuple[list[Employment], list[str], list[str], list[int]]:
    """Give employment, employer, occupation and income, by age."""
    bits, years = draws.draw(seed, _WORKS, numbers), age // 365
    usual = draws.pick(bits, _WORK_TABLE)
    kind = np.where(years >= 66, _RETIRED, np.where((years < 23) & draws.chance(bits, 0.5), _STUDENT, usual))
    has_work = kind <= 1
    earned = 2_800_000 + 10_000 * draws.below(draws.draw(seed, _INCOME, numbers), 260)
    # One in twenty has several times as much.
    more = 10_000 * draws.below(bits << np.uint64(32), 400) * np.where(draws.chance(bits, 0.05), 4, 1)
    employer = np.where(has_work, _EMPLOYERS[draws.below(bits << np.uint64(16), len(_EMPLOYERS))], "")
    occupation = np.where(has_work, _OCCUPATIONS[draws.below(bits << np.uint64(24), len(_OCCUPATIONS))], "")
    income = np.where(has_work, earned + more, np.where(kind == _RETIRED, earned // 2 + 1_000_000, 900_000))
    return _WORK[kind].tolist(), employer.tolist(), occupation.tolist(), income.tolist()
