"""Codes a second: in memory on one core beside the AES ceiling, then end to end beside the usual way."""

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from bench import generate_delivery
from campaigns.rules.alphabets import CROCKFORD, UNAMBIGUOUS
from campaigns.rules.codes import CodeBook
from campaigns.rules.formats import CodeFormat
from campaigns.rules.generate import BLOCK_ROWS, FileOutcome, file_blocks
from campaigns.rules.layout import Column, RowLayout, Source
from campaigns.rules.rows import Layouter
from campaigns.rules.runs import plan_files
from campaigns.rules.words import WordScreen

KEY = bytes(range(32))
TWEAK = b"benchmrk"
# FF1 needs ten rounds for a code, each of one AES block.
AES_BLOCKS = 10
AES_BYTES = 16
RUNS = 5

FORMATS = {
    "29": CodeFormat(UNAMBIGUOUS, 12, grouping=(4, 4, 4)),
    "32": CodeFormat(CROCKFORD, 12, grouping=(4, 4, 4)),
}
LAYOUT = RowLayout((Column("code", Source.GROUPED), Column("control", Source.CONTROL)))


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option to stay in memory, and those of the end-to-end part."""
    parser.add_argument("--in-memory", action="store_true", help="leave out the part that needs engines")
    generate_delivery.arguments(parser)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure on one core in memory, and unless told otherwise end to end."""
    codes = 1_000_000 if options.quick else 5_000_000
    core = {name: _measure_format(code_format, codes) for name, code_format in FORMATS.items()}
    ceiling = _median_rate(_aes_alone, codes)
    figures: dict[str, Any] = {"core_codes_per_s": core["29"]["codes"]}
    for name, rates in core.items():
        figures.update({f"core_12_of_{name}_{part}_per_s": rate for part, rate in rates.items()})
    figures["aes_ceiling_codes_per_s"] = ceiling
    ratios = {"of_aes_ceiling": round(core["29"]["codes"] / ceiling, 3)}
    if not options.in_memory:
        delivered = generate_delivery.measure(options)
        figures.update(delivered["figures"])
        ratios.update(delivered["ratios"])
    return {"figures": figures, "ratios": ratios}


def _measure_format(code_format: CodeFormat, codes: int) -> dict[str, int]:
    """Measure the codes alone, and whole files of them without and with the screen for words."""
    book = CodeBook(code_format, KEY, TWEAK)
    free, screen = WordScreen(code_format, words=()), WordScreen(code_format)
    return {
        "codes": _median_rate(lambda count: _codes_alone(book, count), codes),
        "rows": _median_rate(lambda count: _rows(book, free, count), codes),
        "screened_rows": _median_rate(lambda count: _rows(book, screen, count), codes),
    }


def _codes_alone(book: CodeBook, codes: int) -> None:
    block = np.empty((BLOCK_ROWS, book.format.length), np.uint8)
    for first in range(0, codes, BLOCK_ROWS):
        book.encode(first, min(BLOCK_ROWS, codes - first), block)


def _rows(book: CodeBook, screen: WordScreen, codes: int) -> None:
    run = plan_files(0, codes, codes, screen.hit_probability())[0]
    for _ in file_blocks(book, screen, Layouter(LAYOUT, book.format), run, FileOutcome()):
        pass


def _aes_alone(codes: int) -> None:
    """Encipher ten blocks for each code, in the sizes that the cipher of codes uses."""
    # The mode is the cipher's own: FF1 is built upon the bare block.
    context = Cipher(AES(KEY), ECB()).encryptor()
    plain = bytes(BLOCK_ROWS * AES_BYTES)
    secret = bytearray(len(plain) + AES_BYTES)
    for _ in range(0, codes * AES_BLOCKS, BLOCK_ROWS):
        context.update_into(plain, secret)


def _median_rate(work: Callable[[int], None], codes: int) -> int:
    """Give the codes a second of the median run, after one that warms up.

    Seconds are those of the core: the work neither waits nor uses a second thread, and what else the machine
    does at the time does not count.
    """
    work(BLOCK_ROWS)
    seconds = []
    for _ in range(RUNS):
        started = time.process_time()
        work(codes)
        seconds.append(time.process_time() - started)
    return round(codes / median(seconds))
