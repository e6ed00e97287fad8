"""The keys of scopes, opened and remembered for a minute; a scope's first key is made by whoever first seals there."""

import os
import threading
import time
from dataclasses import dataclass, field
from typing import NoReturn

from django.conf import settings
from django.db import connection, transaction

from portal.audit.operations import Fact, record, record_reading
from portal.core import clock
from portal.core.actors import ActorKind, Identity
from portal.core.keys import keyring
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import DataKey, UnsealError, key_of
from portal.keys.models import ScopeKey

PLATFORM = "platform"
# So long another process may still seal with the version before the newest.
REMEMBERED_SECONDS = 60.0
REMEMBERED_SCOPES = 1000
# Keys are opened by a process, for whichever request comes first; who reads a person's data is recorded there.
PROCESS = Identity(kind=ActorKind.SYSTEM, id="system", label="Countersign")


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """One version of a scope's key, open: its row and its secret, which nothing shows."""

    row_id: int
    key: DataKey


@dataclass(frozen=True, slots=True)
class ScopeKeys:
    """The keys of one scope for one purpose, open: the newest seals, every one opens."""

    newest: OpenedKey
    by_id: dict[bytes, OpenedKey] = field(repr=False)

    def opening(self, sealed: bytes | memoryview) -> DataKey:
        """Give the key that sealed this.

        :raises UnsealError: none of this scope did, or it is no envelope
        """
        opened = self.by_id.get(key_of(sealed)[0])
        if opened is None:
            raise UnsealError
        return opened.key

    def __reduce__(self) -> NoReturn:
        raise TypeError("Keys are never pickled.")


def scope_keys(purpose: Purpose, scope: str) -> ScopeKeys:
    """Give the keys of a scope, making its first one if it has none; from memory where it was asked for just now.

    :raises portal.core.errors.UnavailableError: the KMS does not answer, or refuses
    :raises portal.crypto.keyring.NotHeldError: this process was not given the purpose
    """
    known = _recent.known(purpose, scope)
    if known is not None:
        return known
    rows = _rows(purpose, scope)
    is_new = not rows
    if is_new:
        add_version(new_version(purpose, scope, 1))
        rows = _rows(purpose, scope)
    keys = _opened(rows)
    if connection.in_atomic_block and (is_new or not _recent.untold.isdisjoint(keys.by_id)):
        # If it is rolled back, nothing may have been sealed with it, and the trail does not know that it was opened.
        transaction.on_commit(lambda: _recent.remember(purpose, scope, keys))
    else:
        _recent.remember(purpose, scope, keys)
    return keys


def keys_that_opened(purpose: Purpose, scope: str, sealed: bytes | memoryview) -> DataKey:
    """Give the key of a scope that sealed this, also if another process made it just now.

    :raises UnsealError: none of this scope did, or it is no envelope
    """
    try:
        return scope_keys(purpose, scope).opening(sealed)
    except UnsealError:
        forget_scope(purpose, scope)
        return scope_keys(purpose, scope).opening(sealed)


def new_version(purpose: Purpose, scope: str, version: int) -> ScopeKey:
    """Draw one version of a scope's key, for `add_version`; this may ask the key service."""
    row = ScopeKey(purpose=purpose, scope=scope, version=version, created_at=clock.now())
    row.wrapped = keyring().new_data_key(purpose, row.context)
    secret = keyring().unwrap(purpose, row.context, row.wrapped)
    row.key_id = DataKey.of(secret, version=version).id
    return row


def add_version(row: ScopeKey) -> None:
    """Add one version of a scope's key, unless somebody else has; in a transaction of the caller or its own."""
    with transaction.atomic():
        # Whoever makes the same one waits here for the other's end.
        ScopeKey.objects.bulk_create([row], ignore_conflicts=True)
        if ScopeKey.objects.filter(public_id=row.public_id).exists():
            facts: dict[str, Fact] = {"purpose": str(row.purpose), "scope": row.scope, "version": row.version}
            record(PROCESS, "key.made", row, now=row.created_at, **facts)


def forget_scope(purpose: Purpose, scope: str) -> None:
    """Forget the opened keys of a scope, since there may be newer ones."""
    _recent.forget(purpose, scope)


def forget_scopes() -> None:
    """Forget every opened key, for a database that was set up anew."""
    _recent.forget_all()


def _rows(purpose: Purpose, scope: str) -> list[ScopeKey]:
    known = ScopeKey.objects.filter(purpose=purpose, scope=scope, destroyed_at__isnull=True)
    return list(known.order_by("version", "pk"))


def _opened(rows: list[ScopeKey]) -> ScopeKeys:
    opened = [OpenedKey(row.pk, _open(row)) for row in rows]
    return ScopeKeys(opened[-1], {each.key.id: each for each in opened})


def _open(row: ScopeKey) -> DataKey:
    purpose, ring = Purpose(row.purpose), keyring()
    wrapped = bytes(row.wrapped or b"")
    is_news = purpose in settings.KEY_PURPOSES_RECORDED and not (
        ring.remembers(purpose, row.context, wrapped) and _is_told(bytes(row.key_id))
    )
    key = DataKey.of(ring.unwrap(purpose, row.context, wrapped), version=row.version)
    if is_news:
        _tell(row)
    return key


def _tell(row: ScopeKey) -> None:
    """Write into the trail that a key was opened."""
    # Inside a transaction it is part of what the key was opened for.
    write = record if connection.in_atomic_block else record_reading
    facts: dict[str, Fact] = {"purpose": row.purpose, "scope": row.scope, "version": row.version}
    _recent.untold.add(bytes(row.key_id))
    write(PROCESS, "key.unwrapped", row, now=clock.now(), process=settings.PROCESS, **facts)
    transaction.on_commit(_Told(bytes(row.key_id)))


def _is_told(key_id: bytes) -> bool:
    """Say whether the trail knows that a key was opened, or will when this transaction commits."""
    if key_id not in _recent.untold:
        return True
    # A rollback takes the entry and this out together.
    return any(waiting[1] == _Told(key_id) for waiting in connection.run_on_commit)


@dataclass(frozen=True, slots=True)
class _Told:
    key_id: bytes

    def __call__(self) -> None:
        _recent.untold.discard(self.key_id)


@dataclass(slots=True)
class _Recent:
    keys: dict[tuple[Purpose, str], tuple[float, ScopeKeys]] = field(default_factory=dict, repr=False)
    # Keys that were opened, while the entry about it may still be rolled back.
    untold: set[bytes] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, purpose: Purpose, scope: str) -> ScopeKeys | None:
        until, keys = self.keys.get((purpose, scope), (0.0, None))
        return keys if time.monotonic() < until else None

    def remember(self, purpose: Purpose, scope: str, keys: ScopeKeys) -> None:
        with self.lock:
            if len(self.keys) >= REMEMBERED_SCOPES:
                self.keys.clear()
            self.keys[purpose, scope] = (time.monotonic() + REMEMBERED_SECONDS, keys)

    def forget(self, purpose: Purpose, scope: str) -> None:
        with self.lock:
            self.keys.pop((purpose, scope), None)

    def forget_all(self) -> None:
        with self.lock:
            self.keys.clear()


_recent = _Recent()


def _start_afresh() -> None:
    _recent.lock = threading.Lock()
    _recent.keys.clear()


# A child of a fork must not share a lock that another thread held.
os.register_at_fork(after_in_child=_start_afresh)
