"""The keyring: data keys wrapped under one key per purpose, kept in a file today and in a KMS later."""

import base64
import binascii
import json
import os
import secrets
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, NewType, NoReturn, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
FILE_FORMAT = 1
ENVELOPE_VERSION = 1
KEY_ID_BYTES = 8
NONCE_BYTES = 12
# A key file holds a handful of keys; anything larger is some other file.
MAX_FILE_BYTES = 1_000_000

WrappedKey = NewType("WrappedKey", bytes)


class Purpose(StrEnum):
    """What a key is for; a key of one purpose opens nothing of another."""

    CAMPAIGN_CODES = "campaign-codes"
    MANIFESTS = "manifests"


class KeyFileError(ValueError):
    """The key file cannot be trusted or understood; the message says why and what to do."""

    code = "key-file"


class UnwrapError(ValueError):
    """A wrapped key does not open; deliberately one error for every way in which it can be wrong."""

    code = "unwrap-failed"

    def __init__(self) -> None:
        super().__init__("This key cannot be unwrapped here.")


class KeyProvider(Protocol):
    """Where the key-encryption keys live: a file now, a KMS later. They never leave the provider."""

    def wrap(self, purpose: Purpose, context: str, plain: bytes) -> WrappedKey: ...

    def unwrap(self, purpose: Purpose, context: str, wrapped: bytes) -> bytes:
        """Open *wrapped*.

        :raises UnwrapError: made for another purpose or context, by another key, or damaged
        """

    def derive(self, purpose: Purpose, context: str) -> bytes:
        """Give 32 bytes that are the same for the same purpose, context and newest key."""


