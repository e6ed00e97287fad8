"""Buckets of any S3 store: ours and the printers'; the only file that talks to one."""

import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from portal.core.phrases import Phrase
from portal.core.storage_clients import Account, account_of, client_for
from portal.core.storage_errors import (
    ObjectExistsError,
    ObjectTooLargeError,
    Reason,
    StorageError,
    in_words,
)

MISSING_CODES = frozenset({"404", "NoSuchKey", "NotFound"})
EXISTS_CODES = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412"})


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the store knows it; *etag* is without its quotes and is a hash only for small objects."""

    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An object in a listing; *key* is relative to the bucket's prefix."""

    key: str
    size: int
    modified_at: datetime


Listing = list[Listed]


class Trial(StrEnum):
    """What must work before a delivery goes to a bucket."""

    ENCRYPT = "encrypt"
    WRITE = "write"
    READ = "read"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One thing tried on a bucket, and how it went in words."""

    trial: Trial
    is_ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket, or the part of it under *prefix*; every key is relative to that prefix."""

    name: str
    prefix: str = ""
    endpoint_url: str = ""
    region: str = ""
    credentials: str = ""

    def put(
        self,
        key: str,
        body: bytes,
        content_type: str,
        metadata: Mapping[str, str] | None = None,
        *,
        if_absent: bool = False,
        keep_until: datetime | None = None,
    ) -> Stored:
        """Write a small object whole; with *keep_until* nobody may delete it before, where the bucket can lock.

        :raises ObjectExistsError: *if_absent* and there is one
        :raises StorageError: the store refuses, fails or does not answer
        """
        # Asked as well as demanded: some stores ignore the header. Between the two a race is theirs to lose.
        if if_absent and self.head(key) is not None:
            raise ObjectExistsError(Phrase("{where} exists already.", where=self.address(key)))
        extra = {"IfNoneMatch": "*"} if if_absent else {}
        with self._in_words():
            try:
                answer = self._client.put_object(
                    Body=body,
                    ContentType=content_type,
                    Metadata=dict(metadata or {}),
                    **self._at(key),
                    **_sealed_at_rest(),
                    **_locked(keep_until),
                    **extra,
                )
            except ClientError as error:
                if if_absent and _code(error) in EXISTS_CODES:
                    raise ObjectExistsError(
                        Phrase("{where} exists already.", where=self.address(key))
                    ) from None
                raise
        return Stored(len(body), answer["ETag"].strip('"'))

    def get(self, key: str, limit: int) -> bytes | None:
        """Read an object of at most *limit* bytes, or None when there is none.

        :raises ObjectTooLargeError: it is larger; nothing of it is kept
        :raises StorageError: the store refuses, fails or does not answer
        """
        with self._in_words():
            try:
                answer = self._client.get_object(**self._at(key))
            except ClientError as error:
                if _code(error) in MISSING_CODES:
                    return None
                raise
            with answer["Body"] as body:
                content: bytes = body.read(limit + 1)
        if len(content) > limit:
            where = self.address(key)
            raise ObjectTooLargeError(Phrase("{where} is larger than {most} bytes.", where=where, most=limit))
        return content

    def head(self, key: str) -> Stored | None:
        """Look at an object without reading it; None when it, or the whole bucket, does not exist."""
        with self._in_words():
            try:
                answer = self._client.head_object(**self._at(key))
            except ClientError as error:
                if _code(error) in MISSING_CODES:
                    return None
                raise
        return Stored(answer["ContentLength"], answer["ETag"].strip('"'))

    def list(self, prefix: str = "", *, limit: int = 10_000) -> Listing:
        """List the first *limit* objects whose keys start with *prefix*, in the order of their keys."""
        cut = len(self._full(""))
        found: Listing = []
        with self._in_words():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=self._full(prefix), PaginationConfig={"MaxItems": limit}
            )
            for page in pages:
                found += [
                    Listed(entry["Key"][cut:], entry["Size"], entry["LastModified"])
                    for entry in page.get("Contents", ())
                ]
        return found

    def delete(self, key: str) -> None:
        """Delete an object; S3 answers alike whether or not there was one."""
        with self._in_words():
            self._client.delete_object(**self._at(key))

    def exists(self) -> bool:
        """Say whether the bucket is there; a bucket that refuses us raises instead."""
        with self._in_words():
            try:
                self._client.head_bucket(Bucket=self.name)
            except ClientError as error:
                if _code(error) in {*MISSING_CODES, "NoSuchBucket"}:
                    return False
                raise
        return True

    def create(self) -> None:
        """Make the bucket unless it is there: for the local stack and tests only."""
        if not self.exists():
            with self._in_words():
                self._client.create_bucket(Bucket=self.name)

    def multipart(self, key: str, content_type: str = "application/octet-stream") -> "Upload":
        """Begin an object that is written in parts and appears whole, when completed, or never."""
        with self._in_words():
            answer = self._client.create_multipart_upload(
                ContentType=content_type, **self._at(key), **_sealed_at_rest()
            )
        return Upload(self, key, answer["UploadId"])

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Throw away the parts of an upload; one that the store no longer knows is as good as thrown away."""
        with self._in_words():
            try:
                self._client.abort_multipart_upload(UploadId=upload_id, **self._at(key))
            except ClientError as error:
                if _code(error) != "NoSuchUpload":
                    raise

    def abort_uploads(self, key: str) -> None:
        """Throw away every upload that was begun for this key and never completed."""
        pages = self._client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.name, Prefix=self._full(key)
        )
        with self._in_words():
            try:
                found = [upload for page in pages for upload in page.get("Uploads", ())]
            except ClientError as error:
                # Some stores say so of a bucket that has none at all.
                if _code(error) != "NoSuchUpload":
                    raise
                return
        for upload in found:
            if upload["Key"] == self._full(key):
                self.abort_upload(key, upload["UploadId"])

    def address(self, key: str = "") -> str:
        """Write where an object is as people and tools do: s3://bucket/prefix/key."""
        return f"s3://{self.name}/{self._full(key)}"

    @property
    def place(self) -> str:
        """The store that holds the bucket, for people to read."""
        return self._account.place

    @property
    def _account(self) -> Account:
        return account_of(self.credentials, endpoint_url=self.endpoint_url, region=self.region)

    @property
    def _client(self) -> Any:
        return client_for(self._account)

    def _full(self, key: str) -> str:
        folder = self.prefix.strip("/")
        return f"{folder}/{key}" if folder else key

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": self._full(key)}

    def _in_words(self) -> AbstractContextManager[None]:
        return in_words(self.name, self.place, prefix=self._full(""), credentials=self.credentials)


