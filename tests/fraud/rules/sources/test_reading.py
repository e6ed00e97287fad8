"""Files of applications in every shape: whole, cut, damaged, hostile; memory stays bounded and faults have codes."""

import gzip
import tracemalloc

import pytest

from fraud.rules.sources import (
    FixedField,
    RowFault,
    Source,
    SourceError,
    SourceKind,
    SourceLayout,
    annotated,
    head_of,
    tail_of,
    values_of,
)
from fraud.rules.sources.layouts import LONGEST_RECORD, Encoding
from fraud.rules.sources.writing import REJECT_COLUMNS

CSV = SourceLayout(columns=("ref", "name"))
JSON = SourceLayout(kind=SourceKind.JSON_LINES)
XML = SourceLayout(kind=SourceKind.XML, element="app")
FIXED = SourceLayout(
    kind=SourceKind.FIXED_WIDTH,
    fields=(FixedField(name="ref", start=0, width=4), FixedField(name="name", start=4, width=6)),
)


def blocks(content: bytes, size: int = 7):
    return (content[at : at + size] for at in range(0, len(content), size))


def read(content: bytes, layout: SourceLayout = CSV, size: int = 7):
    source = Source(blocks(content, size), layout)
    raws = list(source)
    values = values_of(layout, source.head.columns)
    return source, [(raw.line, raw.fault or values(raw.words)) for raw in raws]


def codes(rows) -> list[str]:
    return [
        row.code if isinstance(row, RowFault) else row if isinstance(row, str) else "" for _line, row in rows
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "END"])
def test_reads_a_csv_file_with_its_lines(end, last):
    content = f"ref,name{end}1,Zoé{end}{end}2,Li{end if last else ''}".encode()

    source, rows = read(content)

    assert rows == [(2, {"ref": "1", "name": "Zoé"}), (4, {"ref": "2", "name": "Li"})]
    assert source.head.columns == ("ref", "name")


@pytest.mark.parametrize(
    ("encoded", "found"),
    [
        pytest.param("é".encode(), "utf-8", id="utf-8"),
        pytest.param("é".encode("latin-1"), "cp1252", id="latin-1"),
    ],
)
def test_finds_the_encoding(encoded, found):
    source, rows = read(b"ref,name\n1," + encoded + b"\n")

    assert (source.head.encoding, rows) == (found, [(2, {"ref": "1", "name": "é"})])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_reads_what_windows_writes(encoding):
    _source, rows = read("ref,name\r\n1,Zoé\r\n".encode(encoding))

    assert rows == [(2, {"ref": "1", "name": "Zoé"})]


def test_a_declared_encoding_goes_before_a_guess():
    layout = SourceLayout(columns=("ref", "name"), encoding=Encoding.UTF_8)

    _source, rows = read(b"ref,name\n1,Zo\xe9\n2,Li\n", layout)

    assert codes(rows) == ["encoding-wrong", ""]


def test_a_quoted_cell_may_stretch_over_lines():
    _source, rows = read(b'ref,name\n1,"Zo\n""e"", x"\n2,Li\n')

    assert rows == [(2, {"ref": "1", "name": 'Zo\n"e", x'}), (4, {"ref": "2", "name": "Li"})]


def test_a_quote_that_never_closes_costs_its_own_row_only():
    _source, rows = read(b'ref,name\n1,"Zo\n' + b"2,Li\n" * 300)

    assert codes(rows) == ["quotes-wrong"] + [""] * 300


def test_cells_over_many_lines_lie_between_quotes_that_never_close():
    long = b'1,"' + b"a\n" * 90 + b'z"\n'

    _source, rows = read(b"ref,name\n" + long + b'2,"Zo\n' + b"3,Li\n" * 120 + long)

    assert [row for row in codes(rows) if row] == ["quotes-wrong"]
    assert [row["name"].count("\n") for _line, row in rows if isinstance(row, dict)] == [90] + [0] * 120 + [
        90
    ]


def test_a_quote_inside_an_unquoted_cell_is_a_character():
    _source, rows = read(b'ref,name\n1,5" pipe\n2,Li\n')

    assert [line for line, _row in rows] == [2, 3]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        pytest.param(b"1,Zoe", "", id="whole"),
        pytest.param(b"1", "ragged-row", id="too few cells"),
        pytest.param(b"1,Zoe,x", "ragged-row", id="too many cells"),
        pytest.param(b"1,Z\0e", "nul-character", id="a NUL"),
        pytest.param(b"1," + b"x" * LONGEST_RECORD, "row-too-long", id="too long"),
    ],
)
def test_a_bad_row_costs_itself_only(row, code):
    _source, rows = read(b"ref,name\n" + row + b"\n2,Li\n", size=1000)

    assert codes(rows) == [code, ""]


def test_a_line_of_gigabytes_is_never_held():
    def endless():
        yield b"ref,name\n1,"
        for _block in range(300):
            yield b"x" * (1 << 20)
        yield b"\n2,Li\n"

    tracemalloc.start()
    raws = list(Source(endless(), CSV))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [raw.fault for raw in raws] == ["row-too-long", ""]
    assert peak < 16 << 20


