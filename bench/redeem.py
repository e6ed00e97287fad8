"""Redemption: over HTTP beside a view that does nothing, the statements beside the ORM and the bare database."""

import argparse
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from statistics import median
from typing import Any

import django
import psycopg

from bench.redeem_load import HOST, Outcome, drive, redemption, timed, view

CODES = 1_000_000
CONNECTIONS = 16
# Of the peak; where a service has room left.
SHARE = 0.7


@dataclass
class Stage:
    """A campaign with an active batch, and a client that redeems its codes."""

    campaign: Any
    actor: Any
    key: str
    now: datetime
    _serial: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serial(self) -> int:
        """Give the next serial that nobody has used."""
        with self._lock:
            self._serial += 1
            return self._serial

    def code(self) -> str:
        from campaigns.queries.codebooks import codebook

        return str(self.campaign.format.printed(codebook(self.campaign).code_of(self.serial())))

    def requests(self, count: int) -> list[bytes]:
        """Write requests with a code each, for members who come back now and then."""
        return [redemption(self.key, self.code(), _member(), self._serial) for _number in range(count)]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each run over HTTP (10)")
    parser.add_argument(
        "--workers", type=int, default=min(4, os.cpu_count() or 1), help="web processes (cores)"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure the operation in this process, then the endpoint over HTTP."""
    django.setup()
    stage = _set_up()
    count = 300 if options.quick else 1500
    ours, orm = _in_process(stage, count)
    alone = _database_alone(stage, count * 2)
    with _server(options.workers) as port:
        over_http = _over_http(stage, port, 2.0 if options.quick else options.seconds)
    peak, empty, paced = over_http
    return {
        "figures": {
            "redemptions_per_s": round(peak.per_second, 1),
            "p50_ms": round(paced.percentile(0.50), 2),
            "p95_ms": round(paced.percentile(0.95), 2),
            "p99_ms": round(paced.percentile(0.99), 2),
            "empty_view_per_s": round(empty.per_second, 1),
            "operation_per_s_one_thread": round(ours, 1),
            "orm_per_s_one_thread": round(orm, 1),
            "database_alone_per_s": round(alone, 1),
            "refused_or_failed": sum(count for status, count in peak.statuses.items() if status != 201),
        },
        "ratios": {
            "of_empty_view": round(peak.per_second / empty.per_second, 3),
            "vs_orm": round(ours / orm, 2),
            "of_database_alone": round(peak.per_second / alone, 3),
        },
    }


def _in_process(stage: Stage, count: int) -> tuple[float, float]:
    """Give redemptions a second of one thread: by the operation, and as one writes it with the ORM."""
    from bench.redeem_orm import redeem_by_orm
    from campaigns.operations.redemption import redeem_code

    codes = [stage.code() for _number in range(count)]
    serials = [stage.serial() for _number in range(count)]

    def operation(number: int) -> None:
        redeem_code(
            codes[number],
            member=_member(),
            campaign="bench",
            request_key=f"in-{number}",
            by=stage.actor,
            now=stage.now,
        )

    def orm(number: int) -> None:
        redeem_by_orm(stage.campaign, serials[number], _member(), by=stage.actor, now=stage.now)

    thirds = [range(start, start + count // 3) for start in range(0, count // 3 * 3, count // 3)]
    rates: dict[str, list[float]] = {"operation": [], "orm": []}
    for third in thirds:
        rates["operation"].append(timed(operation, third, 1))
        rates["orm"].append(timed(orm, third, 1))
    return median(rates["operation"]), median(rates["orm"])


def _database_alone(stage: Stage, count: int) -> float:
    """Give how many times a second the database itself does what one redemption asks of it."""
    from campaigns.operations.redemption import _SPEND_BY_KNOWN, _SPEND_BY_NEW, new_member_values
    from campaigns.queries.codes import _HOLD, _RECORDS, Reading, reading_values
    from campaigns.queries.members import member_token

    local = threading.local()
    batch = stage.campaign.batches.get()

    def work(_number: int) -> None:
        if not hasattr(local, "link"):
            local.link = psycopg.connect(os.environ["DATABASE_URL"], prepare_threshold=0)
        serial = stage.serial()
        market_id, member = stage.campaign.market_id, _member()
        token = member_token(market_id, member)
        values = reading_values([Reading(stage.campaign, serial, member=token)])
        values |= {
            "key": stage.actor.key_id,
            "now": stage.now,
            "redemption": f"red_{secrets.token_hex(13)}",
            "points": 10,
        }
        values |= {"token": token, "campaign": stage.campaign.pk, "serial": serial, "batch": batch.pk}
        values |= {"client": stage.actor.client_id, "request_key": "bench"}
        # Two first redemptions of one member at once: the operation tries again, here the answer is enough.
        with suppress(psycopg.errors.ForeignKeyViolation), local.link.transaction():
            local.link.execute(_HOLD, values).fetchall()
            holder = local.link.execute(_RECORDS, values).fetchall()[0][-1]
            if holder is not None:
                local.link.execute(_SPEND_BY_KNOWN, values | {"holder": holder}).fetchall()
            else:
                values |= new_member_values(market_id, member)
                local.link.execute(_SPEND_BY_NEW, values).fetchall()

    return timed(work, range(count), CONNECTIONS)


def _over_http(stage: Stage, port: int, seconds: float) -> tuple[Outcome, Outcome, Outcome]:
    """Drive the endpoint at its peak, a view that does nothing at its own, and the endpoint at a share of its peak."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver:

        def driven(requests: list[bytes], rate: float | None = None) -> Outcome:
            return driver.submit(drive, port, requests, CONNECTIONS, rate).result()

        guess = driven(stage.requests(400)).per_second
        peak = driven(stage.requests(int(guess * seconds)))
        empty = driven([view("/healthz")] * int(guess * seconds * 2))
        rate = SHARE * peak.per_second
        paced = driven(stage.requests(int(rate * seconds)), rate)
    return peak, empty, paced


@contextmanager
def _server(workers: int, **environment: str) -> Iterator[int]:
    """Serve the portal as the local stack does, with more in its environment where that is given."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    arguments = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--no-ws"]
    arguments += ["--workers", str(workers), "--blocking-threads", "8", "portal.wsgi:application"]
    own = {**os.environ, "LOG_LEVEL": "WARNING", **environment}
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *arguments], env=own, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            drive(port, [view("/healthz")], 1)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _member() -> str:
    return f"ext:{secrets.randbelow(20_000)}"


def _set_up() -> Stage:
    """Set up a campaign by its operations, and enter its batch as delivered without sending a file anywhere."""
    from django.core.management import call_command
    from django.db.models import F

    from bench.redeem_orm import a_campaign, a_client
    from campaigns.models import Batch, BatchFile
    from campaigns.operations.planning import Order, approve_batch, plan_batch
    from portal.accounts.actors import SYSTEM
    from portal.accounts.queries import client_actor

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    campaign, printer = a_campaign(now)
    batch = plan_batch(campaign, Order(printer=printer, quantity=CODES), by=SYSTEM, now=now)
    # The system plans; a person has to answer for the second signature.
    batch = approve_batch(batch, by=replace(SYSTEM, id="somebody", person="somebody"), now=now)
    rows = BatchFile.objects.filter(batch=batch)
    rows.update(state="delivered", last_serial=F("first_serial") + F("rows") - 1, rows_done=F("rows"))
    Batch.objects.filter(pk=batch.pk).update(state="active", activated_at=now)
    key = a_client(campaign, now)
    actor = client_actor(key, now=now)
    return Stage(campaign, actor, key, now + timedelta(seconds=1))
