"""Tokens: keyed digests that answer "is it the same?" without saying what it is."""

import hmac
import unicodedata

# 128 bits: no two of a billion values meet by chance.
TOKEN_BYTES = 16


def token(key: bytes, kind: str, value: str) -> bytes:
    """Give the 16-byte token of a value: HMAC-SHA-256 under a 256-bit key, cut to 128 bits.

    *kind* keeps a phone number and an account number with the same digits apart. *value* is what the caller takes for
    the same, spelled one way; composed and decomposed letters are one (NFC), all else is told apart.
    """
    message = f"{kind}\0{unicodedata.normalize('NFC', value)}".encode()
    return hmac.digest(key, message, "sha256")[:TOKEN_BYTES]


def registry_token(key: bytes, screening_token: bytes) -> bytes:
    """Give the consortium's token: HMAC_registry(HMAC_screening(value)), 16 bytes.

    Made in two processes, one key each, so that neither alone can try out all social insurance numbers.
    """
    return hmac.digest(key, b"registry\0" + screening_token, "sha256")[:TOKEN_BYTES]
