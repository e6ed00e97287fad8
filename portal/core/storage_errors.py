"""What a bucket can refuse, put in words that the people who own campaigns and printers can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
)

from portal.core.errors import DomainError, Kind
from portal.core.phrases import Phrase, marked


class Reason(StrEnum):
    """Why a bucket did not do as asked."""

    BUCKET_MISSING = "bucket-missing"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN_CREDENTIALS = "unknown-credentials"
    BROKEN = "broken"
    REJECTED = "rejected"


TEMPORARY = frozenset({Reason.UNREACHABLE, Reason.BROKEN})


class StorageError(DomainError):
    """A bucket did not do as asked; `is_temporary` says whether the same request may succeed later."""

    title = Phrase("The bucket cannot be used")

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.code = f"storage-{reason}"
        self.kind = Kind.UNAVAILABLE if self.is_temporary else Kind.CONFLICT

    @property
    def is_temporary(self) -> bool:
        return self.reason in TEMPORARY


class ObjectExistsError(DomainError):
    """An object that was to be written only if absent is there already."""

    kind = Kind.CONFLICT
    code = "storage-object-exists"
    title = Phrase("The object exists already")


class ObjectTooLargeError(DomainError):
    """An object is larger than the caller was ready to read."""

    kind = Kind.INVALID
    code = "storage-object-too-large"
    title = Phrase("The object is larger than expected")


REASONS = {
    "NoSuchBucket": Reason.BUCKET_MISSING,
    # A name that the store would never give to a bucket.
    "InvalidBucketName": Reason.BUCKET_MISSING,
    # A HEAD has no body: its status is all there is.
    "404": Reason.BUCKET_MISSING,
    "403": Reason.REFUSED,
    "AccessDenied": Reason.REFUSED,
    "AllAccessDisabled": Reason.REFUSED,
    "AccountProblem": Reason.REFUSED,
    "KMS.AccessDeniedException": Reason.REFUSED,
    "InvalidAccessKeyId": Reason.UNKNOWN_CREDENTIALS,
    "SignatureDoesNotMatch": Reason.UNKNOWN_CREDENTIALS,
    "InvalidToken": Reason.UNKNOWN_CREDENTIALS,
    "ExpiredToken": Reason.UNKNOWN_CREDENTIALS,
    "SlowDown": Reason.BROKEN,
    "RequestTimeout": Reason.BROKEN,
    # An upload that the store has given up is begun anew.
    "NoSuchUpload": Reason.BROKEN,
}
WORDS = {
    Reason.BUCKET_MISSING: marked(
        "The bucket {bucket} does not exist at {place}. Ask the printer for its exact name."
    ),
    Reason.REFUSED: marked(
        "The bucket {bucket} at {place} refuses our access ({said}). "
        "Ask its owner to allow reading and writing under “{prefix}”."
    ),
    Reason.UNREACHABLE: marked(
        "{place} does not answer, so the bucket {bucket} cannot be reached. "
        "Check the address, or try again when the store is back."
    ),
    Reason.UNKNOWN_CREDENTIALS: marked(
        "{place} does not know the {credentials}, or their secret is wrong ({said}). "
        "Ask an operator to set them again."
    ),
    Reason.BROKEN: marked(
        "The store at {place} failed while working on the bucket {bucket} ({said}). It is worth trying again."
    ),
    Reason.REJECTED: marked("The store at {place} rejects what we asked of the bucket {bucket} ({said})."),
}


@contextmanager
def in_words(bucket: str, place: str, *, prefix: str, credentials: str) -> Iterator[None]:
    """Turn whatever botocore raises inside into a `StorageError` about *bucket* at *place*."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        reason, said = _reason_of(error)
        ours = Phrase("credentials of this installation")
        named = Phrase("credentials “{name}”", name=credentials) if credentials else ours
        detail = Phrase(
            WORDS[reason], bucket=bucket, place=place, prefix=prefix or "/", credentials=named, said=said
        )
        raise StorageError(reason, detail) from error


def _reason_of(error: ClientError | BotoCoreError) -> tuple[Reason, str]:
    if isinstance(error, ClientError):
        return _reason_of_answer(error)
    if isinstance(error, SSLError):
        return Reason.REJECTED, Phrase("its certificate is not trusted")
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return Reason.UNREACHABLE, Phrase("no answer")
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)):
        return Reason.UNKNOWN_CREDENTIALS, Phrase("none are set")
    if isinstance(error, ParamValidationError):
        return Reason.REJECTED, Phrase("the name of the bucket or object is not one that S3 allows")
    return Reason.REJECTED, type(error).__name__


def _reason_of_answer(error: ClientError) -> tuple[Reason, str]:
    answer = error.response.get("Error", {})
    code = str(answer.get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    # 501 is a store's way of saying that it lacks a feature; asking again does not help.
    default = Reason.BROKEN if status >= 500 and status != 501 else Reason.REJECTED
    return REASONS.get(code, default), code or Phrase("status {status}", status=str(status))
