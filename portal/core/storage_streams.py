"""Large objects of our own buckets: read block by block, and uploaded in parts by whoever holds presigned addresses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.core.phrases import Phrase
from portal.core.storage import Bucket, Stored
from portal.core.storage_errors import Reason, StorageError

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A part that the store has: its number from 1, its ETag without quotes, and its bytes."""

    number: int
    etag: str
    size: int


def blocks_of(bucket: Bucket, key: str, *, block: int = BLOCK) -> Iterator[bytes]:
    """Read an object in blocks of at most so many bytes; memory holds one of them.

    :raises StorageError: there is none, it ends before its length, or the store refuses, fails or does not answer
    """
    with bucket._in_words():
        answer = bucket._client.get_object(**bucket._at(key))
        with answer["Body"] as body:
            while piece := body.read(block):
                yield piece


def presigned_part(bucket: Bucket, key: str, upload_id: str, number: int, *, seconds: int) -> str:
    """Give the address to which whoever has it may PUT one part (from 1) for so many seconds."""
    with bucket._in_words():
        address: str = bucket._client.generate_presigned_url(
            "upload_part",
            Params={"UploadId": upload_id, "PartNumber": number, **bucket._at(key)},
            ExpiresIn=seconds,
        )
    return address


def parts_of(bucket: Bucket, key: str, upload_id: str) -> list[Part]:
    """List the parts that have arrived, in their order: an upload that was cut goes on behind them.

    :raises StorageError: the upload is no more, or the store refuses, fails or does not answer
    """
    with bucket._in_words():
        pages = bucket._client.get_paginator("list_parts").paginate(UploadId=upload_id, **bucket._at(key))
        found = [entry for page in pages for entry in page.get("Parts", ())]
    parts = [Part(entry["PartNumber"], entry["ETag"].strip('"'), entry["Size"]) for entry in found]
    return sorted(parts, key=lambda part: part.number)


def complete_parts(bucket: Bucket, key: str, upload_id: str, parts: Sequence[Part]) -> Stored:
    """Make the object appear from its parts.

    :raises StorageError: a part is missing or not the last and under 5 MiB, or the store refuses, fails, is away
    """
    listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
    with bucket._in_words():
        bucket._client.complete_multipart_upload(
            UploadId=upload_id, MultipartUpload={"Parts": listed}, **bucket._at(key)
        )
    stored = bucket.head(key)
    if stored is None:
        raise StorageError(Reason.BROKEN, Phrase("The store lost {where}.", where=bucket.address(key)))
    return stored
