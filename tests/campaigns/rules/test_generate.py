import tracemalloc

import pytest

from campaigns.rules.alphabets import CROCKFORD, DIGITS
from campaigns.rules.codes import CodeBook
from campaigns.rules.formats import CodeFormat
from campaigns.rules.generate import (
    BLOCK_ROWS,
    FileOutcome,
    ReservationSpentError,
    file_blocks,
    press_test_blocks,
    preview,
)
from campaigns.rules.layout import Column, RowLayout, Source
from campaigns.rules.rows import Layouter
from campaigns.rules.runs import FileRun, plan_files
from campaigns.rules.words import WordScreen

FORMAT = CodeFormat(CROCKFORD, 12, (4, 4, 4))
BOOK = CodeBook(FORMAT, bytes(32), b"")
SCREEN = WordScreen(FORMAT)
FREE = WordScreen(FORMAT, ())
LAYOUT = RowLayout((Column("code", Source.GROUPED), Column("serial", Source.SERIAL)))


def rows_of(run: FileRun, screen: WordScreen = SCREEN) -> tuple[list[tuple[str, int]], FileOutcome]:
    outcome = FileOutcome()
    blocks = file_blocks(BOOK, screen, Layouter(LAYOUT, FORMAT), run, outcome)
    lines = b"".join(blocks).decode().splitlines()
    assert lines[0] == "code,serial"
    return [(line.split(",")[0], int(line.split(",")[1])) for line in lines[1:]], outcome


def test_the_quantity_is_met_though_codes_are_skipped():
    run = plan_files(500, 100_000, 100_000, SCREEN.hit_probability())[0]

    rows, outcome = rows_of(run)

    assert len(rows) == outcome.rows == 100_000
    assert outcome.skipped
    assert outcome.last_serial < run.end_serial


def test_rows_and_skipped_serials_make_the_run_without_a_gap():
    rows, outcome = rows_of(FileRun(1, 70_000, 500, 90_000))

    serials = [serial for _, serial in rows]
    assert sorted(serials + outcome.skipped) == list(range(500, outcome.last_serial + 1))


def test_every_row_is_the_code_of_its_serial_and_spells_no_word():
    rows, outcome = rows_of(FileRun(1, 2_000, 10**9, 3_000))

    assert [code for code, _ in rows] == [FORMAT.printed(BOOK.code_of(serial)) for _, serial in rows]
    assert not any(SCREEN.hits_text(BOOK.code_of(serial)) for _, serial in rows)
    assert all(SCREEN.hits_text(BOOK.code_of(serial)) for serial in outcome.skipped)


def test_a_file_is_made_again_byte_for_byte():
    run = FileRun(1, 40_000, 0, 45_000)

    assert rows_of(run) == rows_of(run)


@pytest.mark.parametrize("rows", [1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_without_a_screen_a_run_is_used_to_its_end(rows):
    made, outcome = rows_of(FileRun(1, rows, 7, rows), FREE)

    assert len(made) == rows
    assert (outcome.last_serial, outcome.skipped) == (6 + rows, [])


def test_a_run_that_is_too_short_is_an_error():
    with pytest.raises(ReservationSpentError, match="of 50,000 rows"):
        rows_of(FileRun(1, 50_000, 0, 50_000))


def test_refuses_a_run_that_reaches_the_test_serials():
    with pytest.raises(ValueError, match="no batch may use"):
        rows_of(FileRun(1, 10, FORMAT.capacity - 9, 10))


def test_takes_a_run_up_to_the_test_serials():
    rows, _ = rows_of(FileRun(1, 10, FORMAT.capacity - 10, 10), FREE)

    assert rows[-1][1] == FORMAT.capacity - 1


def test_codes_for_the_press_come_from_the_test_serials_only():
    lines = b"".join(press_test_blocks(BOOK, SCREEN, Layouter(LAYOUT, FORMAT), 1_000)).decode().splitlines()

    serials = [BOOK.serial_of(FORMAT.fold(line.split(",")[0])) for line in lines[1:]]
    assert len(lines) == 1_001
    assert all(FORMAT.is_test_serial(serial) for serial in serials)


@pytest.mark.parametrize("alphabet", [CROCKFORD, DIGITS])
@pytest.mark.parametrize("length", [8, 16])
def test_there_is_a_preview_at_any_length(alphabet, length):
    code_format = CodeFormat(alphabet, length)
    book = CodeBook(code_format, bytes(32), b"")

    shown = preview(book, WordScreen(code_format), Layouter(LAYOUT, code_format), 3)

    assert len(shown.splitlines()) == 4


@pytest.mark.parametrize("rows", [0, -1, 900_001])
def test_refuses_too_many_codes_for_the_press(rows):
    with pytest.raises(ValueError, match="1 to 900,000 rows"):
        next(press_test_blocks(BOOK, SCREEN, Layouter(LAYOUT, FORMAT), rows))


def test_memory_does_not_grow_with_the_file():
    run = plan_files(0, 3_000_000, 3_000_000, SCREEN.hit_probability())[0]
    blocks = file_blocks(BOOK, SCREEN, Layouter(LAYOUT, FORMAT), run, FileOutcome())
    next(blocks)
    next(blocks)
    tracemalloc.start()

    for _ in blocks:
        pass

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
