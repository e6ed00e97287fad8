"""The provider that takes its key-encryption keys from a key file, and reads it again when it was replaced."""

import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.crypto.key_file import KEY_ID_BYTES, KeyEncryptionKey, KeyFileError, mark_of, read
from portal.crypto.keyring import KEY_BYTES, KeyFacts, Purpose, UnwrapError, WrappedKey

ENVELOPE_VERSION = 1
NONCE_BYTES = 12


class FileKeys:
    """Key-encryption keys from a file, read again when a rotation has replaced it."""

    def __init__(
        self, keys: Sequence[KeyEncryptionKey], *, path: Path | None = None, mark: tuple[int, int] = (0, 0)
    ) -> None:
        self.name = "file"
        self._path = path
        self._mark = mark
        self._lock = threading.Lock()
        self._take(keys)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key file at *path*.

        :raises KeyFileError: absent, readable by others, or malformed
        """
        # Marked before it is read: a file that is replaced in between is read again.
        mark = mark_of(path)
        return cls(read(path), path=path, mark=mark)

    def wrap(self, purpose: Purpose, context: str, plain: bytes) -> WrappedKey:
        """Seal *plain* with AES-256-GCM: version (1 byte), key id (8), nonce (12), ciphertext, tag (16)."""
        key = self._newest_for(purpose)
        header = bytes([ENVELOPE_VERSION]) + bytes.fromhex(key.id)
        # Random nonces are safe for 2^32 wrappings under one key; a key wraps one data key per campaign or scope.
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key.secret).encrypt(nonce, plain, _bound_to(header, purpose, context))
        return WrappedKey(header + nonce + sealed)

    def unwrap(self, purpose: Purpose, context: str, wrapped: bytes) -> bytes:
        """Open what `wrap` sealed for the same purpose and context.

        :raises UnwrapError: made for another purpose or context, by another key, or damaged
        """
        header, rest = wrapped[: 1 + KEY_ID_BYTES], wrapped[1 + KEY_ID_BYTES :]
        key = self._known(header[1:])
        if header[:1] != bytes([ENVELOPE_VERSION]) or key is None or key.purpose is not purpose:
            raise UnwrapError
        try:
            bound = _bound_to(header, purpose, context)
            return AESGCM(key.secret).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise UnwrapError from None

    def first_seed(self, purpose: Purpose, context: str) -> bytes:
        """Derive 32 bytes by HKDF-SHA-256 (RFC 5869) from the oldest key of *purpose*: the same each time."""
        bound = _bound_to(b"derive", purpose, context)
        self._newest_for(purpose)
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=bound).derive(self._oldest[purpose].secret)

    def newest(self, purpose: Purpose) -> KeyFacts:
        """Name the key that wraps now, after a look at whether the file was replaced."""
        key = self._newest_for(purpose)
        return KeyFacts(key.id, key.created_at)

    def wrapped_by(self, wrapped: bytes) -> str:
        """Name the key that wrapped this, by the id in its envelope."""
        return wrapped[1 : 1 + KEY_ID_BYTES].hex() if wrapped[:1] == bytes([ENVELOPE_VERSION]) else ""

    def _newest_for(self, purpose: Purpose) -> KeyEncryptionKey:
        self._look_again()
        if purpose not in self._newest:
            raise KeyFileError(f"The key file has no key for {purpose}. Run: bin/manage init_keys")
        return self._newest[purpose]

    def _known(self, key_id: bytes) -> KeyEncryptionKey | None:
        if key_id not in self._by_id:
            # Wrapped by a key that another process has added since.
            self._look_again()
        return self._by_id.get(key_id)

    def _look_again(self) -> None:
        if self._path is None:
            return
        with self._lock:
            mark = mark_of(self._path)
            if mark != self._mark:
                self._take(read(self._path))
                self._mark = mark

    def _take(self, keys: Sequence[KeyEncryptionKey]) -> None:
        self._by_id = {bytes.fromhex(key.id): key for key in keys}
        # Later entries win: the newest key of a purpose wraps, older ones still open what they wrapped.
        self._newest = {key.purpose: key for key in keys}
        self._oldest = {key.purpose: key for key in reversed(keys)}

    def __repr__(self) -> str:
        return f"<FileKeys {', '.join(sorted(self._newest))}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Keys are never pickled.")


def _bound_to(header: bytes, purpose: Purpose, context: str) -> bytes:
    # No purpose contains a zero byte, so no two pairs of purpose and context give the same bytes.
    return b"\0".join([b"countersign-key", header.hex().encode(), purpose.encode(), context.encode()])