class Upload:
    """One object on its way in parts; used by one thread at a time."""

    def __init__(self, bucket: Bucket, key: str, upload_id: str) -> None:
        self.bucket = bucket
        self.key = key
        self.upload_id = upload_id
        self.size = 0
        self._parts: list[dict[str, Any]] = []

    def write_part(self, body: bytes | bytearray) -> None:
        """Send the next part: 5 MiB to 5 GiB, only the last may be smaller; at most 10,000 parts."""
        number = len(self._parts) + 1
        with self.bucket._in_words():
            answer = self.bucket._client.upload_part(
                UploadId=self.upload_id, PartNumber=number, Body=body, **self.bucket._at(self.key)
            )
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self.size += len(body)

    def complete(self) -> Stored:
        """Make the object appear, and check that the store holds as many bytes as were sent.

        :raises StorageError: it does not, or the store refuses, fails or does not answer
        """
        with self.bucket._in_words():
            self.bucket._client.complete_multipart_upload(
                UploadId=self.upload_id, MultipartUpload={"Parts": self._parts}, **self.bucket._at(self.key)
            )
        stored = self.bucket.head(self.key)
        if stored is None or stored.size != self.size:
            message = Phrase(
                "The store holds {found} bytes at {where} after {sent} bytes were sent.",
                found=0 if stored is None else stored.size,
                where=self.bucket.address(self.key),
                sent=self.size,
            )
            raise StorageError(Reason.BROKEN, message)
        return stored

    def abort(self) -> None:
        """Throw away what was sent so far."""
        self.bucket.abort_upload(self.key, self.upload_id)


def printer_bucket(
    name: str, prefix: str = "", *, endpoint_url: str = "", region: str = "", credentials: str = ""
) -> Bucket:
    """Describe a printer's bucket; nothing is asked of the store yet.

    *credentials* is a reference into the setting PRINTER_CREDENTIALS; empty means our own S3 settings.

    :raises StorageError: nobody has set credentials under this reference
    """
    account_of(credentials)
    return Bucket(name, prefix, endpoint_url, region, credentials)


def test_bucket(bucket: Bucket) -> list[CheckStep]:
    """Write, read back and delete a tiny object, as a delivery would; stop at the first thing that fails."""
    key = f"countersign-test-{secrets.token_hex(8)}.txt"
    content = f"A test by Countersign; it may be deleted. {secrets.token_hex(16)}\n".encode()
    where = bucket.address(key)
    steps: list[CheckStep] = []
    trial = Trial.WRITE
    try:
        bucket.put(key, content, "text/plain")
        steps.append(
            CheckStep(
                trial, is_ok=True, detail=Phrase("Wrote {where} at {place}.", where=where, place=bucket.place)
            )
        )
        trial = Trial.READ
        is_same = bucket.get(key, len(content)) == content
        found = Phrase("Read back the same bytes.")
        if not is_same:
            found = Phrase("What was read back is not what was written.")
        steps.append(CheckStep(trial, is_ok=is_same, detail=found))
        trial = Trial.DELETE
        bucket.delete(key)
        steps.append(CheckStep(trial, is_ok=True, detail=Phrase("Deleted it again.")))
    except (StorageError, ObjectTooLargeError) as error:
        steps.append(CheckStep(trial, is_ok=False, detail=error.detail))
    return steps


# Pytest collects whatever is named so, wherever it is imported.
test_bucket.__test__ = False  # type: ignore[attr-defined]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _sealed_at_rest() -> dict[str, str]:
    chosen, key = settings.S3_SERVER_SIDE_ENCRYPTION, settings.S3_KMS_KEY_ID
    named = {"SSEKMSKeyId": key} if key and chosen == "aws:kms" else {}
    return {"ServerSideEncryption": chosen, **named} if chosen else {}


def _locked(until: datetime | None) -> dict[str, Any]:
    return {"ObjectLockMode": settings.S3_LOCK_MODE, "ObjectLockRetainUntilDate": until} if until else {}
