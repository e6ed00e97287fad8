import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.alphabets import CROCKFORD, UNAMBIGUOUS
from campaigns.rules.check_character import check_character, check_digit, check_digits, weights


@pytest.mark.parametrize(
    ("payload", "expected"),
    # The example of the patent (US 2,950,048 as commonly quoted) and well-known test numbers of payment cards.
    [("7992739871", "3"), ("411111111111111", "1"), ("37828224631000", "5"), ("0", "0")],
)
def test_agrees_with_luhn_for_digits(payload, expected):
    assert check_character(payload, "0123456789") == expected


@pytest.mark.parametrize("radix", range(2, 65))
def test_both_weights_are_permutations(radix):
    for table in weights(radix):
        assert sorted(table) == list(range(radix))


@st.composite
def payloads(draw):
    radix = draw(st.integers(2, 64))
    return radix, draw(st.lists(st.integers(0, radix - 1), min_size=8, max_size=16))


@settings(deadline=None)
@given(payloads(), st.data())
def test_catches_each_single_wrong_character(payload, data):
    radix, digits = payload
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.integers(0, radix - 1).filter(lambda digit: digit != digits[place]))

    changed = [*digits[:place], wrong, *digits[place + 1 :]]

    assert check_digit(changed, radix) != check_digit(digits, radix)


@pytest.mark.parametrize("alphabet", [UNAMBIGUOUS, CROCKFORD])
def test_catches_swapped_neighbours(alphabet):
    radix = len(alphabet)
    missed = {
        (a, b)
        for a in range(radix)
        for b in range(a)
        if check_digit([a, b], radix) == check_digit([b, a], radix)
    }

    assert missed == (set() if radix % 2 else {(radix - 1, 0)})


@settings(deadline=None)
@given(st.integers(2, 64), st.integers(8, 16), st.integers(0, 2**32 - 1))
def test_the_array_path_equals_the_scalar_path(radix, length, seed):
    digits = np.random.default_rng(seed).integers(0, radix, (5, length), dtype=np.uint8)

    found = check_digits(digits, radix)

    assert found.tolist() == [check_digit(row.tolist(), radix) for row in digits]
