"""The online door under load: applications of generated people, one by one at several rates, registry included."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from multiprocessing import get_context

from bench.redeem_load import HOST, Outcome, drive
from bench.screen_registry import await_answer

CONNECTIONS = 16
# Applications a second; the first is the one that is told without its rate.
RATES, QUICK_RATES = (20.0, 50.0, 100.0), (20.0,)
SECONDS, QUICK_SECONDS = 20.0, 8.0
WARM, WARM_RATE = 60, 20.0
# Asks at a rate, applications a second, for so many seconds.
Ask = Callable[[float, float], Outcome]


def measure(registry_url: str, *, quick: bool) -> dict[str, float]:
    """Give percentiles of the time to a decision over HTTP, in milliseconds, at each rate."""
    figures: dict[str, float] = {}
    rates, seconds = (QUICK_RATES, QUICK_SECONDS) if quick else (RATES, SECONDS)
    with online_door(registry_url) as ask:
        for rate in rates:
            figures |= _told(ask(rate, seconds), "" if rate == rates[0] else f"_at_{rate:g}")
    return figures


@contextmanager
def online_door(registry_url: str) -> Iterator[Ask]:
    """Serve the screen process, warm it, and give the function that asks it at a rate for so many seconds."""
    key, numbers = _a_client(), count()
    with _server(registry_url) as port, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver:

        def ask(rate: float, seconds: float) -> Outcome:
            some = _requests(key, next(numbers), int(rate * seconds))
            return driver.submit(drive, port, some, CONNECTIONS, rate).result()

        ask(WARM_RATE, WARM / WARM_RATE)
        yield ask


def _told(outcome: Outcome, mark: str) -> dict[str, float]:
    shares = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    told = {f"{name}_ms{mark}": round(outcome.percentile(share), 2) for name, share in shares}
    refused = sum(count for status, count in outcome.statuses.items() if status not in {200, 201})
    return told | {f"refused_or_late{mark}": refused}


def _requests(key: str, seed: int, wanted: int) -> list[bytes]:
    from fraud.rules.canonical import to_json
    from fraud.rules.people.applications import applications

    # References of two seeds are two.
    bodies = (
        to_json(application).replace(b'"reference":"', b'"reference":"online-%d-' % seed, 1)
        for application in applications(seed + 1, wanted)
    )
    return [_request(key, f"screen-{seed}-{number}", body) for number, body in enumerate(bodies)]


def _request(key: str, name: str, body: bytes) -> bytes:
    head = (
        f"POST /api/v1/applications HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {name}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _a_client() -> str:
    """Make an institution with a client that may ask as often as it likes, and give its key."""
    from fraud.models import Institution
    from portal.accounts.actors import SYSTEM
    from portal.accounts.models import Client, User
    from portal.accounts.operations.clients import issue_key
    from portal.accounts.roles import CLIENT_ACTS, ClientKind

    now = datetime.now(UTC)
    bank = Institution.objects.create(
        code="bench",
        kind=Institution.KIND,
        name="Bench",
        time_zone="America/Toronto",
        currency="CAD",
        language="en",
        time_budget=5_000,
    )
    person = User.objects.create(email="bench@example.com", name="Bench", password="!", created_at=now)
    client = Client.objects.create(
        name="Bench",
        kind=ClientKind.INSTITUTION,
        acts=sorted(CLIENT_ACTS[ClientKind.INSTITUTION]),
        issued_by=person,
        created_at=now,
        requests_per_minute=2_000_000_000,
    )
    client.organizations.add(bank.pk)
    return issue_key(client, by=SYSTEM, now=now)[1]


@contextmanager
def _server(registry_url: str) -> Iterator[int]:
    """Serve the screen process as the local stack does."""
    from portal.privileges import Process
    from portal.stack.processes import own

    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    arguments = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--no-ws"]
    arguments += ["--workers", str(min(2, os.cpu_count() or 1)), "--blocking-threads", "8"]
    environment = own(Process.SCREEN, os.environ) | {"REGISTRY_URL": registry_url, "LOG_LEVEL": "WARNING"}
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *arguments, "portal.wsgi:application"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        await_answer(f"http://{HOST}:{port}/healthz")
        yield port
    finally:
        server.terminate()
        server.wait(10)
