"""Detached Ed25519 signatures (RFC 8032) over exact bytes, such as the stored bytes of a manifest."""

import base64
import binascii
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key


class SignatureError(ValueError):
    """A signature, or the key it should fit, is not what it claims to be."""

    code = "signature-wrong"

    def __init__(self, message: str = "The signature does not fit the content and the key.") -> None:
        super().__init__(message)


def private_key(seed: bytes) -> Ed25519PrivateKey:
    """Make the signing key of a 32-byte *seed*; the seed is as secret as the key."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def sign(private: Ed25519PrivateKey, message: bytes) -> str:
    """Sign *message* and return the 64-byte signature in base64 (88 characters)."""
    return base64.b64encode(private.sign(message)).decode()


def verify(public: Ed25519PublicKey, signature: str | bytes, message: bytes) -> None:
    """Check a base64 *signature* over *message*; white space around it is allowed.

    :raises SignatureError: the signature does not fit
    """
    try:
        public.verify(base64.b64decode(signature.strip(), validate=True), message)
    except (InvalidSignature, binascii.Error, ValueError):
        raise SignatureError from None


def public_pem(public: Ed25519PublicKey) -> str:
    """Write the public key as PEM (RFC 8410), which `openssl pkeyutl -verify -rawin` reads."""
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_from_pem(pem: str) -> Ed25519PublicKey:
    """Read a public key from PEM.

    :raises SignatureError: not the PEM of an Ed25519 public key
    """
    try:
        public = load_pem_public_key(pem.encode())
    except ValueError:
        raise SignatureError("This is not a public key in PEM.") from None
    if not isinstance(public, Ed25519PublicKey):
        raise SignatureError("This is not an Ed25519 public key.")
    return public


def public_raw(public: Ed25519PublicKey) -> bytes:
    """Give the 32 bytes of a public key."""
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_from_raw(raw: bytes) -> Ed25519PublicKey:
    """Read a public key from its 32 bytes."""
    return Ed25519PublicKey.from_public_bytes(raw)


def public_from_text(text: str) -> Ed25519PublicKey:
    """Read a public key as people paste it: PEM, or its 32 bytes in base64 (or base64url).

    :raises SignatureError: neither
    """
    text = text.strip()
    if text.startswith("-----"):
        return public_from_pem(text)
    try:
        raw = base64.b64decode(
            text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True
        )
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        raise SignatureError("This is not a public key of 32 bytes in base64.") from None


def key_id(public: Ed25519PublicKey) -> str:
    """Name a public key: the first 16 hexadecimal digits of the SHA-256 of its 32 raw bytes."""
    return sha256(public_raw(public)).hexdigest()[:16]
