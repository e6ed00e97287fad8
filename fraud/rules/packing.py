"""Outer tokens in one value: two bytes of kind, one of party, sixteen of token, one after the other."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fraud.rules.elements.kinds import ElementKind

# Never renumbered: these are stored.
NUMBERS: dict[ElementKind, int] = {
    ElementKind.SIN: 1,
    ElementKind.ACCOUNT: 2,
    ElementKind.NAME_BIRTH: 3,
    ElementKind.FAMILY_BIRTH_POSTAL: 4,
    ElementKind.GIVEN_BIRTH_POSTAL: 5,
    ElementKind.BIRTH_PHONE: 6,
    ElementKind.BIRTH_EMAIL: 7,
    ElementKind.NAME_PHONE: 8,
    ElementKind.NAME_EMAIL: 9,
    ElementKind.NAME_CIVIC_POSTAL: 10,
}
KINDS = {number: kind for kind, number in NUMBERS.items()}
PACKED_BYTES = 19


class Packed(NamedTuple):
    """An outer token (16 bytes) with the number of its kind and of the person that it is of."""

    kind: int
    party: int
    token: bytes

    @property
    def head(self) -> int:
        """Give the first half as the signed number that the database has."""
        return int.from_bytes(self.token[:8], signed=True)


def pack(tokens: Iterable[Packed]) -> bytes:
    """Put tokens into one value."""
    return b"".join(each.kind.to_bytes(2) + each.party.to_bytes(1) + each.token for each in tokens)


def unpack(packed: bytes | memoryview) -> Iterator[Packed]:
    """Take the tokens out again."""
    value = bytes(packed)
    for at in range(0, len(value), PACKED_BYTES):
        yield Packed(int.from_bytes(value[at : at + 2]), value[at + 2], value[at + 3 : at + PACKED_BYTES])
