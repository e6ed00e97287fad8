"""Addresses that others chose: only public ones, by https, and the connection goes where the look-up was judged."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from portal.core import addresses
from portal.core.addresses import MOST_BYTES, OutsideError, check_outside, fetch, is_public, send_outside
from portal.core.errors import UnavailableError


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_private_addresses_are_private_in_every_notation(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_takes_a_public_address_by_https() -> None:
    assert check_outside("https://8.8.8.8/hook") == "https://8.8.8.8/hook"


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://user:password@8.8.8.8/",
        "https://8.8.8.8/#part",
        "https://8.8.8.8:99999/",
        "https://name.invalid/",
        "https://",
        "file:///etc/passwd",
        "ftp://8.8.8.8/",
        "gopher://8.8.8.8/",
        "https://[::1",
        "",
    ],
)
def test_refuses_whatever_leads_inside_or_nowhere(url: str) -> None:
    with pytest.raises(OutsideError) as refused:
        check_outside(url, field="issuer")

    assert set(refused.value.fields) == {"issuer"}


def test_a_name_that_changes_its_mind_leads_nowhere(monkeypatch: Any) -> None:
    answers = iter(["8.8.8.8", "127.0.0.1"])
    # A server of names that says one thing when asked and another when connected to; no such server is at hand.
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", (next(answers), 443))])

    with pytest.raises(OutsideError, match="private network"):
        fetch("GET", "https://rebinding.example/")


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/slow":
            self._drip()
            return
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        body = b"x" * (MOST_BYTES + 10 if self.path == "/large" else 5)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path != "/cut":
            self.wfile.write(body)

    def do_POST(self) -> None:
        self._drip()

    def _drip(self) -> None:
        """Answer with one header after the other, each within any time between two."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        with suppress(OSError):
            for number in range(90):
                self.wfile.write(b"X-Header-%d: more\r\n" % number)
                time.sleep(0.1)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answers) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def test_fetches_from_a_private_address_where_the_operator_allows_it(server: str, settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True

    assert fetch("GET", f"{server}/") == b"xxxxx"


def test_fetches_nothing_from_a_private_address_otherwise(server: str) -> None:
    with pytest.raises(OutsideError):
        fetch("GET", f"{server}/")


@pytest.mark.parametrize(
    "ask", [lambda url: fetch("GET", url), lambda url: send_outside(url, body=b"", headers={})]
)
def test_whoever_answers_a_header_at_a_time_is_not_waited_for(
    ask: Callable[[str], object], server: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(addresses, "LONGEST", 0.3)
    began = time.monotonic()

    with pytest.raises(UnavailableError):
        ask(f"{server}/slow")

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("path", ["/moved", "/large", "/cut"])
def test_a_redirect_a_flood_and_half_an_answer_are_no_answer(path: str, server: str, settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True

    with pytest.raises(UnavailableError):
        fetch("GET", f"{server}{path}")
