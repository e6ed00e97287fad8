"""Codes that prove a second factor: those of an authenticator app (RFC 6238) and recovery codes; pure functions."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

# Seconds that a code stands, its digits, and the steps by which a clock may be wrong either way.
STEP = 30
DIGITS = 6
SKEW = 1
RECOVERY_CODES = 10
ISSUER = "Countersign"


def new_secret() -> str:
    """Draw a secret of 160 bits for an authenticator app, in base32 as those read it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def new_seed() -> str:
    """Draw a seed of 256 bits for recovery codes."""
    return secrets.token_hex(32)


def step_at(now: datetime) -> int:
    """Give the number of the step that a moment lies in."""
    return int(now.timestamp()) // STEP


def code_at(secret: str, step: int) -> str:
    """Give the code of one step."""
    # Apps know SHA-1 alone; as a keyed hash it is sound (RFC 6238, section 1.2).
    hotp = HOTP(base64.b32decode(secret, casefold=True), DIGITS, SHA1())  # noqa: S303
    return hotp.generate(step).decode()


def matching_step(secret: str, typed: str, *, now: datetime) -> int | None:
    """Find the step whose code was typed, the present one or one beside it; None if there is none."""
    code, here = folded(typed), step_at(now)
    if not (code.isascii() and code.isdigit() and len(code) == DIGITS):
        return None
    near = range(here + SKEW, here - SKEW - 1, -1)
    # Each is compared, so that time tells nothing.
    found = [step for step in near if hmac.compare_digest(code_at(secret, step), code)]
    return found[0] if found else None


def app_address(secret: str, account: str) -> str:
    """Give the otpauth:// address that an authenticator app takes from a QR code."""
    key = base64.b32decode(secret, casefold=True)
    totp = TOTP(key, DIGITS, SHA1(), STEP)  # noqa: S303 - see code_at
    return totp.get_provisioning_uri(account, ISSUER)


def recovery_codes(seed: str) -> list[str]:
    """Derive the recovery codes of a seed: 50 bits each, as ten letters and digits in two groups."""
    return [_recovery_code(seed, number) for number in range(RECOVERY_CODES)]


def matching_recovery_code(seed: str, typed: str) -> int | None:
    """Find the number of the recovery code that was typed; None if there is none."""
    wanted = folded(typed).encode()
    codes = [folded(code).encode() for code in recovery_codes(seed)]
    found = [number for number, code in enumerate(codes) if hmac.compare_digest(code, wanted)]
    return found[0] if found else None


def folded(typed: str) -> str:
    """Take what people put between characters out of a code."""
    return "".join(typed.split()).replace("-", "").lower()


def _recovery_code(seed: str, number: int) -> str:
    digest = hmac.new(seed.encode(), f"recovery {number}".encode(), hashlib.sha256).digest()
    text = base64.b32encode(digest)[:10].decode().lower()
    return f"{text[:5]}-{text[5:]}"
