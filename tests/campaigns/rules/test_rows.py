import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.alphabets import CROCKFORD, UNAMBIGUOUS
from campaigns.rules.codes import CodeBook
from campaigns.rules.formats import CodeFormat
from campaigns.rules.layout import Align, Column, Kind, LayoutError, Newline, RowLayout, Source
from campaigns.rules.rows import Layouter, write_decimal

FORMAT = CodeFormat(CROCKFORD, 12, (4, 4, 4), prefix="SUN")
BOOK = CodeBook(FORMAT, bytes(32), b"")
EVERYTHING = tuple(Column(source.value, source) for source in Source)
URL = "https://example.com/?c={code}&d=1,2"


def lay_out(layouter: Layouter, first: int, count: int, book: CodeBook = BOOK) -> bytes:
    serials = np.arange(first, first + count, dtype=np.uint64)
    return bytes(layouter.rows(book.encode(first, count), serials))


@pytest.mark.parametrize("newline", list(Newline))
def test_a_csv_file_reads_back_as_what_was_meant(newline):
    layout = RowLayout(EVERYTHING, newline=newline, url_template=URL)
    layouter = Layouter(layout, FORMAT, file_number=7, lot='LOT "7", red', first_control=41)

    text = (layouter.header_bytes() + lay_out(layouter, 100, 5_000) + lay_out(layouter, 5_100, 3)).decode(
        "ascii"
    )

    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert text.count(layout.line_end.decode()) == 5_004
    for step in (0, 1, 4_095, 4_096, 4_999, 5_000, 5_002):
        code = BOOK.code_of(100 + step)
        assert rows[step] == {
            "code": "SUN" + code,
            "grouped": FORMAT.printed(code),
            "serial": str(100 + step).zfill(19),
            "control": str(41 + step).zfill(10),
            "file": "0007",
            "url": URL.replace("{code}", "SUN" + code),
            "lot": 'LOT "7", red',
        }


def test_a_fixed_layout_pads_to_the_widths():
    columns = (
        Column("code", Source.GROUPED, width=20, pad="."),
        Column("control number", Source.CONTROL, width=6),
        Column("lot", Source.LOT, width=5, align=Align.RIGHT),
        Column("f", Source.FILE, width=2),
    )
    layouter = Layouter(RowLayout(columns, Kind.FIXED), FORMAT, file_number=3, lot="A7", first_control=9)

    text = (layouter.header_bytes() + lay_out(layouter, 0, 2)).decode()

    assert text.split("\n") == [
        "code".ljust(20) + "contro" + "lot  " + "f ",
        FORMAT.printed(BOOK.code_of(0)).ljust(20, ".") + "000009" + "   A7" + "03",
        FORMAT.printed(BOOK.code_of(1)).ljust(20, ".") + "000010" + "   A7" + "03",
        "",
    ]


def test_a_layout_without_header_begins_with_the_first_row():
    layouter = Layouter(RowLayout((Column("code", Source.CODE),), has_header=False), FORMAT)

    assert layouter.header_bytes() == b""


def test_rows_stay_as_they_are_when_more_are_made():
    layouter = Layouter(RowLayout((Column("code", Source.CODE),)), FORMAT)
    first = layouter.rows(BOOK.encode(0, 3), np.arange(3, dtype=np.uint64))
    copy = bytes(first)

    lay_out(layouter, 3, 3)

    assert bytes(first) == copy


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=7), st.integers(9, 16), st.booleans())
def test_any_grouping_is_laid_out_as_it_is_printed(sizes, length, has_check):
    while sum(sizes) >= length:
        sizes = sizes[:-1]
    sizes = [*sizes, length - sum(sizes)]
    code_format = CodeFormat(UNAMBIGUOUS, sum(sizes), tuple(sizes), has_check=has_check)
    book = CodeBook(code_format, bytes(16), b"")
    layout = RowLayout((Column("code", Source.GROUPED), Column("serial", Source.SERIAL)))

    rows = lay_out(Layouter(layout, code_format), 5, 3, book).decode().splitlines()

    assert [row.split(",")[0] for row in rows] == [code_format.printed(book.code_of(5 + n)) for n in range(3)]


@settings(deadline=None)
@given(st.integers(1, 20), st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_decimals_are_written_at_any_width(width, numbers):
    fitting = [number % 10**width for number in numbers]
    out = np.zeros((len(fitting), width), np.uint8)

    write_decimal(out, np.array(fitting, np.uint64))

    assert [row.tobytes().decode() for row in out] == [str(number).zfill(width) for number in fitting]


def test_refuses_a_column_too_narrow_for_the_code():
    layout = RowLayout((Column("code", Source.CODE, width=14),), Kind.FIXED)

    with pytest.raises(LayoutError, match="needs 15 characters and has 14"):
        Layouter(layout, FORMAT)


def test_refuses_a_lot_wider_than_its_column():
    layout = RowLayout((Column("code", Source.CODE), Column("lot", Source.LOT, width=3)), Kind.FIXED)

    with pytest.raises(LayoutError, match="lot needs 4"):
        Layouter(layout, FORMAT, lot="ABCD")


def test_refuses_control_numbers_that_outgrow_their_column():
    layout = RowLayout((Column("code", Source.CODE), Column("n", Source.CONTROL, width=2)), Kind.FIXED)
    layouter = Layouter(layout, FORMAT, first_control=98)

    with pytest.raises(LayoutError, match="100 does not fit"):
        lay_out(layouter, 0, 3)


def test_takes_control_numbers_to_the_last_that_fits():
    layout = RowLayout((Column("code", Source.CODE), Column("n", Source.CONTROL, width=2)), Kind.FIXED)
    layouter = Layouter(layout, FORMAT, first_control=98)

    assert lay_out(layouter, 0, 2).endswith(b"99\n")
