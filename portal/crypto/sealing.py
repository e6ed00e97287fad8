"""Sealing: AES-256-GCM envelopes that open in their own place only, under the data key that they name."""

import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, NoReturn, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.crypto.keyring import KEY_BYTES

ENVELOPE_VERSION = 1
KEY_ID_BYTES = 8
KEY_VERSION_BYTES = 2
NONCE_BYTES = 12
TAG_BYTES = 16
_HEADER_BYTES = 1 + KEY_ID_BYTES + KEY_VERSION_BYTES
# What an envelope adds to its content.
OVERHEAD_BYTES = _HEADER_BYTES + NONCE_BYTES + TAG_BYTES


class UnsealError(ValueError):
    """A sealed value does not open; deliberately one error for every way in which it can be wrong."""

    code = "unseal-failed"

    def __init__(self) -> None:
        super().__init__("This value cannot be unsealed here.")


class Place(NamedTuple):
    """Where a sealed value lies: it opens nowhere else. *row* is a public id, which never changes."""

    table: str
    column: str
    row: str


@dataclass(frozen=True, slots=True)
class DataKey:
    """A 256-bit key that seals at most 2^32 values, with the name by which envelopes refer to it."""

    secret: bytes = field(repr=False)
    id: bytes
    version: int = 1

    @classmethod
    def of(cls, secret: bytes, *, version: int = 1) -> Self:
        """Name a key by its own bits: the first 8 bytes of a SHA-256 tell nothing of 256 random ones."""
        return cls(secret, sha256(b"countersign-key-id\0" + secret).digest()[:KEY_ID_BYTES], version)

    @classmethod
    def new(cls) -> Self:
        """Make a random key."""
        return cls.of(secrets.token_bytes(KEY_BYTES))

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is never pickled.")


def seal(key: DataKey, plain: bytes, *, place: Place) -> bytes:
    """Seal *plain*: version (1 byte), key id (8), key version (2), nonce (12), ciphertext, tag (16)."""
    header = bytes([ENVELOPE_VERSION]) + key.id + key.version.to_bytes(KEY_VERSION_BYTES)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return header + nonce + AESGCM(key.secret).encrypt(nonce, plain, _bound_to(header, place))


def unseal(key: DataKey, sealed: bytes | memoryview, *, place: Place) -> bytes:
    """Open what `seal` sealed with the same key at the same place.

    :raises UnsealError: another key, another place, damaged, or no envelope at all
    """
    sealed = bytes(sealed)
    header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
    if key_of(sealed) != (key.id, key.version):
        raise UnsealError
    try:
        bound = _bound_to(header, place)
        return AESGCM(key.secret).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise UnsealError from None


def key_of(sealed: bytes | memoryview) -> tuple[bytes, int]:
    """Name the key that sealed this: its id and version.

    :raises UnsealError: no envelope of a known version
    """
    sealed = bytes(sealed)
    if len(sealed) < OVERHEAD_BYTES or sealed[0] != ENVELOPE_VERSION:
        raise UnsealError
    return sealed[1 : 1 + KEY_ID_BYTES], int.from_bytes(sealed[1 + KEY_ID_BYTES : _HEADER_BYTES])


def _bound_to(header: bytes, place: Place) -> bytes:
    # Each part with its length, so that no two places give the same bytes.
    return _MARK + header + _of_column(place.table, place.column) + _sized(place.row.encode())


@lru_cache(maxsize=256)
def _of_column(table: str, column: str) -> bytes:
    return _sized(table.encode()) + _sized(column.encode())


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(4) + part


_MARK = _sized(b"countersign-sealed") + _HEADER_BYTES.to_bytes(4)
