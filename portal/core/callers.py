"""Where a request comes from: the address of its connection, or what trusted proxies say of it."""

from collections.abc import Iterable, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# A household or an office has a network of this size to itself, so its addresses count as one.
_IPV6_NEIGHBOURS = 64


def caller_address(meta: Mapping[str, str]) -> Address | None:
    """Give the address of whoever sent a request; *meta* is its WSGI environment; None when nobody can say.

    `X-Forwarded-For` counts only as far as proxies of ours have written it: read from the right, past the
    addresses in TRUSTED_PROXIES, to the first that is none of them.
    """
    trusted = _networks(tuple(settings.TRUSTED_PROXIES))
    address = read_address(meta.get("REMOTE_ADDR", ""))
    hops = meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if trusted else []
    while hops and hops[-1].strip() and address is not None and is_within(address, trusted):
        address = read_address(hops.pop())
    return address


def neighbourhood(address: Address | None) -> str:
    """Name what is counted together: an IPv4 address by itself, an IPv6 address with its network."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6_NEIGHBOURS), strict=False))
    return str(address or "unknown")


def read_address(text: str) -> Address | None:
    """Read an address; an IPv4 address written as IPv6 is the same address, and a zone says nothing outside."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def read_network(text: str) -> Network:
    """Read a network in CIDR notation, or a single address.

    :raises ValueError: it is neither, or has bits beyond its prefix
    """
    return ip_network(text.strip())


def is_within(address: Address | None, networks: Iterable[Network]) -> bool:
    """Say whether an address lies in one of the networks; one that nobody knows lies in none."""
    return address is not None and any(address in network for network in networks)


@cache
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(read_network(text) for text in texts)