@dataclass(frozen=True, slots=True)
class KeyEncryptionKey:
    """One 256-bit key of one purpose; lives as long as anything that it wrapped."""

    id: str
    purpose: Purpose
    created_at: str
    secret: bytes = field(repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is never pickled.")


class FileKeys:
    """The provider that reads key-encryption keys from a JSON file that only its owner can read."""

    def __init__(self, keys: list[KeyEncryptionKey]) -> None:
        self._by_id = {bytes.fromhex(key.id): key for key in keys}
        # Later entries win: the newest key of a purpose wraps, older ones still open what they wrapped.
        self._newest = {key.purpose: key for key in keys}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key file at *path*.

        :raises KeyFileError: absent, readable by others, or malformed
        """
        return cls(_parsed(_read_private(path), path))

    def wrap(self, purpose: Purpose, context: str, plain: bytes) -> WrappedKey:
        """Seal *plain* with AES-256-GCM: version (1 byte), key id (8), nonce (12), ciphertext, tag (16)."""
        key = self._newest_for(purpose)
        header = bytes([ENVELOPE_VERSION]) + bytes.fromhex(key.id)
        # Random nonces are safe for 2^32 wrappings under one key; a key wraps one data key per campaign.
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key.secret).encrypt(nonce, plain, _bound_to(header, purpose, context))
        return WrappedKey(header + nonce + sealed)

    def unwrap(self, purpose: Purpose, context: str, wrapped: bytes) -> bytes:
        """Open what `wrap` sealed for the same purpose and context.

        :raises UnwrapError: made for another purpose or context, by another key, or damaged
        """
        header, rest = wrapped[: 1 + KEY_ID_BYTES], wrapped[1 + KEY_ID_BYTES :]
        key = self._by_id.get(header[1:])
        if header[:1] != bytes([ENVELOPE_VERSION]) or key is None or key.purpose is not purpose:
            raise UnwrapError
        try:
            bound = _bound_to(header, purpose, context)
            return AESGCM(key.secret).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise UnwrapError from None

    def derive(self, purpose: Purpose, context: str) -> bytes:
        """Derive 32 bytes by HKDF-SHA-256 (RFC 5869) from the newest key of *purpose*."""
        bound = _bound_to(b"derive", purpose, context)
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=bound).derive(self._newest_for(purpose).secret)

    def _newest_for(self, purpose: Purpose) -> KeyEncryptionKey:
        if purpose not in self._newest:
            raise KeyFileError(f"The key file has no key for {purpose}.")
        return self._newest[purpose]

    def __repr__(self) -> str:
        return f"<FileKeys {', '.join(sorted(self._newest))}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Keys are never pickled.")


class Keyring:
    """Makes and opens data keys; remembers opened ones for five minutes, in this process alone."""

    REMEMBERED_SECONDS: ClassVar[float] = 300.0
    REMEMBERED_KEYS: ClassVar[int] = 1024

    def __init__(self, provider: KeyProvider, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[Purpose, str, bytes], tuple[float, bytes]] = OrderedDict()

    @classmethod
    def load(cls, path: Path, *, clock: Callable[[], float] = time.monotonic) -> Self:
        """Read the key file at *path*.

        :raises KeyFileError: absent, readable by others, or malformed
        """
        return cls(FileKeys.load(path), clock=clock)

    def new_data_key(self, purpose: Purpose, context: str) -> WrappedKey:
        """Make a random 256-bit key and return it wrapped: 69 bytes from the file provider.

        *context* names the one thing that it is for, as "campaign:cmp_…"; it opens under no other.
        """
        return self._provider.wrap(purpose, context, secrets.token_bytes(KEY_BYTES))

    def unwrap(self, purpose: Purpose, context: str, wrapped: bytes | memoryview) -> bytes:
        """Open a wrapped key, from memory if it was opened in the last five minutes.

        :raises UnwrapError: made for another purpose or context, by another key, or damaged
        """
        wrapped = bytes(wrapped)
        place = (purpose, context, sha256(wrapped).digest())
        now = self._clock()
        with self._lock:
            opened_at, plain = self._opened.get(place, (0.0, b""))
            if plain and now - opened_at < self.REMEMBERED_SECONDS:
                return plain
        plain = self._provider.unwrap(purpose, context, wrapped)
        with self._lock:
            self._forget_old(now)
            self._opened.pop(place, None)
            self._opened[place] = (now, plain)
        return plain

    def signing_seed(self, purpose: Purpose, context: str = "") -> bytes:
        """Give the 32-byte Ed25519 seed of *purpose* and *context*; the same until the key is replaced."""
        return self._provider.derive(purpose, f"ed25519:{context}")

    def _forget_old(self, now: float) -> None:
        while self._opened:
            opened_at, _ = next(iter(self._opened.values()))
            if now - opened_at < self.REMEMBERED_SECONDS and len(self._opened) < self.REMEMBERED_KEYS:
                return
            self._opened.popitem(last=False)

    def __repr__(self) -> str:
        return f"<Keyring of {self._provider!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A keyring is never pickled.")


def create(path: Path, *, created_at: str) -> bool:
    """Write a new key file with one key per purpose, unless there is one; say whether this call made it.

    Safe when several processes start at once: the file appears whole, by one link, and exactly once.
    *created_at* is an RFC 3339 time, kept for people to read.
    """
    if path.exists():
        return False
    keys = [
        {
            "id": secrets.token_hex(KEY_ID_BYTES),
            "purpose": str(purpose),
            "created_at": created_at,
            "secret": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        }
        for purpose in Purpose
    ]
    text = json.dumps({"format": FILE_FORMAT, "keys": keys}, indent=2) + "\n"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_private(draft, text.encode())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return True


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # Asked of the open file, so that what is checked is what is read.
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise KeyFileError(f"The key file {path} is open to other users. Run: chmod 600 {path}")
            return file.read(MAX_FILE_BYTES)
    except FileNotFoundError:
        raise KeyFileError(f"There is no key file at {path}. Run: bin/manage init_keys") from None
    except OSError as error:
        raise KeyFileError(f"The key file {path} cannot be read: {error.strerror}.") from None


def _parsed(content: bytes, path: Path) -> list[KeyEncryptionKey]:
    try:
        document = json.loads(content)
        file_format, entries = document["format"], document["keys"]
        # A purpose of a newer version is passed over, so that going back a version still starts.
        keys = [_key_from(entry) for entry in entries if entry["purpose"] in set(Purpose)]
    except (ValueError, KeyError, TypeError, AttributeError):
        # The cause stays out of the traceback: it may quote the file.
        raise KeyFileError(f"The key file {path} is damaged. Restore it from its copy.") from None
    if file_format != FILE_FORMAT:
        raise KeyFileError(f"The key file {path} has a format that this version does not know.")
    return keys


def _key_from(entry: Mapping[str, Any]) -> KeyEncryptionKey:
    secret = base64.b64decode(entry["secret"], validate=True)
    if len(secret) != KEY_BYTES or len(bytes.fromhex(entry["id"])) != KEY_ID_BYTES:
        raise binascii.Error("wrong size")
    return KeyEncryptionKey(entry["id"], Purpose(entry["purpose"]), str(entry["created_at"]), secret)


def _bound_to(header: bytes, purpose: Purpose, context: str) -> bytes:
    # No purpose contains a zero byte, so no two pairs of purpose and context give the same bytes.
    return b"\0".join([b"countersign-key", header.hex().encode(), purpose.encode(), context.encode()])
