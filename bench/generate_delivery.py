"""End to end: from the cipher through age into a bucket, beside the usual way to make codes."""

import argparse
import os
import resource
import secrets
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from multiprocessing import get_context
from statistics import median
from typing import Any

import pyrage

from bench.generate_usual import usual_codes_per_s
from campaigns.rules.alphabets import UNAMBIGUOUS
from campaigns.rules.codes import CodeBook, tweak_of
from campaigns.rules.formats import CodeFormat
from campaigns.rules.generate import FileOutcome, file_blocks
from campaigns.rules.layout import Column, Newline, RowLayout, Source
from campaigns.rules.rows import Layouter
from campaigns.rules.runs import FileRun, plan_files
from campaigns.rules.words import WordScreen
from portal.core.files import Delivered, Recipients, encrypted_upload
from portal.core.storage import Bucket, printer_bucket

FORMAT = CodeFormat(UNAMBIGUOUS, 12, (4, 4, 4))
LAYOUT = RowLayout((Column("code", Source.GROUPED),), newline=Newline.CRLF)
BUCKET = "bench-generate"


@dataclass(frozen=True)
class Press:
    """What every worker needs to make files: the same campaign, key and recipient in each."""

    key: bytes
    recipient: str
    rows_per_file: int

    def blocks(self, run: FileRun) -> Iterator[memoryview | bytes]:
        book = CodeBook(FORMAT, self.key, tweak_of("cmp_bench"))
        first_control = (run.number - 1) * self.rows_per_file + 1
        layouter = Layouter(LAYOUT, FORMAT, file_number=run.number, first_control=first_control)
        return file_blocks(book, _screen(), layouter, run, FileOutcome())

    def deliver(self, run: FileRun) -> tuple[int, Delivered, float]:
        """Make, encrypt and upload one file; give its rows, what lies there and this process's peak in MB."""
        upload = _bucket().multipart(_name(run))
        delivered = encrypted_upload(
            self.blocks(run), recipients=Recipients.parse([self.recipient]), upload=upload
        )
        return run.rows, delivered, _peak_memory_mb()


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the end-to-end part."""
    parser.add_argument("--codes", type=int, default=10_000_000, help="codes in the batch (10,000,000)")
    parser.add_argument("--rows-per-file", type=int, default=1_000_000, help="rows of one file (1,000,000)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (one per core)")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts (3)")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Deliver a batch several times, store codes the usual way once, and compare."""
    codes = options.codes
    identity = pyrage.x25519.Identity.generate()
    # Small batches are cut so that every worker has several files; a printer may choose any number of rows.
    rows_per_file = min(options.rows_per_file, max(1, codes // (4 * options.workers)))
    press = Press(secrets.token_bytes(32), str(identity.to_public()), rows_per_file)
    runs = plan_files(0, codes, rows_per_file, _screen().hit_probability())
    _bucket().create()
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as workers:
        # Workers of the portal live long: their start is not part of the work.
        list(workers.map(_warm_up, range(options.workers)))
        count = 1 if options.quick else options.runs
        timed = [_one_run(workers, press, runs, identity if n == 0 else None) for n in range(count)]
    end_to_end = codes / median(seconds for seconds, _ in timed)
    # Half-way through the same batch, or as far as the time allows.
    usual = usual_codes_per_s(min(codes // 2, 1_000_000 if options.quick else 5_000_000))
    return {
        "figures": {
            "end_to_end_codes_per_s": round(end_to_end),
            "end_to_end_codes": codes,
            "end_to_end_workers": options.workers,
            "peak_memory_mb": round(max(peak for _, peak in timed), 1),
            **{f"{name}_codes_per_s": rate for name, rate in usual.items()},
        },
        "ratios": {f"vs_{name}": round(end_to_end / rate, 1) for name, rate in usual.items()},
    }


def _one_run(
    workers: ProcessPoolExecutor, press: Press, runs: list[FileRun], identity: Any | None
) -> tuple[float, float]:
    """Deliver all files; give the seconds and the highest peak.

    With *identity*, open one of them as its printer would.
    """
    start = time.perf_counter()
    done, peaks = 0, []
    # A batch of many files is handed out as workers come free, as a queue would.
    for finished in as_completed([workers.submit(press.deliver, run) for run in runs]):
        rows, _delivered, peak = finished.result()
        done += rows
        peaks.append(peak)
        _show(done, time.perf_counter() - start)
    seconds = time.perf_counter() - start
    print(file=sys.stderr)
    if identity is not None:
        _check(runs[-1], identity)
    for run in runs:
        _bucket().delete(_name(run))
    return seconds, max(peaks)


def _check(run: FileRun, identity: Any) -> None:
    """Open a delivered file as the printer would: the rows are there, and no code is there twice."""
    content = _bucket().get(_name(run), 2**31) or b""
    rows = pyrage.decrypt(content, [identity]).splitlines()[1:]
    if len(rows) != run.rows or len(set(rows)) != run.rows:
        raise SystemExit(f"The file {_name(run)} holds {len(set(rows))} codes in place of {run.rows}.")
    print(f"Checked {_name(run)}: sha256 {sha256(content).hexdigest()[:16]}…", file=sys.stderr)


def _warm_up(number: int) -> None:
    """Import and connect once; sleeping leaves the other workers something to take."""
    _screen()
    _bucket().head(f"warm-up-{number}")
    time.sleep(0.5)


@cache
def _screen() -> WordScreen:
    return WordScreen(FORMAT)


def _bucket() -> Bucket:
    return printer_bucket(BUCKET)


def _name(run: FileRun) -> str:
    return f"{run.number:05d}.csv.age"


def _peak_memory_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _show(done: int, seconds: float) -> None:
    print(f"\rend to end: {done:,} codes, {done / seconds:,.0f}/s ", end="", file=sys.stderr, flush=True)
