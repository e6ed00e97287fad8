"""Registering clients, saying how they may call, and issuing, rotating and revoking their keys."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, OrganizationKind, permit
from portal.accounts.models import Client, ClientKey, Organization, User
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.queries import organizations_of
from portal.accounts.roles import CLIENT_ACTS, Act, ClientKind
from portal.audit.operations import record
from portal.core.callers import read_network
from portal.core.db import locked, refusing
from portal.core.errors import InvalidError, WrongStateError
from portal.core.phrases import marked

# How long an old key keeps working beside a new one.
OVERLAP = timedelta(days=7)
# How long a key lives unless somebody says otherwise.
KEY_LIFE = timedelta(days=365)
# Two in use and two on their way out; more would be keys that nobody remembers.
MOST_LIVE_KEYS = 5
MOST_NETWORKS = 50
MOST_REQUESTS = 10_000_000
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
    record(by, "client.registered", client, now=now, within=organizations_of(client), acts=client.acts)
    return client


# Where a client of a kind belongs, and what is said to whoever chose otherwise.
_IN_MARKETS = (
    frozenset({OrganizationKind.MARKET, OrganizationKind.BRAND}),
    marked("Choose at least one market and one brand."),
)
_PLACES = {
    ClientKind.PRINTER: (frozenset({OrganizationKind.PRINTER}), marked("Choose the printer.")),
    ClientKind.INSTITUTION: (frozenset({OrganizationKind.INSTITUTION}), marked("Choose one institution.")),
}


def _check_client(name: str, kind: ClientKind, acts: list[Act], within: list[Organization]) -> None:
    if not name.strip():
        raise InvalidError.of("name", _("Enter a name that says which program this is."))
    if not acts:
        raise InvalidError.of("acts", _("Choose at least one scope."))
    if set(acts) - CLIENT_ACTS[kind]:
        raise InvalidError.of("acts", _("A client of this kind cannot hold all of these scopes."))
    kinds = {OrganizationKind(organization.kind) for organization in within}
    needed, says = _PLACES.get(kind, _IN_MARKETS)
    if kinds != needed or (kind is ClientKind.INSTITUTION and len(within) > 1):
        raise InvalidError.of("organizations", _(says))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerFacts:
    """How a client may call: how often, from which networks (CIDR; none means from everywhere), and whether signed."""

    requests_per_minute: int
    networks: Sequence[str] = ()
    requires_signature: bool = False


@transaction.atomic(durable=True)
def change_client(client: Client, facts: CallerFacts, *, by: Actor, now: datetime) -> Client:
    """Change how a client may call; it counts from its next request, or seconds later while it redeems.

    :raises InvalidError: no networks, or no number of requests, that this could be
    :raises WrongStateError: signatures of a client that has no key to check them with
    """
    permit(by, Act.CLIENT_EDIT, {})
    client = locked(Client, client)
    wanted = _checked(client, facts)
    changed = [name for name, value in wanted.items() if getattr(client, name) != value]
    for name in changed:
        setattr(client, name, wanted[name])
    if changed:
        client.save(update_fields=changed)
        record(by, "client.changed", client, now=now, within=organizations_of(client), fields=changed)
    return client


def _checked(client: Client, facts: CallerFacts) -> dict[str, Any]:
    if not 1 <= facts.requests_per_minute <= MOST_REQUESTS:
        raise InvalidError.of("requests_per_minute", _("Enter a number from 1 to 10,000,000."))
    if facts.requires_signature and not client.signing_keys.filter(revoked_at=None).exists():
        says = _("Register a key to check its signatures with first: until then nothing it sends could pass.")
        raise WrongStateError(says, fields={"requires_signature": says})
    return {
        "requests_per_minute": facts.requests_per_minute,
        "networks": _checked_networks(facts.networks),
        "requires_signature": facts.requires_signature,
    }


def _checked_networks(given: Sequence[str]) -> list[str]:
    networks = []
    for text in given:
        try:
            networks.append(str(read_network(text)))
        except ValueError as error:
            says = _("“%(network)s” is no network. Write it as 203.0.113.0/24, 2001:db8::/32 or one address.")
            raise InvalidError.of("networks", says % {"network": text[:60]}) from error
    if len(networks) > MOST_NETWORKS:
        raise InvalidError.of(
            "networks", _("A client has at most %(most)d networks.") % {"most": MOST_NETWORKS}
        )
    return list(dict.fromkeys(networks))


@transaction.atomic(durable=True)
def disable_client(client: Client, *, by: Actor, now: datetime) -> Client:
    """Let a client open nothing from now on, whatever keys it holds.

    :raises WrongStateError: it is disabled already
    """
    permit(by, Act.CLIENT_EDIT, {})
    client = locked(Client, client)
    if client.disabled_at is not None:
        raise WrongStateError(_("This client is disabled already."))
    client.disabled_at = now
    client.save(update_fields=["disabled_at"])
    record(by, "client.disabled", client, now=now, within=organizations_of(client))
    return client


@transaction.atomic(durable=True)
def enable_client(client: Client, *, by: Actor, now: datetime) -> Client:
    """Let the keys of a disabled client work again, as far as they have not ended.

    :raises WrongStateError: it is not disabled
    """
    permit(by, Act.CLIENT_EDIT, {})
    client = locked(Client, client)
    if client.disabled_at is None:
        raise WrongStateError(_("This client is not disabled."))
    client.disabled_at = None
    client.save(update_fields=["disabled_at"])
    record(by, "client.enabled", client, now=now, within=organizations_of(client))
    return client


@transaction.atomic(durable=True)
def note_refused_address(client: Client, *, address: str, by: Actor, now: datetime) -> Client:
    """Write down that a client called from where it may not; *address*: its keyed token, never itself."""
    record(by, "client.refused_address", client, now=now, within=organizations_of(client), address=address)
    return client


@transaction.atomic(durable=True)
def issue_key(
    client: Client,
    *,
    acts: Iterable[Act] | None = None,
    life: timedelta = KEY_LIFE,
    overlap: timedelta | None = OVERLAP,
    by: Actor,
    now: datetime,
) -> tuple[ClientKey, str]:
    """Issue a new key and let the older ones end after the overlap; return the row and the key itself.

    The key (`cs_` + 8 characters + `_` + 256 bits in base64url) exists only in this return value. *acts*: what it
    opens, all that its client may do unless fewer are named. *overlap*: None leaves the older keys as they are.

    :raises InvalidError: a scope that the client does not hold, or a life that is too long
    :raises WrongStateError: the client is disabled, or has as many live keys as it may
    """
    permit(by, Act.CLIENT_EDIT, {})
    client = _with_room(client)
    scopes = _checked_scopes(client, acts)
    _check_life(life)
    if overlap is not None:
        _end_after(client, overlap, now)
    return _new_key(client, scopes, life, by, now)


@transaction.atomic(durable=True)
def rotate_key(
    key: ClientKey, *, overlap: timedelta = OVERLAP, by: Actor, now: datetime
) -> tuple[ClientKey, str]:
    """Issue a key with the scopes and the length of life of this one, which ends after the overlap.

    :raises WrongStateError: it has ended already, or its client is disabled or has as many live keys as it may
    """
    permit(by, Act.CLIENT_EDIT, {})
    client = _with_room(key.client)
    key = locked(ClientKey, key)
    if not key.is_live(now):
        raise WrongStateError(_("This key has ended already."))
    life = min((key.expires_at - key.created_at) if key.expires_at else KEY_LIFE, _longest_life())
    key.expires_at = min(key.expires_at or now + overlap, now + overlap)
    key.save(update_fields=["expires_at"])
    return _new_key(client, _checked_scopes(client, [Act(act) for act in key.acts]), life, by, now)


def _with_room(client: Client) -> Client:
    client = locked(Client, client)
    if client.disabled_at is not None:
        raise WrongStateError(_("This client is disabled."))
    return client


def _checked_scopes(client: Client, acts: Iterable[Act] | None) -> list[str]:
    scopes = client.acts if acts is None else sorted({act.value for act in acts})
    if not scopes:
        raise InvalidError.of("acts", _("Choose at least one scope."))
    if set(scopes) - set(client.acts):
        raise InvalidError.of("acts", _("A key opens at most what its client may do."))
    return scopes


def _longest_life() -> timedelta:
    return timedelta(days=settings.CLIENT_KEY_MOST_DAYS)


def _check_life(life: timedelta) -> None:
    if not timedelta(0) < life <= _longest_life():
        says = _("A key lives for 1 to %(days)d days.") % {"days": settings.CLIENT_KEY_MOST_DAYS}
        raise InvalidError.of("life", says)


def _end_after(client: Client, overlap: timedelta, now: datetime) -> None:
    ends_at = now + overlap
    client.keys.filter(revoked_at=None).exclude(expires_at__lte=ends_at).update(expires_at=ends_at)


def _new_key(
    client: Client, scopes: list[str], life: timedelta, by: Actor, now: datetime
) -> tuple[ClientKey, str]:
    live = client.keys.filter(revoked_at=None).exclude(expires_at__lte=now).count()
    if live >= MOST_LIVE_KEYS:
        says = _("A client has at most %(most)d live keys. Revoke one that is no longer used.")
        raise WrongStateError(says % {"most": MOST_LIVE_KEYS})
    secret = secrets.token_urlsafe(32)
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _place in range(8))
    key = ClientKey.objects.create(
        client=client,
        prefix=prefix,
        digest=hashlib.sha256(secret.encode()).digest(),
        issued_by=User.objects.filter(public_id=by.person).first(),
        acts=scopes,
        created_at=now,
        expires_at=now + life,
    )
    record(by, "key.issued", client, now=now, within=organizations_of(client), key=key.public_id, acts=scopes)
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
    record(by, "key.revoked", key.client, now=now, within=organizations_of(key.client), key=key.public_id)
    return key


@transaction.atomic(durable=True)
def touch_key(key_id: int, *, now: datetime) -> None:
    """Remember that a key was used, at most once a minute so that busy keys cost nothing."""
    stale = now - timedelta(minutes=1)
    ClientKey.objects.filter(pk=key_id).exclude(last_used_at__gt=stale).update(last_used_at=now)
