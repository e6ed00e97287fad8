"""The keyring: data keys wrapped under one key per purpose, which a provider holds and never gives away."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, NewType, NoReturn, Protocol

KEY_BYTES = 32

WrappedKey = NewType("WrappedKey", bytes)


class Purpose(StrEnum):
    """What a key is for; a key of one purpose opens nothing of another."""

    CAMPAIGN_CODES = "campaign-codes"
    MANIFESTS = "manifests"
    # Consumers of a market.
    MEMBERS = "members"
    # Secrets of the people who sign in: one-time passwords, single sign-on.
    PEOPLE = "people"
    # Signatures over the heads of the trail.
    TRAIL = "trail"
    # Signatures over what was erased or removed.
    CERTIFICATES = "certificates"
    # Signatures over what institutions get back.
    RESULTS = "results"
    # "Is it the same?" within one market or institution.
    TOKENS = "tokens"
    APPLICANTS = "applicants"
    # The consortium's two halves: no process holds both.
    TOKENS_SCREENING = "tokens-screening"
    TOKENS_REGISTRY = "tokens-registry"


EVERY_PURPOSE = frozenset(Purpose)


class UnwrapError(ValueError):
    """A wrapped key does not open; deliberately one error for every way in which it can be wrong."""

    code = "unwrap-failed"

    def __init__(self) -> None:
        super().__init__("This key cannot be unwrapped here.")


class NotHeldError(ValueError):
    """This process was not given the keys of this purpose."""

    code = "purpose-not-held"

    def __init__(self, purpose: Purpose) -> None:
        super().__init__(f"This process does not hold the keys of {purpose}.")


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What may be told of a key-encryption key: its name, and when it was made (RFC 3339, "" if unknown)."""

    id: str
    created_at: str


class KeyProvider(Protocol):
    """Where the key-encryption keys live: a file or a KMS. They never leave the provider."""

    @property
    def name(self) -> str: ...

    def wrap(self, purpose: Purpose, context: str, plain: bytes) -> WrappedKey: ...

    def unwrap(self, purpose: Purpose, context: str, wrapped: bytes) -> bytes:
        """Open *wrapped*.

        :raises UnwrapError: made for another purpose or context, by another key, or damaged
        """

    def first_seed(self, purpose: Purpose, context: str) -> bytes:
        """Give the 32 bytes that the first signing key of a purpose is made of."""

    def newest(self, purpose: Purpose) -> KeyFacts:
        """Name the key that wraps now."""

    def wrapped_by(self, wrapped: bytes) -> str:
        """Name the key that wrapped this; "" for what is no envelope of this provider."""


class Keyring:
    """Makes and opens data keys; remembers opened ones for five minutes, in this process alone.

    *purposes*: those that this process was given; it is refused all others, whatever the provider would do.
    """

    REMEMBERED_SECONDS: ClassVar[float] = 300.0
    REMEMBERED_KEYS: ClassVar[int] = 1024

    def __init__(
        self,
        provider: KeyProvider,
        *,
        purposes: Iterable[Purpose] = EVERY_PURPOSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._purposes = frozenset(purposes)
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[Purpose, str, bytes], tuple[float, bytes]] = OrderedDict()

    @property
    def provider_name(self) -> str:
        return self._provider.name

    def holds(self, purpose: Purpose) -> bool:
        """Say whether this process was given the keys of a purpose."""
        return purpose in self._purposes

    def new_data_key(self, purpose: Purpose, context: str) -> WrappedKey:
        """Make a random 256-bit key and return it wrapped: 69 bytes from the file provider.

        *context* names the one thing that it is for, as "campaign:cmp_…"; it opens under no other.
        """
        return self.wrap(purpose, context, secrets.token_bytes(KEY_BYTES))

    def wrap(self, purpose: Purpose, context: str, plain: bytes) -> WrappedKey:
        """Wrap a 256-bit key that is there already, such as a signing seed.

        :raises NotHeldError: the purpose is not this process's
        """
        self._check_held(purpose)
        return self._provider.wrap(purpose, context, plain)

    def unwrap(self, purpose: Purpose, context: str, wrapped: bytes | memoryview) -> bytes:
        """Open a wrapped key, from memory if it was opened in the last five minutes.

        :raises UnwrapError: made for another purpose or context, by another key, or damaged
        :raises NotHeldError: the purpose is not this process's
        """
        self._check_held(purpose)
        wrapped = bytes(wrapped)
        remembered = self._remembered(_place(purpose, context, wrapped))
        if remembered:
            return remembered
        plain = self._provider.unwrap(purpose, context, wrapped)
        with self._lock:
            now = self._clock()
            self._forget_old(now)
            self._opened.pop(_place(purpose, context, wrapped), None)
            self._opened[_place(purpose, context, wrapped)] = (now, plain)
        return plain

    def remembers(self, purpose: Purpose, context: str, wrapped: bytes | memoryview) -> bool:
        """Say whether a key would open from memory, without the provider."""
        return bool(self._remembered(_place(purpose, context, bytes(wrapped))))

    def forget(self) -> None:
        """Forget every opened key."""
        with self._lock:
            self._opened.clear()

    def rewrap(self, purpose: Purpose, context: str, wrapped: bytes | memoryview) -> WrappedKey:
        """Wrap the same key under the newest key-encryption key.

        :raises UnwrapError: made for another purpose or context, by another key, or damaged
        """
        self._check_held(purpose)
        return self._provider.wrap(purpose, context, self._provider.unwrap(purpose, context, bytes(wrapped)))

    def is_stale(self, purpose: Purpose, wrapped: bytes | memoryview) -> bool:
        """Say whether a key was wrapped by another key-encryption key than the newest."""
        return self._provider.wrapped_by(bytes(wrapped)) != self.newest(purpose).id

    def wrapped_by(self, purpose: Purpose, wrapped: bytes | memoryview) -> str:
        """Name the key-encryption key that wrapped this; "" for what is no envelope of this provider."""
        self._check_held(purpose)
        return self._provider.wrapped_by(bytes(wrapped))

    def newest(self, purpose: Purpose) -> KeyFacts:
        """Name the key-encryption key that wraps now."""
        self._check_held(purpose)
        return self._provider.newest(purpose)

    def signing_seed(self, purpose: Purpose, context: str = "") -> bytes:
        """Give the 32-byte Ed25519 seed of *purpose* and *context* that its first signing key is made of.

        The file derives it, the same each time; a KMS derives nothing, so there it is random, and has to be kept.
        """
        self._check_held(purpose)
        return self._provider.first_seed(purpose, f"ed25519:{context}")

    def _check_held(self, purpose: Purpose) -> None:
        if purpose not in self._purposes:
            raise NotHeldError(purpose)

    def _remembered(self, place: tuple[Purpose, str, bytes]) -> bytes:
        with self._lock:
            opened_at, plain = self._opened.get(place, (0.0, b""))
        return plain if plain and self._clock() - opened_at < self.REMEMBERED_SECONDS else b""

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


def _place(purpose: Purpose, context: str, wrapped: bytes) -> tuple[Purpose, str, bytes]:
    return purpose, context, sha256(wrapped).digest()
