"""Registering clients, and issuing, rotating and revoking their keys."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, OrganizationKind, permit
from portal.accounts.models import Client, ClientKey, Organization, User
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.roles import CLIENT_ACTS, Act, ClientKind
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import InvalidError, WrongStateError

# How long an old key keeps working beside a new one.
OVERLAP = timedelta(days=7)
_PREFIX_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@transaction.atomic(durable=True)
def register_client(
    name: str,
    *,
    kind: ClientKind,
    acts: Iterable[Act],
    organizations: Iterable[Organization],
    by: Actor,
    now: datetime,
) -> Client:
    """Register a program that will call the API; it has no key yet.

    :raises InvalidError: a scope that its kind cannot hold, or no organization that would limit it
    :raises AlreadyThereError: the name is taken
    """
    permit(by, Act.CLIENT_EDIT, {})
    wanted, within = sorted(set(acts)), list(organizations)
    _check_client(name, kind, wanted, within)
    taken = _("A client with this name exists already.")
    with refusing("accounts_client_name_key", AlreadyThereError(taken, fields={"name": taken})):
        client = Client.objects.create(
            name=name.strip(),
            kind=kind,
            acts=[act.value for act in wanted],
            issued_by=User.objects.get(public_id=by.person),
            created_at=now,
        )
    client.organizations.set(within)
    record(by, "client.registered", client, now=now, acts=client.acts)
    return client


def _check_client(name: str, kind: ClientKind, acts: list[Act], within: list[Organization]) -> None:
    if not name.strip():
        raise InvalidError.of("name", _("Enter a name that says which program this is."))
    if not acts:
        raise InvalidError.of("acts", _("Choose at least one scope."))
    if set(acts) - CLIENT_ACTS[kind]:
        raise InvalidError.of("acts", _("A client of this kind cannot hold all of these scopes."))
    kinds = {OrganizationKind(organization.kind) for organization in within}
    printer = kind is ClientKind.PRINTER
    needed = {OrganizationKind.PRINTER} if printer else {OrganizationKind.MARKET, OrganizationKind.BRAND}
    if kinds != needed:
        says = _("Choose the printer.") if printer else _("Choose at least one market and one brand.")
        raise InvalidError.of("organizations", says)


@transaction.atomic(durable=True)
def issue_key(
    client: Client, *, overlap: timedelta = OVERLAP, by: Actor, now: datetime
) -> tuple[ClientKey, str]:
    """Issue a new key and let the older ones end after the overlap; return the row and the key itself.

    The key (`cs_` + 8 characters + `_` + 256 bits in base64url) exists only in this return value.

    :raises WrongStateError: the client is disabled
    """
    permit(by, Act.CLIENT_EDIT, {})
    client = locked(Client, client)
    if client.disabled_at is not None:
        raise WrongStateError(_("This client is disabled."))
    secret = secrets.token_urlsafe(32)
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _place in range(8))
    ends_at = now + overlap
    older = client.keys.filter(revoked_at=None).exclude(expires_at__lte=ends_at)
    older.update(expires_at=ends_at)
    key = ClientKey.objects.create(
        client=client,
        prefix=prefix,
        digest=hashlib.sha256(secret.encode()).digest(),
        issued_by=User.objects.filter(public_id=by.person).first(),
        created_at=now,
    )
    record(by, "key.issued", client, now=now, key=key.public_id)
    return key, f"cs_{prefix}_{secret}"


@transaction.atomic(durable=True)
def revoke_key(key: ClientKey, *, by: Actor, now: datetime) -> ClientKey:
    """End a key at once, also for requests that are under way.

    :raises WrongStateError: it has ended already
    """
    permit(by, Act.CLIENT_EDIT, {})
    key = locked(ClientKey, key, "client")
    if not key.is_live(now):
        raise WrongStateError(_("This key has ended already."))
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    record(by, "key.revoked", key.client, now=now, key=key.public_id)
    return key


@transaction.atomic(durable=True)
def touch_key(key_id: int, *, now: datetime) -> None:
    """Remember that a key was used, at most once a minute so that busy keys cost nothing."""
    stale = now - timedelta(minutes=1)
    ClientKey.objects.filter(pk=key_id).exclude(last_used_at__gt=stale).update(last_used_at=now)
