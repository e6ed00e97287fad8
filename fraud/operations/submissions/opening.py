"""Opening a file that was encrypted to us by age, as it is read."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Any

import pyrage

from fraud.models import Submission
from fraud.operations.submissions.keys import identities
from fraud.rules.sources import SourceError
from portal.core.phrases import Phrase

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


def plain_blocks(submission: Submission, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Decrypt what was encrypted by age, and pass everything else through.

    :raises SourceError: it is not encrypted to us, or damaged
    """
    first = next(blocks, b"")
    if first.startswith(_ARMOUR):
        raise SourceError("age-armoured", _TEXT)
    whole = _chained(first, blocks)
    return _decrypted(_identities(submission), whole) if first.startswith(_MARK) else whole


def _identities(submission: Submission) -> list[Any]:
    found = identities(submission)
    if not found:
        raise SourceError("age-no-key", _NO_KEY)
    return found


def _decrypted(keys: list[Any], blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Turn age's push into our pull: a thread decrypts a few blocks ahead, and ends when nobody reads on."""
    pipe = _Pipe(blocks)
    worker = threading.Thread(target=pipe.run, args=[keys], name="age", daemon=True)
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

    def run(self, keys: list[Any]) -> None:
        try:
            pyrage.decrypt_io(self, self, keys)
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
