"""Client keys at the API's door: `Authorization: Bearer cs_…` becomes an actor; sessions open nothing here.

Where a client may call from, and whether it must sign, is asked here as well.
"""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import structlog
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.accounts.actors import Actor
from portal.accounts.models import Client
from portal.accounts.operations.clients import note_refused_address, touch_key
from portal.accounts.queries import client_actor
from portal.accounts.secrets import token
from portal.api.limits import count_wrong_key, is_first_refusal
from portal.api.signatures import check_signature, is_signed
from portal.core import clock
from portal.core.callers import Network, caller_address, is_within, neighbourhood, read_network
from portal.core.errors import ForbiddenError

log = structlog.get_logger(__name__)

SCHEME = "Bearer"
# Seconds for which an endpoint may go without asking, when its operation asks the database itself.
REMEMBERED_SECONDS = 5.0
REMEMBERED_KEYS = 1000
# Seconds between two notes of when a key was last used.
TOUCH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """The client behind a request: how often it may ask, from where, and whether signed."""

    actor: Actor
    requests_per_minute: int
    # Without any it may ask from everywhere.
    networks: tuple[Network, ...] = ()
    requires_signature: bool = False
    # What the framework's permission asks of a user.
    is_authenticated: bool = True


def caller_of(request: Request) -> Caller:
    """Give the client behind a request that has been let in."""
    return cast("Caller", request.user)


@dataclass(slots=True)
class _Memory:
    """Callers by the digest of their key, and keys by when their use was noted; shared by threads."""

    callers: dict[bytes, tuple[float, Caller]] = field(default_factory=dict)
    touched: dict[int, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def caller(self, digest: bytes) -> Caller | None:
        known_until, caller = self.callers.get(digest, (0.0, None))
        return caller if time.monotonic() < known_until else None

    def remember(self, digest: bytes, caller: Caller) -> None:
        with self.lock:
            if len(self.callers) >= REMEMBERED_KEYS:
                self.callers.clear()
            self.callers[digest] = (time.monotonic() + REMEMBERED_SECONDS, caller)

    def is_due(self, key_id: int) -> bool:
        """Say, once a minute for each key, that its use is to be noted."""
        with self.lock:
            now = time.monotonic()
            if now - self.touched.get(key_id, -TOUCH_SECONDS) < TOUCH_SECONDS:
                return False
            self.touched[key_id] = now
            return True


_memory = _Memory()


class ClientKeyAuthentication(BaseAuthentication):
    """Ask the database on each request whose key this is, and whether it is still live.

    With *may_remember* it goes without for a few seconds after: only for endpoints whose operation asks, in its
    own transaction, whether the key is still live.
    """

    def __init__(self, *, may_remember: bool = False) -> None:
        self._may_remember = may_remember

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _space, presented = header.partition(" ")
        if scheme.lower() != SCHEME.lower():
            raise AuthenticationFailed(_("Send the client key as “Authorization: Bearer KEY”."))
        caller = self.caller(presented.strip())
        if caller is None:
            count_wrong_key(neighbourhood(caller_address(request.META)))
            raise AuthenticationFailed(_("This key is unknown, revoked or expired."))
        _check_manner(request._request, caller)
        return caller, None

    def caller(self, presented: str) -> Caller | None:
        """Find the live client behind a key."""
        digest = hashlib.sha256(presented.encode()).digest()
        known = _memory.caller(digest) if self._may_remember else None
        if known is not None:
            return known
        caller = _asked(presented)
        if caller is not None and self._may_remember:
            _memory.remember(digest, caller)
        return caller

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'


def _check_manner(request: HttpRequest, caller: Caller) -> None:
    """Let a call pass that comes from where its client may call, and signed if it must be.

    :raises ForbiddenError: it comes from elsewhere
    :raises SignatureRefusedError: it is not signed as it must be
    """
    if caller.networks and not is_within(caller_address(request.META), caller.networks):
        _note_refusal(request, caller.actor)
        raise ForbiddenError(_("This client may not call from this address."))
    if caller.requires_signature or is_signed(request):
        client_id = caller.actor.client_id or 0
        check_signature(request, client_id, is_required=caller.requires_signature, now=clock.now())


def _note_refusal(request: HttpRequest, actor: Actor) -> None:
    log.warning("client.refused_address", client=actor.id)
    if is_first_refusal(actor.client_id or 0):
        address = token("address", str(caller_address(request.META)))
        client = Client.objects.get(public_id=actor.id)
        note_refused_address(client, address=address, by=actor, now=clock.now())


def _asked(presented: str) -> Caller | None:
    now = clock.now()
    actor = client_actor(presented, now=now)
    if actor is None or actor.client_id is None:
        return None
    _note_use(actor, now)
    client = Client.objects.only("requests_per_minute", "networks", "requires_signature").get(
        pk=actor.client_id
    )
    networks = tuple(read_network(text) for text in client.networks)
    return Caller(actor, client.requests_per_minute, networks, client.requires_signature)


def _note_use(actor: Actor, now: datetime) -> None:
    if actor.key_id is not None and _memory.is_due(actor.key_id):
        touch_key(actor.key_id, now=now)
