"""The check character at the end of a code: Luhn modulo N over the code's own alphabet.

It catches each single wrong character and nearly each swap of two neighbours, so that a typing error costs no
try. It is no secret, and adds nothing against guessing.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def weights(radix: int) -> tuple[list[int], list[int]]:
    """Give what a digit adds at a plain place and at a doubled one, each modulo the radix.

    Luhn adds the two digits of a doubled one, which is a permutation for an even radix. For an odd one it is
    not (1 and 15 of 29 would both give 2), whereas doubling modulo the radix is, and catches every swap too.
    """
    plain = list(range(radix))
    doubled = [2 * digit for digit in plain]
    if radix % 2 == 0:
        doubled = [digit // radix + digit % radix for digit in doubled]
    return plain, [digit % radix for digit in doubled]


def check_digit(digits: Sequence[int], radix: int) -> int:
    """Give the digit that makes the weighted sum a multiple of the radix; the last of `digits` is doubled."""
    plain, doubled = weights(radix)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += plain[digit] if place % 2 else doubled[digit]
    return -total % radix


def check_digits(digits: NDArray[np.uint8], radix: int) -> NDArray[np.uint8]:
    """Give the check digit of each row of digits, shape (N, length)."""
    plain, doubled = (np.array(table, np.uint64) for table in weights(radix))
    total = np.zeros(len(digits), np.uint64)
    for place in range(digits.shape[1]):
        table = plain if (digits.shape[1] - 1 - place) % 2 else doubled
        total += table[digits[:, place]]
    return ((radix - total % np.uint64(radix)) % np.uint64(radix)).astype(np.uint8)


def check_character(payload: str, alphabet: str) -> str:
    """Give the character that follows a payload written in the alphabet."""
    return alphabet[check_digit([alphabet.index(character) for character in payload], len(alphabet))]
