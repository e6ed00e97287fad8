"""People of Canada who do not exist, in households of one to five; the same seed and number give the same person."""

from collections.abc import Iterator
from datetime import date

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from fraud.rules.canonical import Address, BankAccount, Employment, Phone
from fraud.rules.people import belongings, draws
from fraud.rules.people.households import Households, households_of
from fraud.rules.people.names import communities

# As many SINs as the range has that begins with 0, which nobody is issued.
MOST_PEOPLE = 10_000_000
# People are made in runs of so many: long enough for arrays to pay, short enough for the cache.
RUN = 4_096
# The day as of which ages are drawn, so that a seed gives the same people every year.
AS_OF = date(2026, 1, 1)

_DOUBLED = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9])


class Person(Struct, frozen=True, gc=False):
    """Somebody; *number* is theirs in the seed, *household* the number of its first member."""

    number: int
    household: int
    is_woman: bool
    given_name: str
    middle_name: str
    family_name: str
    birth_date: date
    sin: str
    address: Address
    phones: tuple[Phone, ...]
    email: str
    bank_account: BankAccount
    employment: Employment
    employer: str
    occupation: str
    # Minor units a year.
    income: int


# What draws are for; belongings have the numbers from 10 on, households those from 100.
_IS_WOMAN, _GIVEN, _MIDDLE, _JUNIOR = range(4)
# Serials run through all SINs in this stride; seeds begin far from each other.
_BIG_PRIME, _APART = 7_368_787, 3_141_593
_NOBODY = -1
# From one slot of a table of names to a far one.
_NEXT_NAME = 14_009


def people(seed: int, count: int, *, start: int = 0) -> Iterator[Person]:
    """Give *count* people, from the number *start* on.

    Nobody has these names with these numbers, but a telephone number or mailbox may exist: call and write to none.
    :raises ValueError: more than there are SINs to give
    """
    if start < 0 or start + count > MOST_PEOPLE:
        raise ValueError(f"There are numbers for {MOST_PEOPLE:,} people.")
    for first in range(start, start + count, RUN):
        last = min(first + RUN, start + count)
        yield from people_of(seed, np.arange(first, last, dtype=np.uint64))


def people_of(seed: int, numbers: draws.Words) -> list[Person]:
    """Give the people of these numbers, in this order."""
    homes = households_of(seed, numbers)
    is_woman = draws.chance(draws.draw(seed, _IS_WOMAN, numbers), 0.5)
    given, middle, family, plain = _names(seed, numbers, homes, is_woman)
    serials = ((numbers.astype(np.int64) + seed * _APART) * _BIG_PRIME) % MOST_PEOPLE
    columns = (
        numbers.tolist(),
        homes.first.tolist(),
        is_woman.tolist(),
        given,
        middle,
        family,
        [date.fromordinal(day) for day in (AS_OF.toordinal() - homes.age).tolist()],
        _sins(serials),
        belongings.addresses(seed, homes),
        belongings.phones(seed, numbers, homes),
        belongings.emails(seed, numbers, serials, plain),
        belongings.accounts(seed, numbers, serials),
        *belongings.work(seed, numbers, homes.age),
    )
    return [Person(*facts) for facts in zip(*columns, strict=True)]


def _names(
    seed: int, numbers: draws.Words, homes: Households, is_woman: NDArray[np.bool_]
) -> tuple[list[str], list[str], list[str], list[tuple[str, str]]]:
    """Give given, middle and family names, and the first and last as they are in mailboxes."""
    count = len(numbers)
    given, middle, family, second, plain_given, plain_family = (
        np.full(count, "", dtype=object) for _ in range(6)
    )
    first_bits, middle_bits = _given_bits(seed, numbers, homes), draws.draw(seed, _MIDDLE, numbers)
    for number, names in enumerate(communities()):
        for women, list_of in ((True, names.women), (False, names.men)):
            here = (homes.community == number) & (is_woman == women)
            picked = list_of.of(first_bits[here])
            given[here], plain_given[here] = list_of.written[picked], list_of.plain[picked]
            middle[here] = list_of.written[list_of.of(middle_bits[here])]
        here = homes.community == number
        family[here] = names.families.written[homes.family[here]]
        plain_family[here] = names.families.plain[homes.family[here]]
        second[here] = names.families.written[homes.second_family[here]]
    middle[~draws.chance(middle_bits, 0.3)] = ""
    is_double = (homes.second_family != _NOBODY) & (second != family)
    family[is_double] = family[is_double] + "-" + second[is_double]
    return given.tolist(), middle.tolist(), family.tolist(), list(zip(plain_given, plain_family, strict=True))


def _given_bits(seed: int, numbers: draws.Words, homes: Households) -> draws.Words:
    """Give draws of given names: parents name no two children alike, though one of 30 after the head of the house."""
    is_junior = (homes.member >= 2) & draws.chance(draws.draw(seed, _JUNIOR, numbers), 1 / 30)
    steps = np.where(is_junior, 0, homes.member).astype(np.uint64) * np.uint64(_NEXT_NAME)
    return draws.draw(seed, _GIVEN, homes.first.astype(np.uint64)) + steps


def _sins(serials: NDArray[np.int64]) -> list[str]:
    """Give a SIN for each of seven digits: 0, the digits, the check digit (see `elements.sins`)."""
    digits = [serials // 10**place % 10 for place in range(6, -1, -1)]
    # After the leading 0, the first, third, fifth and seventh digit stand at even places, which count double.
    total = sum(_DOUBLED[digit] if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return [f"{number:09}" for number in (serials * 10 + -total % 10).tolist()]
