"""Opening a file that was encrypted to us by age: a key pair for each institution, the secret half sealed."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from queue import Empty, Full, Queue
from typing import Any

import pyrage
from django.db import transaction

from fraud.models import Institution, IntakeKey, Submission
from fraud.rules.sources import SourceError
from portal.accounts.actors import Actor, OrganizationKind, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.phrases import Phrase
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import Place, seal
from portal.keys.sealed import add_subject_key, open_for_subject

_MARK = b"age-encryption.org/"
_ARMOUR = b"-----BEGIN AGE ENC"
# Blocks that wait between the thread that decrypts and the reader.
_WAITING = 4
_NO_KEY = Phrase(
    "The file is encrypted by age, and this institution has no key for files here. Ask for one first."
)
_NOT_OURS = Phrase(
    "The file is not encrypted to the key of this institution, or was damaged or cut off on its way."
)
_TEXT = Phrase("The file is encrypted as text. Send what age writes without the option --armor.")


@transaction.atomic(durable=True)
def make_intake_key(institution: Institution, *, by: Actor, now: datetime) -> IntakeKey:
    """Make the key to which an institution encrypts its files; asked again, give the one that is there."""
    permit(by, Act.INSTITUTION_EDIT, {OrganizationKind.INSTITUTION: institution.pk})
    # Whoever asks at the same moment waits here.
    locked(Institution, institution)
    known = IntakeKey.objects.filter(institution=institution).first()
    if known is not None:
        return known
    identity = pyrage.x25519.Identity.generate()
    made = IntakeKey(institution=institution, recipient=str(identity.to_public()), created_at=now)
    key = add_subject_key(made.public_id, purpose=Purpose.APPLICANTS, scope=institution.scope, now=now)
    made.sealed = seal(key, str(identity).encode(), place=_place(made))
    made.save()
    record(by, "intake_key.made", institution, now=now)
    return made


def plain_blocks(submission: Submission, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Decrypt what was encrypted by age, and pass everything else through.

    :raises SourceError: it is not encrypted to us, or damaged
    """
    first = next(blocks, b"")
    if first.startswith(_ARMOUR):
        raise SourceError("age-armoured", _TEXT)
    whole = _chained(first, blocks)
    return _decrypted(_identity(submission), whole) if first.startswith(_MARK) else whole


def _identity(submission: Submission) -> Any:
    key = IntakeKey.objects.filter(institution_id=submission.institution_id).first()
    if key is None:
        raise SourceError("age-no-key", _NO_KEY)
    secret = open_for_subject(key.sealed, subject=key.public_id, place=_place(key))
    return pyrage.x25519.Identity.from_str(secret.decode())


def _place(key: IntakeKey) -> Place:
    return Place("fraud_intakekey", "sealed", key.public_id)


def _decrypted(identity: Any, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Turn age's push into our pull: a thread decrypts a few blocks ahead, and ends when nobody reads on."""
    pipe = _Pipe(blocks)
    worker = threading.Thread(target=pipe.run, args=[identity], name="age", daemon=True)
    worker.start()
    try:
        while (piece := pipe.pieces.get()) is not None:
            yield piece
    finally:
        pipe.is_over.set()
        with suppress(Empty):
            while True:
                pipe.pieces.get_nowait()
        worker.join()
    if pipe.error is not None:
        raise pipe.error


class _Pipe:
    """Both ends of a decryption: a file to read from, a file to write to."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""
        self.pieces: Queue[bytes | None] = Queue(_WAITING)
        self.is_over = threading.Event()
        self.error: BaseException | None = None

    def run(self, identity: Any) -> None:
        try:
            pyrage.decrypt_io(self, self, [identity])
        except (pyrage.DecryptError, OSError):
            # What our own ends raised comes out of the library as one of these, and is kept already.
            self.error = self.error or SourceError("age-wrong", _NOT_OURS)
        finally:
            self._put(None)

    def read(self, size: int) -> bytes:
        try:
            while not self._rest:
                block = next(self._blocks, None)
                if block is None:
                    return b""
                self._rest = block
        except BaseException as error:
            self.error = error
            raise
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def write(self, piece: bytes) -> int:
        self._put(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing: pieces are taken one by one."""

    def _put(self, piece: bytes | None) -> None:
        while not self.is_over.is_set():
            with suppress(Full):
                self.pieces.put(piece, timeout=0.5)
                return
        if piece is not None:
            raise BrokenPipeError


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
