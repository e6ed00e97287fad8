"""Social insurance numbers: which ones can be somebody's, and which range is ours to make up."""

import re

_NINE = re.compile(r"[0-9]{9}", re.ASCII)

# A doubled digit, its two digits added (Luhn; ISO/IEC 7812-1, annex B).
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

# Service Canada issues none that begins with 0, so generated people have theirs from there and are nobody's. It is
# accepted all the same, unlike by stdnum.ca.sin: the tax agency gives such numbers to people without one.
RESERVED = "0"

# Numbers that forms are filled with when there is none, and the one that is printed on the specimen card.
_FILLERS = frozenset({"123456782", *(str(digit) * 9 for digit in range(10))})


def check_digit(first_eight: str) -> str:
    """Give the ninth digit of a SIN."""
    total = sum(_DOUBLED[int(digit)] if place % 2 else int(digit) for place, digit in enumerate(first_eight))
    return str(-total % 10)


def is_sin(text: str) -> bool:
    """Say whether nine digits are a SIN: the check digit holds, and it is no filler such as 000000000."""
    if _NINE.fullmatch(text) is None or text in _FILLERS:
        return False
    # Spelled out, as it runs for every party of a million rows.
    odd = int(text[0]) + int(text[2]) + int(text[4]) + int(text[6]) + int(text[8])
    even = _DOUBLED[int(text[1])] + _DOUBLED[int(text[3])] + _DOUBLED[int(text[5])] + _DOUBLED[int(text[7])]
    return (odd + even) % 10 == 0


def is_temporary(sin: str) -> bool:
    """Say whether a SIN is of a temporary resident: those begin with 9 and expire."""
    return sin.startswith("9")
