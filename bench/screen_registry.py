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

import numpy as np
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
_TABLES = ("fraud_registryrecord", "fraud_registrytoken")
_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('p', 'u') ORDER BY contype, conname
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = %(table)s::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = %(table)s::regclass)
"""
# Ids that the registry does not give.
_BEYOND = 1_000_000_000
# Records whose tokens are drawn and copied at once.
_BLOCK = 100_000
# A row of COPY's binary format: three fields of 16, 8 and 2 bytes, each behind its length.
_ROW = np.dtype(
    [
        *(("fields", ">i2"), ("token_size", ">i4"), ("token", "V16")),
        *(("record_size", ">i4"), ("record", ">i8"), ("kind_size", ">i4"), ("kind", ">i2")),
    ]
)


def fill(first: int, last: int) -> float:
    """Make records up to a number, under ids that the registry does not give; return records a second.

    Tokens are random, as tokens are to whoever has no key. Indexes are built afterwards, as a restore does.
    """
    started = time.monotonic()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        # What is thrown away after the bench need not survive a crash; indexes are sorted in memory.
        owner.execute("SET maintenance_work_mem = '2GB'; SET synchronous_commit = off")
        again = [(table, *_without_indexes(owner, table)) for table in _TABLES]
        owner.execute(_RECORDS, {"first": first + _BEYOND, "last": last + _BEYOND - 1})
        with (
            owner.cursor() as cursor,
            cursor.copy(
                "COPY fraud_registrytoken (token, record_id, kind) FROM STDIN (FORMAT binary)"
            ) as copy,
        ):
            # Its signature, no flags, no extension.
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            for at in range(first, last, _BLOCK):
                copy.write(_token_rows(at + _BEYOND, min(at + _BLOCK, last) + _BEYOND))
            copy.write(b"\xff\xff")
        for table, constraints, indexes in again:
            for name, definition in constraints:
                owner.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
            for definition in indexes:
                owner.execute(definition)
            owner.execute(f"VACUUM (ANALYZE, FREEZE) {table}")
    return (last - first) / (time.monotonic() - started)


def sizes() -> dict[str, int]:
    """Give megabytes of the registry's tokens and of their index."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        row = owner.execute(
            "SELECT pg_table_size('fraud_registrytoken') >> 20, pg_indexes_size('fraud_registrytoken') >> 20"
        ).fetchone()
    return {"tokens_mb": row[0], "tokens_index_mb": row[1]} if row else {}


def _without_indexes(owner: Any, table: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Drop what would be kept up row by row; give what makes it again: constraints and plain indexes."""
    indexes = owner.execute(_INDEXES, {"table": table}).fetchall()
    constraints = owner.execute(_CONSTRAINTS, [table]).fetchall()
    for name, _definition in indexes:
        owner.execute(f"DROP INDEX {name}")
    for name, _definition in constraints:
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    return constraints, [definition for _name, definition in indexes]


def _token_rows(first: int, last: int) -> bytes:
    """Write the tokens of records as COPY reads them."""
    rows = np.zeros((last - first) * TOKENS, _ROW)
    rows["fields"], rows["token_size"], rows["record_size"], rows["kind_size"] = 3, 16, 8, 2
    rows["token"] = np.frombuffer(os.urandom(16 * len(rows)), "V16")
    rows["record"] = np.repeat(np.arange(first, last), TOKENS)
    rows["kind"] = np.tile(np.arange(1, TOKENS + 1), last - first)
    return rows.tobytes()


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


def in_turn(
    registry: Any, known: Sequence[tuple[Any, ...]], *, pairs: int
) -> tuple[list[float], list[float]]:
    """Ask about somebody known and about nobody in turn, one at a time; give sorted milliseconds of hits and misses."""
    from fraud.rules.consortium import Question

    took: tuple[list[float], list[float]] = ([], [])
    for number in range(2 * pairs):
        # Pairs take turns in which of the two comes first.
        is_miss = number % 4 in {1, 2}
        tokens = some_tokens() if is_miss else known[number % len(known)]
        question = Question(application=f"app_{secrets.token_hex(10)}", tokens=tokens)
        started = time.perf_counter()
        registry.ask(MEMBER, [question])
        took[is_miss].append((time.perf_counter() - started) * 1000)
    return sorted(took[0]), sorted(took[1])


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
