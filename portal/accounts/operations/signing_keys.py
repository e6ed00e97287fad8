"""Registering and revoking the public keys with which clients sign their requests."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, permit
from portal.accounts.models import Client, SigningKey, User
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.queries import organizations_of
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import InvalidError, WrongStateError
from portal.crypto.signatures import SignatureError, key_id, public_from_text, public_raw

MOST_SIGNING_KEYS = 5


@transaction.atomic(durable=True)
def register_signing_key(client: Client, public_key: str, *, by: Actor, now: datetime) -> SigningKey:
    """Take a public Ed25519 key of a client, as PEM or as its 32 bytes in base64.

    :raises InvalidError: this is no such key
    :raises AlreadyThereError: it was registered before; a key that was revoked stays revoked
    :raises WrongStateError: the client has as many as it may
    """
    permit(by, Act.CLIENT_EDIT, {})
    client = locked(Client, client)
    try:
        public = public_from_text(public_key)
    except SignatureError as error:
        says = _("This is not a public Ed25519 key, as PEM or as 32 bytes in base64.")
        raise InvalidError.of("public_key", says) from error
    if client.signing_keys.filter(revoked_at=None).count() >= MOST_SIGNING_KEYS:
        says = _("A client has at most %(most)d live keys. Revoke one that is no longer used.")
        raise WrongStateError(says % {"most": MOST_SIGNING_KEYS})
    taken = _("This key was registered before. Make a new pair.")
    with refusing("accounts_signingkey_key_id_key", AlreadyThereError(taken, fields={"public_key": taken})):
        key = SigningKey.objects.create(
            client=client,
            key_id=key_id(public),
            public_key=public_raw(public),
            registered_by=User.objects.filter(public_id=by.person).first(),
            created_at=now,
        )
    record(by, "signing_key.registered", client, now=now, within=organizations_of(client), key=key.public_id)
    return key


@transaction.atomic(durable=True)
def revoke_signing_key(key: SigningKey, *, by: Actor, now: datetime) -> SigningKey:
    """End a public key: signatures by it are refused from now on.

    :raises WrongStateError: it has ended already
    """
    permit(by, Act.CLIENT_EDIT, {})
    key = locked(SigningKey, key, "client")
    if key.revoked_at is not None:
        raise WrongStateError(_("This key has ended already."))
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    record(
        by, "signing_key.revoked", key.client, now=now, within=organizations_of(key.client), key=key.public_id
    )
    return key
