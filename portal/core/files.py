"""The pipe of a delivery: blocks of rows in, one age-encrypted object in a bucket out, with memory flat."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol, Self

import pyrage

from portal.core.phrases import Phrase
from portal.core.storage import Stored, Upload
from portal.core.storage_errors import StorageError

# S3 allows 10,000 parts of at least 5 MiB: files of up to 80 GB.
PART_BYTES = 8 * 1024 * 1024
# Parts that may wait for the network while the next one fills.
PARTS_WAITING = 2
MOST_RECIPIENTS = 20

Block = bytes | bytearray | memoryview


class RecipientError(ValueError):
    """Something given as an age recipient is not one; the message says which and why."""

    code = "recipient-wrong"
    field = "recipients"


@dataclass(frozen=True, slots=True)
class Recipients:
    """Those who can open a file: age public keys (X25519, "age1…"), checked."""

    texts: tuple[str, ...]

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """Check keys as people paste them.

        :raises RecipientError: none, too many, the same twice, or one that is not an age public key
        """
        cleaned = tuple(text.strip() for text in texts)
        if not cleaned:
            raise RecipientError(Phrase("Give at least one age public key, or nobody can open the files."))
        if len(cleaned) > MOST_RECIPIENTS:
            raise RecipientError(Phrase("There are more than {most} keys.", most=MOST_RECIPIENTS))
        for number, text in enumerate(cleaned, start=1):
            _check_recipient(text, number)
        if len(set(cleaned)) < len(cleaned):
            raise RecipientError(Phrase("The same key is given twice."))
        return cls(cleaned)

    def keys(self) -> list[pyrage.x25519.Recipient]:
        return [pyrage.x25519.Recipient.from_str(text) for text in self.texts]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that is complete in its bucket: sizes and SHA-256 of what went in and of what lies there."""

    plain_bytes: int
    plain_sha256: str
    bytes: int
    sha256: str
    etag: str


class PartSink(Protocol):
    """Where parts go: `portal.core.storage.Upload`, or a stand-in for measuring."""

    def write_part(self, body: bytearray) -> None: ...

    def complete(self) -> Stored: ...

    def abort(self) -> None: ...


def encrypted_upload(
    blocks: Iterable[Block],
    *,
    recipients: Recipients,
    upload: Upload | PartSink,
    on_block: Callable[[int], None] | None = None,
    part_bytes: int = PART_BYTES,
) -> Delivered:
    """Encrypt *blocks* to *recipients* and upload them in parts; complete the object, or abort and raise.

    A block may be reused by its maker once the next is asked for. *on_block* hears after each block how many
    plain bytes went in so far; what it raises ends the delivery. Memory is four parts, whatever the length.

    :raises portal.core.storage_errors.StorageError: the store refuses, fails or does not answer
    """
    source = _Source(blocks, on_block)
    try:
        with _Parts(upload, part_bytes) as parts:
            _encrypt(source, parts, recipients)
            parts.finish()
        stored = upload.complete()
    except BaseException:
        # Whatever ends it, even a signal: parts left behind cost money and show nowhere. A store that is gone
        # cannot be told so; the first error is the one that matters.
        with suppress(StorageError):
            upload.abort()
        raise
    return Delivered(source.size, source.hash.hexdigest(), parts.size, parts.hash.hexdigest(), stored.etag)


def _encrypt(source: "_Source", parts: "_Parts", recipients: Recipients) -> None:
    try:
        pyrage.encrypt_io(source, parts, recipients.keys())
    except pyrage.EncryptError as error:
        # The library keeps only the words of what its files raised; the exception itself is wanted.
        raised = source.error or parts.error
        if raised is None:
            raise
        raise raised from error


class _Source:
    """The readable end: hands out blocks in the small pieces that age asks for, hashing each block once."""

    def __init__(self, blocks: Iterable[Block], on_block: Callable[[int], None] | None) -> None:
        self._blocks: Iterator[Block] = iter(blocks)
        self._on_block = on_block
        self._rest = memoryview(b"")
        self.hash = sha256()
        self.size = 0
        self.error: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            while not self._rest:
                block = next(self._blocks, None)
                if block is None:
                    return b""
                self._take(block)
        except BaseException as error:
            self.error = error
            raise
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)

    def _take(self, block: Block) -> None:
        view = memoryview(block)
        # An empty view of several dimensions cannot be cast.
        self._rest = view.cast("B") if view.nbytes else memoryview(b"")
        self.hash.update(self._rest)
        self.size += len(self._rest)
        if self._on_block is not None:
            self._on_block(self.size)


class _Parts:
    """The writable end: gathers ciphertext into parts, hashed and sent in order by a thread behind."""

    def __init__(self, upload: Upload | PartSink, part_bytes: int) -> None:
        self._upload = upload
        self._part_bytes = part_bytes
        self._filling = bytearray()
        self._waiting: deque[Future[None]] = deque()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="upload")
        self.hash = sha256()
        self.size = 0
        self.error: BaseException | None = None

    def write(self, piece: bytes) -> int:
        try:
            self._filling += piece
            if len(self._filling) >= self._part_bytes:
                self._send()
        except BaseException as error:
            self.error = error
            raise
        return len(piece)

    def flush(self) -> None:
        """Do nothing: parts leave when they are full, the last by `finish`."""

    def finish(self) -> None:
        """Send what is left and wait until all has arrived."""
        self._send()
        while self._waiting:
            self._waiting.popleft().result()

    def _send(self) -> None:
        while len(self._waiting) >= PARTS_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._send_one, self._filling))
        self.size += len(self._filling)
        self._filling = bytearray()

    def _send_one(self, part: bytearray) -> None:
        self.hash.update(part)
        self._upload.write_part(part)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Parts not yet begun are dropped; the one on its way ends before the upload is aborted.
        self._thread.shutdown(cancel_futures=True)


def _check_recipient(text: str, number: int) -> None:
    if text.upper().startswith("AGE-SECRET-KEY-"):
        message = Phrase(
            "Key {number} is a SECRET key. Whoever holds it can read the codes: it must not be sent to anybody. "
            "Tell the printer to make a new pair and to send only the line that begins with “age1”.",
            number=number,
        )
        raise RecipientError(message)
    if text.startswith("ssh-"):
        message = Phrase(
            "Key {number} is an SSH key. Ask for an age public key, which begins with “age1”.", number=number
        )
        raise RecipientError(message)
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        message = Phrase(
            "Key {number} is not an age public key. It begins with “age1” and has 62 characters; "
            "check that none is missing.",
            number=number,
        )
        raise RecipientError(message) from None
