"""Signing keys: wrapped in their table, one per purpose signs, and the public halves of all stay published."""

import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.db.models import QuerySet

from portal.audit.operations import record
from portal.core import clock
from portal.core.keys import keyring
from portal.crypto.keyring import KEY_BYTES, Purpose
from portal.crypto.signatures import key_id, private_key, public_pem, sign
from portal.keys.models import SigningKey
from portal.keys.scopes import PROCESS

SIGNING = frozenset({Purpose.MANIFESTS, Purpose.TRAIL, Purpose.CERTIFICATES, Purpose.RESULTS})


def signing_key(purpose: Purpose) -> Ed25519PrivateKey:
    """Give the private key that signs for a purpose now, making the first one if there is none.

    :raises portal.crypto.keyring.NotHeldError: this process was not given the purpose
    """
    row = _newest(purpose) or _first(purpose)
    return private_key(keyring().unwrap(purpose, row.context, bytes(row.wrapped)))


def signing_public_pem(purpose: Purpose) -> str:
    """Give the public half of the key that signs for a purpose now, as PEM."""
    return (_newest(purpose) or _first(purpose)).public_pem


class TrailSigner:
    """Signs anchors of the trail with its newest key; signatures of every key that ever signed for it count."""

    def sign(self, message: bytes) -> str:
        return sign(signing_key(Purpose.TRAIL), message)

    def key_id(self) -> str:
        return (_newest(Purpose.TRAIL) or _first(Purpose.TRAIL)).key_id

    def public_keys(self) -> dict[str, str]:
        return {row.key_id: row.public_pem for row in signing_keys().filter(purpose=Purpose.TRAIL)}


def signing_keys() -> QuerySet[SigningKey]:
    """List the public halves of every key that ever signed here, by purpose, the newest first."""
    return SigningKey.objects.order_by("purpose", "-valid_from", "-pk")


def replace_signing_key(purpose: Purpose, *, now: datetime) -> SigningKey:
    """Let a new random key sign from now on, within the caller's transaction; the old one's public half stays."""
    made = _made(purpose, secrets.token_bytes(KEY_BYTES), now)
    SigningKey.objects.filter(purpose=purpose, retired_at__isnull=True).update(retired_at=now)
    made.save()
    record(PROCESS, "signing_key.made", made, now=now, purpose=purpose)
    return made


def _newest(purpose: Purpose) -> SigningKey | None:
    return SigningKey.objects.filter(purpose=purpose, retired_at__isnull=True).first()


def _first(purpose: Purpose) -> SigningKey:
    # From the key file it is the key that this installation has always signed with: no event for the trail.
    made = _made(purpose, keyring().signing_seed(purpose), clock.now())
    with transaction.atomic():
        # Whoever makes the first one at the same time waits here, and finds the other's.
        SigningKey.objects.bulk_create([made], ignore_conflicts=True)
        return SigningKey.objects.get(purpose=purpose, retired_at__isnull=True)


def _made(purpose: Purpose, seed: bytes, now: datetime) -> SigningKey:
    public = private_key(seed).public_key()
    row = SigningKey(purpose=purpose, key_id=key_id(public), public_pem=public_pem(public), valid_from=now)
    row.wrapped = keyring().wrap(purpose, row.context, seed)
    return row
