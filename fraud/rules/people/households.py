"""Households: who lives with whom, where, and under which name; five people in a row make one to five of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.rules.people import draws
from fraud.rules.people.names import communities
from fraud.rules.people.places import places

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pair = tuple[Numbers, Numbers]

# How five people divide, by the place of the first member of each one's household; the frequent ones more than once.
_PATTERNS = np.array(
    [
        [0, 1, 2, 3, 4],
        [0, 0, 2, 3, 4],
        [0, 0, 2, 2, 4],
        [0, 0, 2, 2, 4],
        [0, 0, 2, 2, 2],
        [0, 1, 1, 3, 3],
        [0, 0, 0, 3, 3],
        [0, 0, 0, 0, 4],
    ]
)
GROUP = 5
# Shares of communities (as in names.COMMUNITIES) in Quebec and elsewhere.
_SHARES_FRENCH = (0.09, 0.72, 0.03, 0.03, 0.05, 0.08)
_SHARES_ENGLISH = (0.56, 0.06, 0.11, 0.12, 0.11, 0.04)

# What draws are for; each has numbers of its own.
(_PATTERN, _PLACE, _UNIT, _COMMUNITY, _FAMILY, _HEAD_AGE, _OWN_NAME, _OTHER_FAMILY, _AGE) = range(100, 109)


class Households(NamedTuple):
    """For each person of a run: the household, the place in it, and what they have by it."""

    # The number of its first member.
    first: Numbers
    # 0 for the first member, who is its head.
    member: Numbers
    # A row of `places()`.
    place: Numbers
    # Of `places.UNITS`.
    postal_unit: Numbers
    community: Numbers
    family: Numbers
    # The other half of a double name, or -1.
    second_family: Numbers
    age: Numbers


def households_of(seed: int, numbers: draws.Words) -> Households:
    """Give the households of people by their numbers."""
    pattern = draws.below(draws.draw(seed, _PATTERN, numbers // np.uint64(GROUP)), len(_PATTERNS))
    seat = (numbers % np.uint64(GROUP)).astype(np.int64)
    start = _PATTERNS[pattern, seat]
    member = seat - start
    first = numbers.astype(np.int64) - member
    head = first.astype(np.uint64)
    place = draws.pick(draws.draw(seed, _PLACE, head), places().table)
    community = _communities(seed, head, place)
    family, second = _families(seed, numbers, member, community, places().is_french[place])
    return Households(
        first=first,
        member=member,
        place=place,
        postal_unit=draws.below(draws.draw(seed, _UNIT, head), 1800),
        community=community,
        family=family,
        second_family=second,
        age=_ages(seed, numbers, head, member),
    )


_FRENCH_TABLE, _ENGLISH_TABLE = draws.slots(_SHARES_FRENCH), draws.slots(_SHARES_ENGLISH)


def _communities(seed: int, head: draws.Words, place: Numbers) -> Numbers:
    bits = draws.draw(seed, _COMMUNITY, head)
    return np.where(
        places().is_french[place], draws.pick(bits, _FRENCH_TABLE), draws.pick(bits, _ENGLISH_TABLE)
    )


def _families(seed: int, numbers: draws.Words, member: Numbers, community: Numbers, is_french: Flags) -> Pair:
    """Give family names: the second member often keeps an own one, in Quebec nearly always; children may have both."""
    head = numbers - member.astype(np.uint64)
    of_head, own = draws.draw(seed, _FAMILY, head), draws.draw(seed, _OTHER_FAMILY, numbers)
    of_second = draws.draw(seed, _OTHER_FAMILY, head + np.uint64(1))
    bits = draws.draw(seed, _OWN_NAME, numbers)
    keeps = (member == 1) & draws.chance(bits, np.where(is_french, 0.85, 0.35))
    is_double = (member >= 2) & draws.chance(bits, np.where(is_french, 0.35, 0.06))
    family, second = np.zeros(len(numbers), dtype=np.int64), np.full(len(numbers), -1, dtype=np.int64)
    for number, names in enumerate(communities()):
        here = community == number
        family[here] = names.families.of(np.where(keeps, own, of_head)[here])
        second[here] = np.where(is_double[here], names.families.of(of_second[here]), -1)
    return family, second


def _ages(seed: int, numbers: draws.Words, head: draws.Words, member: Numbers) -> Numbers:
    """Give ages in days: a head of 22 to 83, a second within eight years of it, others a generation younger."""
    first, second = draws.draw(seed, _HEAD_AGE, head), draws.draw(seed, _AGE, numbers)
    years_of_head = 22 + draws.below(first, 40) + draws.below(first << np.uint64(32), 23)
    apart = draws.below(second, 16) - 8
    younger = years_of_head - 20 - draws.below(second, 16)
    years = np.select(
        [member == 0, member == 1],
        [years_of_head, np.maximum(years_of_head + apart, 19)],
        np.where(younger >= 18, younger, 18 + draws.below(second, 12)),
    )
    days: Numbers = years * 365 + years // 4 + draws.below(second << np.uint64(32), 365)
    return days