def test_gzip_of_several_members_is_read_through():
    content = gzip.compress(b"ref,name\n1,Zoe\n") + gzip.compress(b"2,Li\n") + bytes(512)

    _source, rows = read(content)

    assert codes(rows) == ["", ""]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(gzip.compress(b"ref,name\n1,Zoe\n")[:-5], "cut-off", id="gzip cut off"),
        pytest.param(
            gzip.compress(b"ref,name\n" + b"1,Zoe\n" * 999)[:-30], "cut-off", id="cut off in the middle"
        ),
        pytest.param(b"\x1f\x8b\x08" + b"\xff" * 60, "gzip-damaged", id="gzip damaged"),
        pytest.param(b"PK\x03\x04" + bytes(60), "zip-file", id="a workbook"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"ref,name\n", "empty", id="a header alone"),
        pytest.param(b"ref,nom\n1,Zoe\n", "header-changed", id="another header"),
        pytest.param(b"ref,name,ref\n1,Zoe,2\n", "header-changed", id="a column twice"),
    ],
)
def test_refuses_a_file_as_a_whole(content, code):
    with pytest.raises(SourceError) as refusal:
        read(content)

    assert refusal.value.code == code


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(b"ref,name\n" + b"x" * (80 << 20))

    with pytest.raises(SourceError) as refusal:
        list(Source(blocks(bomb, 1 << 20), CSV))

    assert refusal.value.code == "zip-bomb"


def test_more_columns_than_are_wanted_do_no_harm():
    _source, rows = read(b"extra,ref,name\nx,1,Zoe\n")

    assert rows == [(2, {"extra": "x", "ref": "1", "name": "Zoe"})]


def test_reads_json_lines_and_names_what_is_none():
    _source, rows = read(b'{"ref":"1","a":[{"b":2}]}\n[1]\nnope\n' + b"[" * 2000 + b"\n", JSON, size=1000)

    assert rows[0] == (1, {"ref": "1", "a": [{"b": 2}]})
    assert codes(rows)[1:] == ["json-wrong"] * 3


def test_reads_fixed_width():
    _source, rows = read(b"0001Zoe   \n0002Li\n", FIXED)

    assert rows[0] == (1, {"ref": "0001", "name": "Zoe"})
    assert codes(rows)[1:] == ["ragged-row"]


def test_reads_elements_of_xml():
    content = (
        b'<?xml version="1.0"?><apps><app id="1"><n>A &amp; B</n><p>1</p><p>2</p></app><app><n/></app></apps>'
    )

    _source, rows = read(content, XML)

    assert [row for _line, row in rows] == [{"@id": "1", "n": "A & B", "p": ["1", "2"]}, {"n": ""}]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"<apps><app><n>1</n></app>", "xml-wrong", id="cut off"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY x "y">]><a><app>&x;</app></a>', "xml-doctype", id="entities"),
        pytest.param(b"<a>" * 40 + b"</a>" * 40, "xml-deep", id="deep"),
        pytest.param(b"<a/>", "empty", id="no record"),
    ],
)
def test_refuses_xml_that_is_none_or_hostile(content, code):
    with pytest.raises(SourceError) as refusal:
        read(content, XML)

    assert refusal.value.code == code


def test_an_attribute_of_gigabytes_is_not_held():
    def endless():
        yield b'<apps><app a="'
        for _block in range(20):
            yield b"x" * (1 << 20)

    with pytest.raises(SourceError) as refusal:
        list(Source(endless(), XML))

    assert refusal.value.code == "xml-wrong"


@pytest.mark.parametrize(
    ("layout", "content"),
    [
        pytest.param(CSV, 'ref,name\r\n1,"Zo,é\nx"\r\n2\r\n=1+1,b,c\r\n'.encode(), id="csv"),
        pytest.param(CSV, "ref,name\r\n1,é\r\n".encode("utf-16"), id="csv in utf-16"),
        pytest.param(CSV, b"ref,name\r\n1,\xe9\r\n", id="csv in latin-1"),
        pytest.param(JSON, b'{"ref":"1"}\n{}\nnope "x"\n[1]\n', id="json lines"),
        pytest.param(FIXED, b"0001Zoe   \r\n0002Li\r\n", id="fixed width"),
        pytest.param(XML, b"<apps><app><n>1</n></app><app/></apps>", id="xml"),
    ],
)
def test_a_reject_file_comes_back_as_it_went(layout, content):
    source = Source(blocks(content), layout)
    raws = list(source)
    notes = ("", "code", '=words, with "quotes"')

    for _round in range(2):
        written = head_of(layout, source.head, REJECT_COLUMNS)
        for raw in raws:
            cells = dict(zip(REJECT_COLUMNS, (raw.line, *notes), strict=True))
            written += annotated(raw.words, layout, source.head, cells)
        source = Source(blocks(written + tail_of(layout, source.head)), layout)
        again = list(source)
        assert [raw.text for raw in again] == [raw.text for raw in raws]
        raws = again
