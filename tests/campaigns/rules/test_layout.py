import json

import pytest

from campaigns.rules.layout import Align, Column, Kind, LayoutError, Newline, RowLayout, Source, check_text

CODE = Column("code", Source.CODE)
URL = Column("qr", Source.URL)


def test_stored_as_json_and_read_back_it_is_the_same():
    layout = RowLayout(
        (CODE, Column("n", Source.CONTROL, width=8, align=Align.RIGHT, pad="."), URL),
        Kind.FIXED,
        Newline.CRLF,
        has_header=False,
        url_template="https://example.com/{code}",
    )

    assert RowLayout.from_json(json.loads(json.dumps(layout.to_json()))) == layout


def test_a_stored_layout_may_leave_out_what_is_usual():
    layout = RowLayout.from_json({"columns": [{"name": "code", "source": "code"}]})

    assert layout == RowLayout((CODE,), Kind.CSV, Newline.LF, has_header=True)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"columns": None},
        {"columns": [{}]},
        {"columns": ["code"]},
        {"columns": [{"name": "code", "source": "secret"}]},
        {"columns": [{"name": "code", "source": "code"}], "kind": "xml"},
        {"columns": [{"name": "code", "source": "code"}], "newline": "cr"},
        {"columns": [{"name": "code", "source": "code", "width": "wide"}]},
        {"columns": [{"name": 7, "source": "code"}]},
        {"columns": [{"name": "code", "source": "code"}], "url_template": 7},
    ],
)
def test_refuses_a_stored_layout_that_cannot_be_read(stored):
    with pytest.raises(LayoutError):
        RowLayout.from_json(stored)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ((), "1 to 20"),
        (tuple(Column(f"c{n}", Source.CODE) for n in range(21)), "1 to 20"),
        ((CODE, Column("CODE", Source.SERIAL)), "same name"),
        ((Column("serial", Source.SERIAL),), "No column holds the code"),
    ],
)
def test_refuses_columns_that_make_no_file(columns, reason):
    with pytest.raises(LayoutError, match=reason) as refusal:
        RowLayout(columns)

    assert (refusal.value.field, refusal.value.code) == ("columns", "layout-invalid")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "a" * 61},
        {"name": "=cmd"},
        {"width": -1},
        {"width": 201},
        {"pad": ""},
        {"pad": "ab"},
        {"pad": "é"},
        {"pad": "\n"},
    ],
)
def test_refuses_a_column_that_cannot_be(wrong):
    with pytest.raises(LayoutError):
        Column(**{"name": "code", "source": Source.CODE, **wrong})


@pytest.mark.parametrize(
    "template",
    [
        "",
        "https://example.com/",
        "https://example.com/{code}/{code}",
        "https://example.com/{code}/{other}",
        "http://example.com/{code}",
        "javascript:alert('{code}')",
        "https://{code}",
        "https://{code}.example.com/",
        "https://example.com/ {code}",
        "https://example.com/\n{code}",
        'https://example.com/"{code}',
        "https://exämple.com/{code}",
        "https://example.com/" + "a" * 200 + "{code}",
    ],
)
def test_refuses_an_address_that_cannot_be(template):
    with pytest.raises(LayoutError) as refusal:
        RowLayout((URL,), url_template=template)

    assert refusal.value.field == "url_template"


@pytest.mark.parametrize("template", ["https://example.com/{code}", "HTTPS://EX.CO/C?C={code}&X=1,2"])
def test_takes_an_address(template):
    assert RowLayout((URL,), url_template=template).url_template == template


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "a\nb", "é", "\u200b", "a" * 61])
def test_refuses_a_lot_that_harms_or_does_not_print(text):
    with pytest.raises(LayoutError) as refusal:
        check_text("lot", text)

    assert refusal.value.field == "lot"


@pytest.mark.parametrize("text", ["", "LOT 7/2026", 'a,"b"'])
def test_takes_a_lot(text):
    check_text("lot", text)
