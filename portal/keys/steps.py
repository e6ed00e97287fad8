"""What a change of keys goes through: every column in which a key, or what was sealed under one, is to be renewed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from portal.core.keys import keyring
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import key_of, seal, unseal
from portal.keys.models import ScopeKey, SigningKey, SubjectKey
from portal.keys.scopes import ScopeKeys, keys_that_opened, scope_keys
from portal.keys.sealed import key_place

# The renewed columns of a row; nothing where it is up to date.
Renewed = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Step:
    """One table to go through in the order of `key`; `renew` looks at a row and gives what `column` is to become.

    It may ask the key service, so it is called outside any transaction; what it gives is written only if the column
    still holds what was read.
    """

    name: str
    purposes: frozenset[Purpose]
    rows: Callable[[Purpose], "QuerySet[Any]"]
    key: str
    column: str
    renew: Callable[[Any], Renewed]
    # The column holds keys that a key-encryption key wrapped.
    is_wrapping: bool = False

    def after(self, purpose: Purpose, cursor: str, limit: int) -> list[Any]:
        """Give the next rows behind the last one that is done."""
        rows = self.rows(purpose).order_by(self.key)
        return list((rows.filter(**{f"{self.key}__gt": cursor}) if cursor else rows)[:limit])

    def write(self, changes: Iterable[tuple[Model, Mapping[str, Any]]]) -> int:
        """Write what was renewed, unless it was destroyed or renewed by somebody else meanwhile; count it."""
        written = 0
        for row, values in changes:
            is_as_read = {"pk": row.pk, self.column: getattr(row, self.column)}
            written += type(row)._default_manager.filter(**is_as_read).update(**values)
        return written


def rewrapped(purpose: Purpose, context: str, wrapped: bytes) -> bytes | None:
    """Wrap a key under the newest key-encryption key; None if that is the one that wrapped it."""
    if not keyring().is_stale(purpose, wrapped):
        return None
    return keyring().rewrap(purpose, context, wrapped)


def _under_newest_wrapping(row: ScopeKey | SigningKey) -> Renewed:
    wrapped = rewrapped(Purpose(row.purpose), row.context, bytes(row.wrapped or b""))
    return {"wrapped": wrapped} if wrapped else None


def _scope_keys(purpose: Purpose) -> "QuerySet[ScopeKey]":
    return ScopeKey.objects.filter(purpose=purpose, wrapped__isnull=False)


def _signing_keys(purpose: Purpose) -> "QuerySet[SigningKey]":
    return SigningKey.objects.filter(purpose=purpose)


def _subject_keys(purpose: Purpose) -> "QuerySet[SubjectKey]":
    older = ScopeKey.objects.filter(purpose=purpose, retired_at__isnull=False).values_list("pk", flat=True)
    rows = SubjectKey.objects.filter(scope_key_id__in=list(older), wrapped__isnull=False)
    return rows.select_related("scope_key")


def _under_newest_key(row: SubjectKey) -> Renewed:
    purpose, scope, wrapped = Purpose(row.scope_key.purpose), row.scope_key.scope, bytes(row.wrapped or b"")
    place, newest = key_place(row.subject), scope_keys(purpose, scope).newest
    if key_of(wrapped)[0] == newest.key.id:
        return None
    secret = unseal(keys_that_opened(purpose, scope, wrapped), wrapped, place=place)
    return {"wrapped": seal(newest.key, secret, place=place), "scope_key_id": newest.row_id}


def is_under_newest(keys: ScopeKeys, sealed: bytes | memoryview) -> bool:
    """Say whether a value was sealed by the newest key of its scope."""
    return key_of(sealed)[0] == keys.newest.key.id


_steps: list[Step] = [
    Step(
        "scope keys",
        frozenset(Purpose),
        _scope_keys,
        "pk",
        "wrapped",
        _under_newest_wrapping,
        is_wrapping=True,
    ),
    Step(
        "signing keys",
        frozenset(Purpose),
        _signing_keys,
        "pk",
        "wrapped",
        _under_newest_wrapping,
        is_wrapping=True,
    ),
    Step("subject keys", frozenset(Purpose), _subject_keys, "subject", "wrapped", _under_newest_key),
]


def register_step(step: Step) -> None:
    """Add a table of a floor above, such as the keys of campaigns; once each."""
    if all(known.name != step.name for known in _steps):
        _steps.append(step)


def steps_of(purpose: Purpose) -> list[Step]:
    """List what a change of the keys of a purpose goes through, in order."""
    return [step for step in _steps if purpose in step.purposes]
