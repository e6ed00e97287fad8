"""Which serials each file of a batch draws on."""

import math
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class FileRun:
    """One file of a batch: so many rows, out of a run of serials that no other file uses.

    The run is longer than the rows where codes may be skipped for an offensive word; what is left over at its
    end is never used.
    """

    number: int
    rows: int
    first_serial: int
    serials: int

    @property
    def end_serial(self) -> int:
        """The first serial after the run."""
        return self.first_serial + self.serials


def plan_files(
    first_serial: int, quantity: int, rows_per_file: int, hit_probability: float = 0.0
) -> list[FileRun]:
    """Split a batch into files, numbered from 1; all have `rows_per_file` rows but the last."""
    if first_serial < 0 or quantity < 1 or rows_per_file < 1:
        raise ValueError("A batch has at least one code, a file at least one row.")
    runs = []
    for number, rows in enumerate(_file_rows(quantity, rows_per_file), start=1):
        serials = rows + allowance(rows, hit_probability)
        runs.append(FileRun(number, rows, first_serial, serials))
        first_serial += serials
    return runs


def reservation(quantity: int, rows_per_file: int, hit_probability: float = 0.0) -> int:
    """Give how many serials a batch takes up in all: the sum over `plan_files`, without making it."""
    full, rest = divmod(quantity, rows_per_file)
    return (
        quantity
        + full * allowance(rows_per_file, hit_probability)
        + (allowance(rest, hit_probability) if rest else 0)
    )


def allowance(rows: int, hit_probability: float) -> int:
    """Give how many serials to add so that the skipped ones never exhaust a run.

    Skips are as good as independent: the mean and twelve standard deviations are exceeded less than once in
    10**30 files.
    """
    if not 0 <= hit_probability < 0.5:
        raise ValueError("The share of skipped codes must be 0 to under one half.")
    if hit_probability == 0:
        return 0
    mean = rows * hit_probability / (1 - hit_probability)
    return math.ceil(mean + 12 * math.sqrt(mean / (1 - hit_probability)) + 64)


def _file_rows(quantity: int, rows_per_file: int) -> Iterator[int]:
    full, rest = divmod(quantity, rows_per_file)
    yield from [rows_per_file] * full
    if rest:
        yield rest
