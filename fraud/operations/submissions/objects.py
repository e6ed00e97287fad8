"""What lies in the bucket of submissions: every object sealed under its submission's own key, and bound to its name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
from django.conf import settings

from fraud.models import Submission
from fraud.rules.sources import Raw
from portal.core.phrases import Phrase
from portal.core.storage import Bucket, Upload
from portal.core.storage_errors import Reason, StorageError
from portal.core.storage_streams import blocks_of
from portal.crypto.sealing import OVERHEAD_BYTES, DataKey, Place, seal, unseal
from portal.keys.sealed import subject_key

# A sealed frame of the sender's file is one part of its upload, so it is above S3's 5 MiB.
FRAME_BYTES = 6 << 20
# A chunk of 2,000 records of 64 KiB each, and what comes of it.
_LARGEST_CHUNK = 256 << 20
_KIND = "application/octet-stream"


def submission_bucket() -> Bucket:
    """Describe the bucket of submissions; nothing is asked of the store yet."""
    return Bucket(settings.SUBMISSIONS_BUCKET)


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """Where a row came to lie: its place in the chunk, from 0, its application, and the digest of its own facts."""

    index: int
    application_id: int
    digest: bytes


class Aside(msgspec.Struct, frozen=True, array_like=True):
    """A row that could not be taken: its place in the chunk, from 0, and its faults by field, code and words."""

    index: int
    faults: list[tuple[str, str, str]]


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """What the first stage made of a chunk."""

    taken: list[Taken]
    aside: list[Aside]


@dataclass(frozen=True, slots=True)
class Cabinet:
    """The objects of one submission, opened with its key."""

    folder: str
    submission: str
    key: DataKey
    bucket: Bucket

    @classmethod
    def of(cls, submission: Submission) -> "Cabinet":
        """Open a submission's cabinet.

        :raises portal.keys.sealed.ErasedError: its files were erased
        """
        return cls(
            folder_of(submission),
            submission.public_id,
            subject_key(submission.public_id),
            submission_bucket(),
        )

    def put(self, name: str, content: bytes) -> int:
        """Seal and write an object; return its plain bytes."""
        self.bucket.put(self.folder + name, seal(self.key, content, place=self._place(name)), _KIND)
        return len(content)

    def get(self, name: str) -> bytes:
        """Read and open an object.

        :raises StorageError: there is none, or the store refuses, fails or does not answer
        :raises portal.crypto.sealing.UnsealError: it was put there by somebody else
        """
        sealed = self.bucket.get(self.folder + name, _LARGEST_CHUNK)
        if sealed is None:
            where = self.bucket.address(self.folder + name)
            raise StorageError(Reason.REJECTED, Phrase("There is nothing at {where}.", where=where))
        return unseal(self.key, sealed, place=self._place(name))

    def put_records(self, number: int, records: list[Raw]) -> None:
        """Put the raw records of a chunk."""
        self.put(f"chunk-{number:06d}", msgspec.msgpack.encode(records))

    def records(self, number: int) -> list[Raw]:
        """Give the raw records of a chunk in their order."""
        return msgspec.msgpack.decode(self.get(f"chunk-{number:06d}"), type=list[Raw])

    def put_stored(self, number: int, stored: Stored) -> None:
        """Put what the first stage made of a chunk."""
        self.put(f"stored-{number:06d}", msgspec.msgpack.encode(stored))

    def stored(self, number: int) -> Stored:
        """Give what the first stage made of a chunk."""
        return msgspec.msgpack.decode(self.get(f"stored-{number:06d}"), type=Stored)

    def frames(self) -> "Frames":
        """Begin to write the sender's file, sealed frame by frame."""
        return Frames(self, self.bucket.multipart(self.folder + "file", _KIND))

    def opened_frames(self) -> Iterator[bytes]:
        """Read the sender's file, frame by frame.

        :raises portal.crypto.sealing.UnsealError: a frame is missing, moved or damaged
        """
        for number, sealed in enumerate(_pieces(blocks_of(self.bucket, self.folder + "file")), start=1):
            yield unseal(self.key, sealed, place=self.frame_place(number))

    def clear(self, names: Iterable[str] = ()) -> None:
        """Delete these objects, or all of the submission's."""
        keys = [self.folder + name for name in names] or [
            listed.key for listed in self.bucket.list(self.folder, limit=100_000)
        ]
        for key in keys:
            self.bucket.delete(key)

    def frame_place(self, number: int) -> Place:
        return self._place(f"file/{number}")

    def _place(self, name: str) -> Place:
        return Place("fraud_submission", name, self.submission)


class Frames:
    """A file on its way into the bucket: hands over whole frames, each sealed at its place."""

    def __init__(self, cabinet: Cabinet, upload: Upload) -> None:
        self._cabinet = cabinet
        self.upload = upload
        self._filling = bytearray()
        self._number = 0

    def write(self, piece: bytes) -> None:
        self._filling += piece
        while len(self._filling) >= FRAME_BYTES:
            self._send(bytes(self._filling[:FRAME_BYTES]))
            del self._filling[:FRAME_BYTES]

    def finish(self) -> None:
        """Send the rest and let the object appear."""
        if self._filling or not self._number:
            self._send(bytes(self._filling))
        self.upload.complete()

    def _send(self, frame: bytes) -> None:
        self._number += 1
        place = self._cabinet.frame_place(self._number)
        self.upload.write_part(seal(self._cabinet.key, frame, place=place))


def folder_of(submission: Submission) -> str:
    """Name the folder of a submission in the bucket."""
    return f"{submission.public_id}/"


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream into sealed frames: all but the last are of one length."""
    size, waiting = FRAME_BYTES + OVERHEAD_BYTES, bytearray()
    for block in blocks:
        waiting += block
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)
