"""A process of its own for applications: web sends them on to it, and it believes nobody else about the caller."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.error import URLError
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.test import RequestFactory, override_settings

from fraud.models import Application
from fraud.rules.canonical import to_json
from portal.accounts.roles import ClientKind
from portal.core.forwarded import CALLER, SEAL, ForwardedMiddleware, forwarded_headers
from portal.privileges import Process
from tests import makers
from tests.makers_fraud import canonical, make_institution
from tests.processes import ROOT, on_these_engines

URL = "/api/v1/applications"


@pytest.fixture
def screen() -> Iterator[str]:
    """A screen process that connects as its own role; gives its address."""
    base, role = connection.settings_dict, Process.SCREEN.role
    login = f"{role}:{quote(settings.DATABASE_PASSWORDS[role])}@{base['HOST']}:{base['PORT']}"
    own = {"PROCESS": Process.SCREEN.value, "DATABASE_URL": f"postgres://{login}/{base['NAME']}"}
    own |= {"ALLOWED_HOSTS": "testserver,127.0.0.1", "LOG_LEVEL": "WARNING"}
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    arguments = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *arguments, "portal.wsgi:application"],
        env=on_these_engines() | own,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        _await(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5)
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def send(key: str, number: int = 1, **more: Any) -> Any:
    headers = {"authorization": f"Bearer {key}", "idempotency-key": f"key-{number}"}
    document = json.loads(to_json(canonical()))
    return Browser(headers=headers).post(URL, document | more, content_type="application/json")


@pytest.mark.django_db(transaction=True)
def test_web_sends_applications_on_and_gives_the_answer_as_it_comes(screen: str) -> None:
    key = makers.client_with_key(ClientKind.INSTITUTION, make_institution())[1]

    with override_settings(SCREEN_URL=screen):
        sent, other, wrong = send(key), send(key, 2, amount=1), send("cs_00000000_nothing", 3)
        asked = Browser(headers={"authorization": f"Bearer {key}"}).get(f"{URL}/{sent.json()['id']}")

    assert (sent.status_code, sent.json()["status"]) == (201, "decided")
    assert (other.status_code, other.json()["code"]) == (409, "reference-conflict")
    assert wrong.status_code == 401
    assert (asked.status_code, asked.json()["screening"]) == (200, sent.json()["screening"])
    assert Application.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_client_that_may_call_from_elsewhere_alone_is_refused_behind_web_too(screen: str) -> None:
    client, key = makers.client_with_key(ClientKind.INSTITUTION, make_institution())
    type(client).objects.filter(pk=client.pk).update(networks=["198.51.100.0/24"])

    with override_settings(SCREEN_URL=screen):
        refused = send(key)
        type(client).objects.filter(pk=client.pk).update(networks=["127.0.0.1"])
        taken = send(key, 2)

    assert (refused.status_code, taken.status_code) == (403, 201)


@pytest.mark.django_db(transaction=True)
def test_says_that_the_process_is_away() -> None:
    key = makers.client_with_key(ClientKind.INSTITUTION, make_institution())[1]

    with override_settings(SCREEN_URL="http://127.0.0.1:9"):
        away, large = send(key), send(key, 2, device_id="x" * 70_000)

    assert (away.status_code, away.json()["code"]) == (503, "overloaded")
    assert away.headers["Retry-After"]
    assert large.status_code == 413


def seen_by_screen(headers: dict[str, str], path: str = URL) -> dict[str, Any]:
    """What the screen process takes for the caller."""
    request = RequestFactory().get(path, headers=headers, REMOTE_ADDR="10.0.0.1")
    ForwardedMiddleware(lambda request: request)(request)  # type: ignore[return-value]
    return request.META


def test_believes_what_web_says_of_the_caller() -> None:
    sent = forwarded_headers(RequestFactory().get(URL, REMOTE_ADDR="198.51.100.7"))

    assert seen_by_screen(sent)["REMOTE_ADDR"] == "198.51.100.7"


@pytest.mark.parametrize("forged", [{CALLER: "203.0.113.1"}, {SEAL: "0" * 64}])
def test_believes_nobody_else_about_the_caller(forged: dict[str, str]) -> None:
    sent = forwarded_headers(RequestFactory().get(URL, REMOTE_ADDR="198.51.100.7"))

    assert seen_by_screen(sent | forged)["REMOTE_ADDR"] == "10.0.0.1"
    assert seen_by_screen(sent, f"{URL}/app_other")["REMOTE_ADDR"] == "10.0.0.1"
