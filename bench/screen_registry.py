"""The registry under load: records by the million, look-ups over HTTP one by one and a thousand at a time."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import URLError

import psycopg

HOST = "127.0.0.1"
# Elements of a person that a consortium is told, on average.
TOKENS = 8
KNOWN = 500
MEMBER, OTHER = "org_bench0001", "org_bench0002"

_RECORDS = """
INSERT INTO fraud_registryrecord (id, public_id, contribution, fraud_type, role, month, proof, expires_on, contributor,
    state, tokens, application, news, registered_at)
OVERRIDING SYSTEM VALUE
SELECT n, 'rec_' || n, int8send(n), 'identity-theft', 'perpetrator', '2026-01-01', 'evidenced', '2199-01-01', '',
    'live', '', '', '', now()
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
# Version 4 of a UUID is as random as a token but for six bits.
_TOKENS = """
INSERT INTO fraud_registrytoken (token, record_id, kind)
SELECT gen_random_uuid(), n, kind
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n, generate_series(1, %(tokens)s) kind
"""
_KEY = (
    "ALTER TABLE fraud_registrytoken ADD CONSTRAINT fraud_registrytoken_pkey PRIMARY KEY (token, record_id)"
)


def fill(first: int, last: int) -> float:
    """Make records up to a number, under ids that the registry does not give; return records a second."""
    started = time.monotonic()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("SET maintenance_work_mem = '1GB'")
        values = {"first": first + 1_000_000_000, "last": last + 999_999_999, "tokens": TOKENS}
        owner.execute("ALTER TABLE fraud_registrytoken DROP CONSTRAINT fraud_registrytoken_pkey")
        for statement in (_RECORDS, _TOKENS):
            owner.execute(statement, values)
        owner.execute(_KEY)
        owner.execute("VACUUM ANALYZE fraud_registrytoken")
    return (last - first) / (time.monotonic() - started)


@contextmanager
def registry_server() -> Iterator[str]:
    """Serve the registry as the local stack does; give its address."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    arguments = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--no-ws"]
    arguments += ["--workers", str(min(2, os.cpu_count() or 1)), "--blocking-threads", "8"]
    from portal.privileges import Process
    from portal.stack.processes import own

    environment = own(Process.REGISTRY, os.environ) | {"LOG_LEVEL": "WARNING"}
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *arguments, "portal.wsgi:application"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        await_answer(f"http://{HOST}:{port}/readyz")
        yield f"http://{HOST}:{port}"
    finally:
        server.terminate()
        server.wait(10)


def tell_known(registry: Any) -> list[tuple[Any, ...]]:
    """Tell the registry of some frauds; give the tokens of each."""
    from fraud.rules.consortium import Facts, FraudType, RecordRole, Report

    known = [some_tokens() for _number in range(KNOWN)]
    facts = Facts(fraud_type=FraudType.MONEY_MULE, role=RecordRole.MULE, month="2026-01")
    for tokens in known:
        registry.report(
            Report(contribution=f"ctb_{secrets.token_hex(8)}", institution=OTHER, facts=facts, tokens=tokens)
        )
    return known


def some_tokens() -> tuple[Any, ...]:
    """Give screening tokens of a person whom nobody knows."""
    from fraud.rules.consortium import KindToken
    from fraud.rules.packing import NUMBERS

    return tuple(KindToken(str(kind), secrets.token_bytes(16)) for kind in list(NUMBERS)[:TOKENS])


def questions(known: Sequence[tuple[Any, ...]], count: int) -> list[Any]:
    """Give questions of which one in ten is about somebody known."""
    from fraud.rules.consortium import Question

    return [
        Question(
            application=f"app_{secrets.token_hex(10)}",
            tokens=known[number % len(known)] if number % 10 == 0 else some_tokens(),
        )
        for number in range(count)
    ]


def one_by_one(registry: Any, asked: Sequence[Any], *, rate: float, threads: int = 8) -> list[float]:
    """Ask at a rate, each at its own moment whether earlier ones were answered or not; give sorted milliseconds.

    A question counts from the moment at which it was due.
    """
    begun = time.perf_counter() + 0.1

    def ask(number: int) -> float:
        due = begun + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        (answer,) = registry.ask(MEMBER, [asked[number]])
        if answer is None or bool(answer.hits) != (number % 10 == 0):
            raise AssertionError("the registry gave no answer, or a wrong one")
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(threads) as pool:
        return sorted(pool.map(ask, range(len(asked))))


def together(registry: Any, asked: Sequence[Any]) -> float:
    """Ask a thousand at a time; give questions a second."""
    started = time.perf_counter()
    answers = registry.ask(MEMBER, asked, deadline=time.monotonic() + 600)
    if None in answers:
        raise AssertionError("the registry gave no answer")
    return len(asked) / (time.perf_counter() - started)


def percentile(sorted_ms: Sequence[float], share: float) -> float:
    """Give the value below which that share lies."""
    return sorted_ms[min(len(sorted_ms) - 1, int(len(sorted_ms) * share))]


def comparing(registry: Any, earlier: Sequence[Any]) -> float:
    """Tell of frauds that earlier questions agree with; give milliseconds for each, notices included."""
    from fraud.rules.consortium import Facts, FraudType, RecordRole, Report

    facts = Facts(fraud_type=FraudType.OTHER, role=RecordRole.PERPETRATOR, month="2026-01")
    started = time.perf_counter()
    for question in earlier:
        registry.report(
            Report(
                contribution=f"ctb_{secrets.token_hex(8)}",
                institution=OTHER,
                facts=facts,
                tokens=question.tokens,
            )
        )
    return (time.perf_counter() - started) / len(earlier) * 1000


def await_answer(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(URLError, ConnectionError, TimeoutError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.05)
    raise AssertionError("the registry does not start")
