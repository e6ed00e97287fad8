"""The first and last line of a file, as somebody writes them in one line of a form."""

from typing import Any

import pytest
from django import forms

from fraud.forms.controls import ControlRecordField

FIELD = ControlRecordField(required=False)


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("", None),
        ("END", {"prefix": "END"}),
        ("END 2", {"prefix": "END", "rows": {"start": 2}}),
        ("END 2 3", {"prefix": "END", "rows": {"start": 2}, "total": {"start": 3}}),
        ("END - 3", {"prefix": "END", "total": {"start": 3}}),
        (
            "T 2:9 11:15",
            {"prefix": "T", "rows": {"start": 2, "width": 9}, "total": {"start": 11, "width": 15}},
        ),
    ],
)
def test_a_line_is_read_and_written_back(text: str, control: dict[str, Any] | None) -> None:
    found = FIELD.clean(text)

    assert found == control
    assert (FIELD.prepare_value(found) or "") == text


@pytest.mark.parametrize("text", ["END two", "END 2 3 4", "END 0", "END 2:", "END 99999", "x" * 33])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(forms.ValidationError):
        FIELD.clean(text)
