"""Submissions: a file of applications from its arrival to its signed result, by worker processes on every core."""

import argparse
import cProfile
import json
import os
import pstats
import secrets
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import django

from bench import screen_registry as registry_load
from bench.screen_online import online_door
from portal.privileges import Process
from portal.stack.processes import CORES, HANDS_BESIDE_ONLINE, STANDING_BACK, own

ROWS, QUICK_ROWS = 1_000_000, 6_000
SMALL, QUICK_SMALL = 10_000, 2_000
RECORDS, QUICK_RECORDS = 1_000_000, 20_000
PROFILED = 2_000
# How long the online door is watched beside a file, at so many applications a second.
BESIDE_SECONDS, BESIDE_RATE = 20.0, 20.0
BESIDE_BEFORE = 4.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--rows", type=int, help=f"applications of the large file ({ROWS:,})")
    parser.add_argument("--records", type=int, help=f"records of the registry ({RECORDS:,})")
    parser.add_argument(
        "--workers", type=int, default=CORES + 1, help="worker processes (one more than cores)"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure a small file and a large one against the same registry, then profile one chunk in this process."""
    rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    small = QUICK_SMALL if options.quick else SMALL
    records = options.records if options.records is not None else QUICK_RECORDS if options.quick else RECORDS
    bank = _set_up()
    if records:
        registry_load.fill(0, records)
    with registry_load.registry_server() if records else nullcontext("") as url:
        os.environ["REGISTRY_URL"] = url
        _use_registry(url)
        first = _one_file(bank, 7, small, options.workers)
        large = _one_file(bank, 11, rows, options.workers)
        shares = _profile(bank, 13, min(PROFILED, small))
        beside = _beside(bank, url, rows / large["seconds"], options.workers) if records else {}
    per_row = {"small": first["seconds"] / small, "large": large["seconds"] / rows}
    return {
        "figures": {
            "applications": rows,
            "records": records,
            "applications_per_s": round(rows / large["seconds"], 1),
            "split_per_s": round(rows / large["split_s"], 1),
            "assembled_per_s": round(rows / large["assemble_s"], 1),
            "worker_memory_mb": large["memory_mb"],
            "worker_cpu_us_per_application": round(1e6 * large["cpu_s"] / rows, 1),
            "rejected": large["rejected"],
            "degraded": large["degraded"],
            **{f"share_{name}": share for name, share in shares.items()},
            **{f"online_p95_ms_{when}": round(p95, 1) for when, p95 in beside.items()},
        },
        "ratios": {
            f"growth_{small}_to_{rows}": round(per_row["large"] / per_row["small"], 3),
            **({"online_during_to_alone": round(beside["during"] / beside["alone"], 2)} if beside else {}),
        },
    }


def _set_up() -> Any:
    # This process sets everything up and reads files; workers and registry have their own roles and keys.
    os.environ |= {"FRAUD_HANDS_BESIDE_ONLINE": str(HANDS_BESIDE_ONLINE)}
    os.environ |= {"REGISTRY_SECRET": secrets.token_hex(32), "PROCESS": "migrate", "LOG_LEVEL": "WARNING"}
    django.setup()
    from django.core.management import call_command

    # Nudges go to this run's own broker.
    import portal.celery  # noqa: F401
    from fraud.models import Institution
    from fraud.operations.submissions.objects import submission_bucket
    from portal.core.tenancy import EVERYWHERE, act_within

    act_within(EVERYWHERE)
    call_command("migrate", verbosity=0)
    call_command("apply_privileges", verbosity=0)
    call_command("init_keys", verbosity=0)
    submission_bucket().create()
    facts = {"time_zone": "America/Toronto", "currency": "CAD", "language": "en", "name": "Bank"}
    return Institution.objects.create(code="bench-bank", kind=Institution.KIND, **facts)


def _use_registry(url: str) -> None:
    from django.conf import settings

    settings.REGISTRY_URL, settings.REGISTRY_SECRET = url, os.environ["REGISTRY_SECRET"]


def _beside(bank: Any, url: str, per_second: float, workers: int) -> dict[str, float]:
    """Give the p95 of the online door, in milliseconds, with nothing beside it and while workers are at a file."""
    p95: dict[str, float] = {}
    with online_door(url) as ask:

        def measure(when: str) -> None:
            # Files make room when the first application has come: those of the first seconds wait for that.
            ask(BESIDE_RATE, BESIDE_BEFORE)
            p95[when] = ask(BESIDE_RATE, BESIDE_SECONDS).percentile(0.95)

        measure("alone")
        _one_file(bank, 17, int(per_second * BESIDE_SECONDS * 2), workers, beside=lambda: measure("during"))
    return p95


def _one_file(
    bank: Any, seed: int, rows: int, workers: int, beside: Callable[[], None] | None = None
) -> dict[str, float]:
    """Send one file through, and give seconds from the first byte read to the signed result.

    *beside*: what else is done as soon as workers have chunks.
    """
    from fraud.operations.submissions.assembling import assemble_result
    from fraud.operations.submissions.splitting import split_submission
    from fraud.queries.submissions import progress
    from portal.accounts.actors import SYSTEM
    from portal.core import clock

    submission = _received(bank, seed, rows)
    command = [*STANDING_BACK, sys.executable, "-m", "bench.batch_worker", str(submission.pk)]
    role = own(Process.FRAUD, os.environ)
    started = [subprocess.Popen(command, env=role, stdout=subprocess.PIPE) for _worker in range(workers)]
    for process in started:
        _wait_until_ready(process)
    begun = time.monotonic()
    submission = split_submission(submission, by=SYSTEM, clock=clock.now)
    split_at = time.monotonic()
    if beside is not None:
        beside()
        if any(process.poll() is not None for process in started):
            raise SystemExit("the file was over before what went on beside it")
    reports = [_report(process) for process in started]
    worked_at = time.monotonic()
    submission = assemble_result(submission, by=SYSTEM, clock=clock.now)
    ended = time.monotonic()
    far = progress(submission, now=clock.now())
    if far.screened != rows:
        raise SystemExit(f"{far.screened} of {rows} rows were screened")
    return {
        "seconds": ended - begun,
        "split_s": split_at - begun,
        "assemble_s": ended - worked_at,
        "memory_mb": max(report["memory_mb"] for report in reports),
        "cpu_s": sum(report["cpu_s"] for report in reports),
        "rejected": far.rejected,
        "degraded": far.degraded,
    }


def _wait_until_ready(process: "subprocess.Popen[bytes]") -> None:
    if process.stdout is None or process.stdout.readline() != b"ready\n":
        raise SystemExit("a worker did not start; its error stands above")


def _report(process: "subprocess.Popen[bytes]") -> dict[str, float]:
    output = process.communicate()[0]
    if process.returncode:
        raise SystemExit("a worker failed; its error stands above")
    report: dict[str, float] = json.loads(output)
    return report


def _received(bank: Any, seed: int, rows: int) -> Any:
    from fraud.operations.submissions.receiving import Announcement, open_submission, receive_stream
    from fraud.queries.layouts import current_layout
    from fraud.rules.submissions import SubmissionDoor
    from portal.accounts.actors import SYSTEM
    from portal.core import clock

    name, document, checksum = current_layout(bank, "")
    announced = Announcement(name, document, checksum, SubmissionDoor.PORTAL)
    submission = open_submission(bank, announced, by=SYSTEM, now=clock.now())
    return receive_stream(submission, _lines(seed, rows), by=SYSTEM, clock=clock.now)


def _lines(seed: int, rows: int) -> Iterator[bytes]:
    from fraud.rules.canonical import to_json
    from fraud.rules.people.applications import applications

    waiting = bytearray()
    for number, application in enumerate(applications(seed, rows)):
        # References of two files are two.
        line = to_json(application)
        waiting += line.replace(b'"reference":"', b'"reference":"%d-' % seed, 1) + b"\n"
        if number % 1000 == 999:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _profile(bank: Any, seed: int, rows: int) -> dict[str, float]:
    """Give the share of time by part, of a file worked on in this process under the profiler."""
    from fraud.operations.submissions.chunks import claim_chunk
    from fraud.operations.submissions.splitting import split_submission
    from fraud.screening.chunks import work_on_chunk
    from portal.accounts.actors import SYSTEM
    from portal.core import clock

    split_submission(_received(bank, seed, rows), by=SYSTEM, clock=clock.now)
    profile = cProfile.Profile()
    profile.enable()
    while claim := claim_chunk(now=clock.now()):
        work_on_chunk(claim, by=SYSTEM, clock=clock.now)
    profile.disable()
    spent: dict[str, float] = defaultdict(float)
    stats: Any = pstats.Stats(profile)
    for (path, _line, _name), (_calls, _primitive, itself, _whole, _callers) in stats.stats.items():
        spent[_part(path)] += itself
    whole = sum(spent.values())
    ranked = sorted(spent.items(), key=lambda each: -each[1])
    return {name: round(seconds / whole, 3) for name, seconds in ranked[:10]}


def _part(path: str) -> str:
    parts = {
        "fraud/rules/translation": "translate",
        "fraud/rules/elements": "elements",
        "fraud/rules/rulebook": "rulebook",
        "fraud/rules/signals": "signals",
        "fraud/rules/sources": "read_and_write",
        "fraud/screening": "screening",
        "psycopg": "database",
        "portal/crypto": "crypto",
        "botocore": "store",
        "urllib3": "http",
        "phonenumbers": "phonenumbers",
        "~": "built_in",
    }
    return next((name for mark, name in parts.items() if mark in path), "other")
