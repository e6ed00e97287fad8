"""Where a request comes from: forged headers count for nothing, and proxies of ours for what they saw."""

from ipaddress import ip_address
from typing import Any

import pytest

from portal.core.callers import caller_address, is_within, neighbourhood, read_address, read_network

PROXIES = ["10.0.0.0/8", "2001:db8:ff::/48"]


@pytest.fixture
def behind_proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = PROXIES


def asked(connection: str, forwarded: str | None = None) -> str:
    meta = {"REMOTE_ADDR": connection}
    return str(caller_address(meta if forwarded is None else meta | {"HTTP_X_FORWARDED_FOR": forwarded}))


def test_believes_nobody_unless_told_to() -> None:
    assert asked("10.0.0.1", "203.0.113.7") == "10.0.0.1"


@pytest.mark.usefixtures("behind_proxies")
@pytest.mark.parametrize(
    ("connection", "forwarded", "found"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        # What the sender itself wrote stands to the left of what the proxy saw.
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7, 10.2.3.4", "203.0.113.7"),
        ("10.0.0.1", "nonsense, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "nonsense", "None"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:ff::1", "2001:db8:1::7", "2001:db8:1::7"),
        ("", "203.0.113.7", "None"),
    ],
)
def test_reads_what_proxies_of_ours_saw(connection: str, forwarded: str | None, found: str) -> None:
    assert asked(connection, forwarded) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("", "None"),
        ("203.0.113.7:443", "None"),
        ("203.0.113.007", "None"),
    ],
)
def test_reads_addresses_in_one_form(text: str, found: str) -> None:
    assert str(read_address(text)) == found


def test_an_address_lies_in_networks_of_its_own_family() -> None:
    networks = [read_network("203.0.113.0/24"), read_network("2001:db8::/32")]

    assert is_within(ip_address("203.0.113.200"), networks)
    assert is_within(ip_address("2001:db8::1"), networks)
    assert not is_within(ip_address("203.0.114.1"), networks)
    assert not is_within(None, networks)


def test_counts_an_ipv6_address_with_its_network() -> None:
    assert neighbourhood(ip_address("2001:db8::1")) == neighbourhood(ip_address("2001:db8::ffff"))
    assert neighbourhood(ip_address("2001:db8:0:1::1")) != neighbourhood(ip_address("2001:db8::1"))
    assert neighbourhood(ip_address("203.0.113.7")) != neighbourhood(ip_address("203.0.113.8"))
    assert neighbourhood(None) == "unknown"
