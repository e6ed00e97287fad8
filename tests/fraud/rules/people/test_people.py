"""People who do not exist look like people who do, and are the same ones every time."""

from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from fraud.rules.elements import is_sin
from fraud.rules.people import draws
from fraud.rules.people.people import MOST_PEOPLE, people, people_of
from fraud.rules.provinces import AREA_CODES, POSTAL_LETTERS

CROWD = list(people(7, 20_000))


def test_the_same_seed_gives_the_same_people_in_any_order() -> None:
    numbers = np.array([19_999, 3, 5_000], dtype=np.uint64)

    assert people_of(7, numbers) == [CROWD[19_999], CROWD[3], CROWD[5_000]]
    assert list(people(7, 10, start=4_095)) == CROWD[4_095:4_105]


def test_another_seed_gives_other_people() -> None:
    others = list(people(8, 100))

    assert not {each.sin for each in others} & {each.sin for each in CROWD[:100]}
    assert [each.family_name for each in others] != [each.family_name for each in CROWD[:100]]


def test_each_has_a_sin_of_the_range_that_is_nobodys() -> None:
    assert all(is_sin(each.sin) and each.sin.startswith("0") for each in CROWD)
    assert len({each.sin for each in CROWD}) == len(CROWD)


def test_surnames_are_skewed_and_many() -> None:
    counts = Counter(each.family_name for each in CROWD)

    top = sum(count for _, count in counts.most_common(10)) / len(CROWD)
    assert 0.03 < top < 0.15
    assert len(counts) > 3_000


def test_postal_codes_and_telephones_lie_in_their_province() -> None:
    assert all(each.address.province in POSTAL_LETTERS[each.address.postal_code[0]] for each in CROWD)
    assert all(
        each.address.province in AREA_CODES[phone.number[2:5]] for each in CROWD for phone in each.phones
    )


def test_households_share_their_address_and_mostly_a_name() -> None:
    partners = [(one, other) for one, other in pairwise(CROWD) if one.household == other.household]

    assert len(partners) > 5_000
    assert all(one.address == other.address for one, other in partners)
    assert sum(one.family_name == other.family_name for one, other in partners) > len(partners) * 0.4


def test_applicants_are_of_age() -> None:
    assert date(1925, 1, 1) < min(each.birth_date for each in CROWD)
    assert max(each.birth_date for each in CROWD) < date(2008, 1, 15)


def test_there_are_as_many_people_as_sins() -> None:
    assert next(iter(people(1, 1, start=MOST_PEOPLE - 1))).number == MOST_PEOPLE - 1
    with pytest.raises(ValueError, match="people"):
        next(iter(people(1, 1, start=MOST_PEOPLE)))


def test_draws_are_those_of_splitmix() -> None:
    # Written out once, so that a seed means the same people on every machine and in every year.
    bits = draws.draw(1, 2, np.array([0, 1], dtype=np.uint64))

    assert bits.tolist() == [18100786132221392830, 11133945435172166296]
    assert draws.pick(bits, draws.slots([1, 1])).max() <= 1
