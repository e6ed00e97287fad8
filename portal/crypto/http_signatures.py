"""HTTP Message Signatures (RFC 9421, Ed25519) of requests, with a Content-Digest (RFC 9530) of their body."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature as CipherInvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    VerifyResult,
    algorithms,
)

from portal.crypto.signatures import key_id

# How far the clocks of the two sides may be apart, and how old a signature may be.
SKEW = timedelta(minutes=5)
# After this a signature is refused for its age, so that nobody needs to remember it.
LIFE = 2 * SKEW
# One component each for the target as a whole, or all of its parts.
_TARGETS = (frozenset({"@target-uri"}), frozenset({"@authority", "@path", "@query"}))


class Fault(StrEnum):
    """What is wrong with a signature."""

    MISSING = "missing"
    MALFORMED = "malformed"
    SEVERAL = "several"
    UNDATED = "undated"
    EARLY = "early"
    LATE = "late"
    UNKNOWN_KEY = "unknown-key"
    UNCOVERED = "uncovered"
    BODY = "body"
    WRONG = "wrong"


class HttpSignatureError(InvalidSignature):
    """A request is not signed as it must be; `components` names what its signature leaves out."""

    def __init__(self, fault: Fault, *components: str) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.components = components


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as its sender saw it: method, whole address, headers by name, and the bytes of its body."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that fits; *digest*: 32 bytes, the same for every signature of the same words."""

    key_id: str
    digest: bytes


def verify_request(
    request: SignedRequest, keys: Mapping[str, Ed25519PublicKey], *, now: datetime
) -> Verified:
    """Check that one of the *keys* signed this very request, lately.

    Covered must be the method, the target, `authorization`, `idempotency-key` where it is sent, and the digest of
    the body where there is one. Whether the signature was used before is for the caller to know.

    :raises HttpSignatureError: naming the first fault found
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    if "signature" not in headers or "signature-input" not in headers:
        raise HttpSignatureError(Fault.MISSING)
    try:
        (found,) = _Verifier(keys, now).verify(request, max_age=SKEW)
    except HttpSignatureError:
        raise
    except HTTPMessageSignaturesException as error:
        raise HttpSignatureError(_fault(error)) from error
    _check_coverage(found, headers, request.body)
    _check_body(found, request.body)
    lines = "\n".join(f"{name}: {value}" for name, value in found.covered_components.items())
    return Verified(str(found.parameters["keyid"]), sha256(lines.encode()).digest())


# What a signature of ours covers.
_COVERED = ("@method", "@target-uri", "content-type", "content-digest")


def sign_request(
    request: SignedRequest, private: Ed25519PrivateKey, *, nonce: str, now: datetime
) -> dict[str, str]:
    """Sign a request and give its headers with `Content-Digest`, `Signature-Input` and `Signature`.

    Covered are method, address, every header that is given here, and the digest of the body; *nonce* is new each time.
    """
    message = _Message(request.method, request.url, dict(request.headers))
    named = [name.lower() for name in request.headers if name.lower() not in _COVERED]
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Key(private))
    signer.sign(
        message,
        key_id=key_id(private.public_key()),
        created=now,
        nonce=nonce,
        covered_component_ids=[*_COVERED, *named],
        body=request.body,
    )
    return message.headers


@dataclass
class _Message:
    """What the library signs, and puts its headers into."""

    method: str
    url: str
    headers: dict[str, str]


class _Key(HTTPSignatureKeyResolver):
    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self._private


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._keys = keys

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        found = self._keys.get(key_id)
        if found is None:
            raise HttpSignatureError(Fault.UNKNOWN_KEY)
        return found


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with a clock that is given, and words of our own for what it finds."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey], now: datetime) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(keys))
        self._now = now.timestamp()

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        skew = SKEW.total_seconds()
        created, expires = sig_input.params.get("created"), sig_input.params.get("expires")
        if type(created) is not int:
            raise HttpSignatureError(Fault.UNDATED)
        if created > self._now + skew:
            raise HttpSignatureError(Fault.EARLY)
        if created < self._now - skew or (expires is not None and expires < self._now):
            raise HttpSignatureError(Fault.LATE)


def _fault(error: HTTPMessageSignaturesException) -> Fault:
    if isinstance(error.__cause__, CipherInvalidSignature):
        return Fault.WRONG
    return Fault.SEVERAL if str(error).startswith("Multiple signatures") else Fault.MALFORMED


def _check_coverage(found: VerifyResult, headers: Mapping[str, str], body: bytes) -> None:
    # As they stand in the signature: with a parameter a component is another, which may say less.
    covered = {name.strip('"') for name in found.covered_components}
    needed = {"@method", "authorization"}
    needed |= {"idempotency-key"} & set(headers)
    needed |= {"content-digest"} if body else set()
    missing = needed - covered
    if not any(target <= covered for target in _TARGETS):
        missing.add("@target-uri")
    if missing:
        raise HttpSignatureError(Fault.UNCOVERED, *sorted(missing))


def _check_body(found: VerifyResult, body: bytes) -> None:
    digest = found.covered_components.get('"content-digest"')
    if digest is None:
        return
    try:
        HTTPMessageVerifier.content_digest_class.verify(digest, body)
    except HTTPMessageSignaturesException as error:
        raise HttpSignatureError(Fault.BODY) from error
