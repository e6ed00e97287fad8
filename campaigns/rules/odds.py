"""How hard it is to guess a code, and which format is hard enough."""

from campaigns.rules.alphabets import CROCKFORD, UNAMBIGUOUS
from campaigns.rules.formats import LONGEST_PAYLOAD, CodeFormat


def guess_odds(live: int, space: int) -> int | None:
    """Give N of "one guess in N finds a live code", rounded down; None when nothing is live.

    A check character does not count: who guesses can work it out.
    """
    if live < 0 or space < 1:
        raise ValueError("Live codes and space cannot be negative.")
    return space // live if live else None


def expected_guesses(live: int, space: int, tries_per_day: int, days: int) -> float:
    """Give how many live codes an attacker finds on average with so many tries a day."""
    return live / space * tries_per_day * days


def passes(code_format: CodeFormat, live: int, floor: int) -> bool:
    """Say whether one guess in `floor` or fewer finds one of the `live` codes, and whether they all fit."""
    return live <= most_codes(code_format, floor)


def most_codes(code_format: CodeFormat, floor: int) -> int:
    """Give the most codes that may be live under a floor of one in `floor`."""
    return min(code_format.space // max(floor, 1), code_format.capacity)


def nearest_format(code_format: CodeFormat, live: int, floor: int) -> CodeFormat | None:
    """Give the nearest format that passes: this one, a longer one, or one of a larger preset.

    None if the longest codes of the largest preset would not pass either.
    """
    alphabets = [code_format.alphabet]
    alphabets += [preset for preset in (UNAMBIGUOUS, CROCKFORD) if len(preset) > code_format.radix]
    for alphabet in alphabets:
        for length in range(code_format.length, LONGEST_PAYLOAD + code_format.has_check + 1):
            is_same = (alphabet, length) == (code_format.alphabet, code_format.length)
            candidate = code_format if is_same else code_format.with_length(length, alphabet)
            if passes(candidate, live, floor):
                return candidate
    return None
