"""Addresses that somebody else chose: reached only where they lead out of our own network (OWASP, SSRF).

A name is looked up once, every answer is judged, and the connection goes to the very address that was judged, so
that a name which changes its mind in between leads nowhere else.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from portal.core.errors import InvalidError, UnavailableError

# Seconds to connect, and to wait for each part of an answer.
TIMEOUT = (3.0, 5.0)
# And for the whole of it.
LONGEST = 10.0
MOST_BYTES = 1024 * 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OutsideError(InvalidError):
    """Refuse an address that does not lead out of our network, or not by https."""

    code = "address-refused"


def check_outside(url: str, *, field: str = "url") -> str:
    """Return the address if it is https, has no credentials, and every look-up of its host is public.

    :raises OutsideError: it is not; `field` names the form's field
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise OutsideError.of(field, _("This is no address of the web.")) from None
    if not host or parts.username is not None or parts.fragment:
        raise OutsideError.of(field, _("This is no address of the web."))
    schemes = {"https", "http"} if settings.ALLOW_PRIVATE_ADDRESSES else {"https"}
    if parts.scheme not in schemes:
        raise OutsideError.of(field, _("The address must begin with https://."))
    _public_address(host, port, field)
    return url


def fetch(method: str, url: str, *, headers: Mapping[str, str] | None = None, **body: Any) -> bytes:
    """Ask an outside address and return at most a megabyte of its answer; redirects are not followed.

    :raises OutsideError: the address leads inside, also if its name does so only now
    :raises UnavailableError: it does not answer in time, with success, or within the size
    """
    check_outside(url)
    with outside_session() as session, _in_time():
        try:
            answer = session.request(
                method, url, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True, **body
            )
            content = _read(answer)
        except (requests.RequestException, OSError) as error:
            raise UnavailableError(_("The other side does not answer. Try again later.")) from error
    if answer.status_code >= 300 or len(content) > MOST_BYTES:
        raise UnavailableError(_("The other side gives no usable answer. Try again later."))
    return content


def send_outside(url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
    """Post to an outside address and return the status of its answer, which is not read; redirects are not followed.

    :raises OutsideError: the address leads inside, also if its name does so only now
    :raises UnavailableError: it does not answer in time
    """
    check_outside(url)
    with outside_session() as session, _in_time():
        try:
            answer = session.post(
                url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            )
        except (requests.RequestException, OSError) as error:
            raise UnavailableError(_("The other side does not answer. Try again later.")) from error
    return answer.status_code


def _read(answer: requests.Response) -> bytes:
    """Read until there is enough to judge; whoever sends a byte a second is not waited for."""
    deadline = time.monotonic() + LONGEST
    content = b""
    for chunk in answer.iter_content(8192):
        content += chunk
        if len(content) > MOST_BYTES:
            break
        if time.monotonic() > deadline:
            raise requests.Timeout("the answer takes too long")
    return content


# The connections of the call that is under way, by second handles, since TLS takes the first ones over.
_handles: ContextVar[list[socket.socket] | None] = ContextVar("_handles", default=None)


@contextmanager
def _in_time() -> Iterator[None]:
    """End what is connected in the block when its time is up; who sends a header a second would hold a worker else.

    :raises UnavailableError: it was up, and half an answer is none
    """
    handles: list[socket.socket] = []
    is_up = threading.Event()
    token = _handles.set(handles)
    timer = threading.Timer(LONGEST, _end, [handles, is_up])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _handles.reset(token)
        for handle in handles:
            handle.close()
    if is_up.is_set():
        raise UnavailableError(_("The other side does not answer. Try again later."))


def _end(handles: list[socket.socket], is_up: threading.Event) -> None:
    is_up.set()
    for handle in handles:
        # Closed already: the call is over.
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)


def _connected(address: tuple[str, int | None], *options: Any) -> socket.socket:
    link = socket.create_connection(address, *options)
    handles = _handles.get()
    if handles is not None:
        handles.append(link.dup())
    return link


def outside_session() -> requests.Session:
    """Make a session whose every connection goes to a public address, whatever the name says meanwhile."""
    session = requests.Session()
    # No proxy, no .netrc: what stands in our environment is not for strangers.
    session.trust_env = False
    session.mount("https://", _OutsideAdapter())
    session.mount("http://", _OutsideAdapter())
    return session


def is_public(address: Address) -> bool:
    """Say whether an address belongs to nobody's private network, in whatever notation it hides."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def _public_address(host: str, port: int, field: str = "url") -> str:
    """Look a host up once and return its first address.

    :raises OutsideError: unknown, or any of its addresses is private
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutsideError.of(field, _("Nobody knows this host.")) from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not settings.ALLOW_PRIVATE_ADDRESSES and not all(
        is_public(ipaddress.ip_address(address)) for address in addresses
    ):
        raise OutsideError.of(field, _("This address leads into a private network."))
    return addresses[0]


class _Checked(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        address = _public_address(self._dns_host, self.port or 80)
        return _connected((address, self.port), self.timeout, self.source_address)


class _CheckedSafely(HTTPSConnection):
    # The name stays the one that the certificate must carry; only the way there is fixed.
    def _new_conn(self) -> socket.socket:
        address = _public_address(self._dns_host, self.port or 443)
        return _connected((address, self.port), self.timeout, self.source_address)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _CheckedSafely


class _OutsideAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}
