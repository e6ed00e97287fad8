"""Public ids: a prefix that says the kind, a time that keeps them in order, and 80 random bits."""

import secrets
import time

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26


def new_id(prefix: str) -> str:
    """Make an id such as `bat_01k4…`: 48 bits of Unix milliseconds, 80 random bits (the layout of ULID)."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    letters = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 32)
        letters.append(_CROCKFORD[digit])
    return f"{prefix}_{''.join(reversed(letters))}"


def shortened(public_id: str) -> str:
    """Write an id in little room, such as `bat_…x3k9w2`: ids of one hour begin alike, and differ at their ends."""
    prefix, joint, rest = public_id.rpartition("_")
    return f"{prefix}{joint}…{rest[-6:]}" if len(rest) > 8 else public_id
