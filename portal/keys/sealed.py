"""Sealing and opening what belongs to a scope or to one subject; places bind each value to its row."""

from dataclasses import dataclass, field
from datetime import datetime

from portal.core.errors import DomainError, Kind
from portal.core.phrases import Phrase
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import DataKey, Place, key_of, seal, unseal
from portal.crypto.tokens import token
from portal.keys.models import SubjectKey
from portal.keys.scopes import PLATFORM, keys_that_opened, scope_keys


class ErasedError(DomainError):
    """Refuse to open what was erased: its key is gone for good."""

    kind = Kind.GONE
    code = "erased"
    title = Phrase("This was erased")


@dataclass(frozen=True, slots=True)
class NewSubjectKey:
    """A subject's key, not yet in its table: open, and wrapped by the scope's."""

    subject: str
    key: DataKey = field(repr=False)
    wrapped: bytes = field(repr=False)
    scope_key_id: int


def seal_for_platform(plain: bytes, *, place: Place, purpose: Purpose = Purpose.PEOPLE) -> bytes:
    """Seal a secret of the platform itself, such as a one-time password's, so that it opens at its place only.

    :raises portal.core.errors.UnavailableError: the KMS does not answer, or refuses
    """
    return seal_for_scope(plain, purpose=purpose, scope=PLATFORM, place=place)


def open_for_platform(
    sealed: bytes | memoryview, *, place: Place, purpose: Purpose = Purpose.PEOPLE
) -> bytes:
    """Open what `seal_for_platform` sealed for the same place.

    :raises portal.crypto.sealing.UnsealError: another place, damaged, or not sealed here
    :raises portal.core.errors.UnavailableError: the KMS does not answer, or refuses
    """
    return open_for_scope(sealed, purpose=purpose, scope=PLATFORM, place=place)


def seal_for_scope(plain: bytes, *, purpose: Purpose, scope: str, place: Place) -> bytes:
    """Seal under the newest key of a scope."""
    return seal(scope_keys(purpose, scope).newest.key, plain, place=place)


def open_for_scope(sealed: bytes | memoryview, *, purpose: Purpose, scope: str, place: Place) -> bytes:
    """Open what `seal_for_scope` sealed, under whichever version.

    :raises portal.crypto.sealing.UnsealError: another scope or place, damaged, or no envelope
    """
    return unseal(keys_that_opened(purpose, scope, sealed), sealed, place=place)


def scope_token(scope: str, kind: str, value: str) -> bytes:
    """Give the 16-byte token of a value, by which one scope finds it again; another scope's differs."""
    return token(scope_keys(Purpose.TOKENS, scope).newest.key.secret, kind, value)


def new_subject_key(subject: str, *, purpose: Purpose, scope: str) -> NewSubjectKey:
    """Make a key for one subject, wrapped here by the scope's key: the provider is not asked.

    Whoever calls this puts it into `SubjectKey`, in the same transaction as the first thing that it seals.
    """
    parent, key = scope_keys(purpose, scope).newest, DataKey.new()
    wrapped = seal(parent.key, key.secret, place=key_place(subject))
    return NewSubjectKey(subject, key, wrapped, parent.row_id)


def add_subject_key(subject: str, *, purpose: Purpose, scope: str, now: datetime) -> DataKey:
    """Make a key for one subject and put it into its table."""
    made = new_subject_key(subject, purpose=purpose, scope=scope)
    SubjectKey.objects.create(
        subject=subject, scope_key_id=made.scope_key_id, wrapped=made.wrapped, created_at=now
    )
    return made.key


def subject_key(subject: str) -> DataKey:
    """Open the key of one subject.

    :raises ErasedError: it was destroyed
    :raises portal.crypto.sealing.UnsealError: its row was tampered with
    """
    row = SubjectKey.objects.select_related("scope_key").get(pk=subject)
    if row.wrapped is None:
        raise ErasedError
    parent = keys_that_opened(Purpose(row.scope_key.purpose), row.scope_key.scope, row.wrapped)
    return DataKey.of(unseal(parent, row.wrapped, place=key_place(subject)))


def open_for_subject(sealed: bytes | memoryview, *, subject: str, place: Place) -> bytes:
    """Open a value about one subject.

    :raises ErasedError: the subject's key was destroyed
    :raises portal.crypto.sealing.UnsealError: another subject's or place's, damaged, or no envelope
    """
    key_of(sealed)
    return unseal(subject_key(subject), sealed, place=place)


def key_place(subject: str) -> Place:
    """Say where the wrapped key of a subject lies."""
    return Place("keys_subjectkey", "wrapped", subject)
