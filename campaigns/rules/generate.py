"""The rows of one file of a batch, as a stream of blocks: memory does not grow with the file."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from campaigns.rules.codes import CodeBook
from campaigns.rules.rows import Layouter
from campaigns.rules.runs import FileRun
from campaigns.rules.words import WordScreen
from portal.core.phrases import Phrase

BLOCK_ROWS = 32_768


class ReservationSpentError(RuntimeError):
    """A file's run of serials ended before its rows were complete: far too many codes were skipped."""

    code = "reservation-spent"


@dataclass
class FileOutcome:
    """What has been written of a file so far.

    `last_serial` is the last one looked at, used or skipped; -1 before the first. `skipped` are the serials
    whose codes spell a word, in order.
    """

    rows: int = 0
    last_serial: int = -1
    skipped: list[int] = field(default_factory=list)


def file_blocks(
    book: CodeBook, screen: WordScreen, layouter: Layouter, run: FileRun, outcome: FileOutcome
) -> Iterator[memoryview | bytes]:
    """Yield the bytes of a file, header first, about 32,000 rows at a time; keep `outcome` up to date.

    The same arguments give the same bytes: a file that broke off is written again from its start.

    :raises ReservationSpentError: the run is too short for the rows
    """
    if run.end_serial > book.format.capacity:
        raise ValueError("The run reaches into the serials that no batch may use.")
    header = layouter.header_bytes()
    if header:
        yield header
    for first, matrix, places in _matrices(book, screen, run, outcome):
        yield layouter.rows(matrix, places + np.uint64(first))


def preview(book: CodeBook, screen: WordScreen, layouter: Layouter, rows: int = 5) -> bytes:
    """Give the first rows of a file, its header included, with codes that can never be redeemed."""
    return b"".join(press_test_blocks(book, screen, layouter, rows))


def press_test_blocks(
    book: CodeBook, screen: WordScreen, layouter: Layouter, rows: int
) -> Iterator[memoryview | bytes]:
    """Yield the bytes of a test file: like a real one, out of serials that are never issued.

    The column of serials counts from 0. At most 90 in 100 of the format's test serials can be asked for.
    """
    serials = book.format.test_serials
    if not 1 <= rows <= len(serials) * 9 // 10:
        raise ValueError(f"A test file has 1 to {len(serials) * 9 // 10:,} rows.")
    header = layouter.header_bytes()
    if header:
        yield header
    run = FileRun(1, rows, serials.start, len(serials))
    for first, matrix, kept in _matrices(book, screen, run, FileOutcome()):
        yield layouter.rows(matrix, kept + np.uint64(first - serials.start))


def _matrices(
    book: CodeBook, screen: WordScreen, run: FileRun, outcome: FileOutcome
) -> Iterator[tuple[int, NDArray[np.uint8], NDArray[np.uint64]]]:
    """Yield a run's codes but those that spell a word: first serial of the block, codes, places from it."""
    first = run.first_serial
    while outcome.rows < run.rows:
        count = min(BLOCK_ROWS, run.end_serial - first, run.rows - outcome.rows)
        if count < 1:
            message = Phrase(
                "File {number} has {written} of {wanted} rows: too many of its codes spelled a word.",
                number=run.number,
                written=outcome.rows,
                wanted=run.rows,
            )
            raise ReservationSpentError(message)
        matrix = book.encode(first, count)
        places = np.arange(count, dtype=np.uint64)
        hits = np.flatnonzero(screen.hits(matrix))
        if len(hits):
            matrix, places = _without(matrix, hits), np.delete(places, hits)
            outcome.skipped.extend(first + place for place in hits.tolist())
        outcome.rows += len(matrix)
        outcome.last_serial = first + count - 1
        yield first, matrix, places
        first += count


def _without(matrix: NDArray[np.uint8], hits: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Leave out rows; each is moved as one item, which is many times faster than byte by byte."""
    items = matrix.view(f"V{matrix.shape[1]}")[:, 0]
    return np.delete(items, hits).view(np.uint8).reshape(-1, matrix.shape[1])
