"""Files that say how many rows they have and what these add up to: refused as a whole where it does not hold."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from fraud.rules.sources import Source, SourceError, annotated, head_of
from fraud.rules.sources.controls import amount_of
from fraud.rules.sources.layouts import SourceLayout, layout_of
from fraud.rules.sources.writing import REJECT_COLUMNS

FIELDS = [
    {"target": "reference", "source": "ref", "steps": []},
    {"target": "amount", "source": "amount", "steps": [{"step": "money"}]},
]
HEADER = {"prefix": "BEGIN", "rows": {"start": 2}}
TRAILER = {"prefix": "END", "rows": {"start": 2}, "total": {"start": 3}}
CSV = b"ref,amount\n1,10.25\n2,20.25\n"


def layout(**facts: Any) -> SourceLayout:
    return layout_of({"layout": {"kind": "csv", "delimiter": ","} | facts, "fields": FIELDS})


def fixed(**facts: Any) -> SourceLayout:
    columns = [{"name": "ref", "start": 1, "width": 3}, {"name": "amount", "start": 4, "width": 6}]
    return layout_of({"layout": {"kind": "fixed", "fixed_columns": columns} | facts, "fields": FIELDS})


def blocks(content: bytes) -> Iterator[bytes]:
    return (content[at : at + 7] for at in range(0, len(content), 7))


def code_of(content: bytes, given: SourceLayout) -> str:
    try:
        list(Source(blocks(content), given))
    except SourceError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("trailer", "code"),
    [
        pytest.param(b"END,2,30.50\n", "", id="holds"),
        pytest.param(b"END,2,$30.50", "", id="holds, with a dollar sign and no end of line"),
        pytest.param(b'"END",2,30.50\n', "trailer-missing", id="in quotes that the layout does not have"),
        pytest.param(b"END,3,30.50\n", "control-rows", id="another number of rows"),
        pytest.param(b"END,2,30\n", "control-total", id="another sum"),
        pytest.param(b"END\n", "control-unreadable", id="no numbers"),
        pytest.param(b"END,two,30.50\n", "control-unreadable", id="a word"),
        pytest.param(b"END,2,1e999999\n", "control-unreadable", id="a number nobody can add up"),
        pytest.param(b"", "trailer-missing", id="cut off"),
        pytest.param(b"END,2,30.50\n3,1.00\n", "trailer-early", id="two files in one"),
    ],
)
def test_the_last_line_of_a_file_holds(trailer: bytes, code: str) -> None:
    assert code_of(CSV + trailer, layout(trailer=TRAILER)) == code


@pytest.mark.parametrize(
    ("first", "code"),
    [
        pytest.param(b"BEGIN,2\n", "", id="holds"),
        pytest.param(b"BEGIN,3\n", "control-rows", id="another number of rows"),
        pytest.param(b"", "header-record-missing", id="missing"),
    ],
)
def test_the_first_line_of_a_file_holds(first: bytes, code: str) -> None:
    assert code_of(first + CSV, layout(header_record=HEADER)) == code


@pytest.mark.parametrize(("rows", "code"), [(b"02", ""), (b"03", "control-rows")])
def test_both_lines_of_a_fixed_width_file_hold(rows: bytes, code: str) -> None:
    given = fixed(
        header_record={"prefix": "H", "rows": {"start": 2, "width": 2}},
        trailer={"prefix": "T", "rows": {"start": 2, "width": 2}, "total": {"start": 4, "width": 6}},
    )

    found = code_of(b"H02\n001 10.25\n002 20.25\nT" + rows + b" 30.50\n", given)

    assert found == code


def test_a_sum_is_taken_of_the_column_that_the_layout_names() -> None:
    content = b"ref,amount,income\n1,10.25,5\n2,20.25,6\nEND,2,11\n"

    assert code_of(content, layout(trailer=TRAILER, sum_column="income")) == ""
    assert code_of(content, layout(trailer=TRAILER)) == "control-total"


def test_a_comma_is_read_as_the_mapping_reads_it() -> None:
    fields = [{"target": "amount", "source": "amount", "steps": [{"step": "money", "decimal": ","}]}]
    told = {"kind": "csv", "delimiter": ";", "trailer": TRAILER}

    found = code_of(
        b"ref;amount\n1;1 010,25\n2;20,25\nEND;2;1030,50\n", layout_of({"layout": told, "fields": fields})
    )

    assert found == ""


@pytest.mark.parametrize("has_header", [True, False])
def test_a_reject_file_that_comes_back_needs_no_first_and_last_line(has_header: bool) -> None:
    names = () if has_header else ("ref", "amount")
    given = layout(header_record=HEADER, trailer=TRAILER, has_header=has_header, columns=names)
    body = CSV if has_header else CSV.partition(b"\n")[2]
    source = Source(blocks(b"BEGIN,2\n" + body + b"END,2,30.50\n"), given)
    raws = list(source)
    cells = dict(zip(REJECT_COLUMNS, (2, "amount", "code", "words"), strict=True))
    rejects = head_of(given, source.head, REJECT_COLUMNS) + annotated(
        raws[0].words, given, source.head, cells
    )

    again = list(Source(blocks(rejects), given))

    assert [raw.text for raw in again] == [raws[0].text]


def test_a_sample_may_lack_both_lines() -> None:
    source = Source(blocks(CSV), layout(header_record=HEADER, trailer=TRAILER), is_part=True)

    assert len(list(source)) == 2


def test_nothing_is_added_up_where_nobody_asks() -> None:
    alone, asked = Source(blocks(CSV), layout()), Source(blocks(CSV), layout(), is_summed=True)

    assert (len(list(alone)), len(list(asked))) == (2, 2)
    assert (alone.total, asked.total) == (Decimal(0), Decimal("30.50"))


@pytest.mark.parametrize(
    ("text", "decimal", "amount"),
    [
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("$ 12", ".", "12"),
        ("9" * 39, ".", "9" * 39),
        ("NaN", ".", None),
        ("9" * 60, ".", None),
        ("", ".", None),
    ],
)
def test_amounts_are_read_as_senders_write_them(text: str, decimal: str, amount: str | None) -> None:
    assert amount_of(text, decimal) == (None if amount is None else Decimal(amount))
