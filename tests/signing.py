"""A program that signs its requests, as another institution would write it: with the library, not with our code."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSigner,
    HTTPSignatureKeyResolver,
    algorithms,
)

from portal.crypto.signatures import key_id

USUAL = ("@method", "@target-uri", "authorization")


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self._private


class _AsGiven(ContentDigest):
    """Sign whatever digest there is, also one that no honest program would send."""

    @classmethod
    def prepare(cls, headers: Any, body: bytes | None, *, use_existing_digest: bool) -> None:
        """Leave the headers alone."""


class _Signer(HTTPMessageSigner):
    content_digest_class = _AsGiven


@dataclass
class Message:
    """What the library signs."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass
class Signer:
    """A pair of keys and what it signs unless told otherwise."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def key_id(self) -> str:
        return key_id(self.private.public_key())

    def signed(
        self, method: str, url: str, headers: dict[str, str], body: bytes = b"", **how: Any
    ) -> dict[str, str]:
        """Give the headers with those of a signature; *how* changes what the library is told."""
        sent = dict(headers)
        covered = list(how.pop("covered", None) or self.covered(sent, body))
        if body:
            sent.setdefault("Content-Digest", digest(body))
        how = {"created": datetime.now(UTC), "key_id": self.key_id, "label": "sig1", **how}
        signer = _Signer(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(self.private))
        signer.sign(Message(method, url, sent), covered_component_ids=covered, **how)
        return sent

    @staticmethod
    def covered(headers: dict[str, str], body: bytes) -> list[str]:
        """What a request must cover."""
        more = [name for name in ("idempotency-key",) if name in {given.lower() for given in headers}]
        return [*USUAL, *more, *(["content-digest"] if body else [])]


def digest(body: bytes) -> str:
    """Content-Digest of a body."""
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
