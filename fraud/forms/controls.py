"""The field in which somebody writes how a file's first or last line looks, in one line of text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_SAYS = _("Write how the line begins, then where the number of rows and the sum stand: END 2 3.")


class ControlRecordField(forms.CharField):
    """How a line begins, then the places of the number of rows and of the sum; "-" or nothing where it says none.

    A place is the number of a cell, or in fixed width the first character and how many there are, as 2:9; both
    count from 1.
    """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        prefix, *places = str(text).split()
        if len(places) > 2 or len(prefix) > 32:
            raise forms.ValidationError(_SAYS)
        found = {name: _place(each) for name, each in zip(("rows", "total"), places, strict=False)}
        return {"prefix": prefix} | {name: place for name, place in found.items() if place}

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        words = [value["prefix"], *(_written(value.get(name)) for name in ("rows", "total"))]
        return " ".join(words).rstrip(" -")


def _place(text: str) -> dict[str, int] | None:
    if text == "-":
        return None
    start, has_width, width = text.partition(":")
    parts = [start, width] if has_width else [start]
    if not all(part.isdecimal() and len(part) < 5 and int(part) for part in parts):
        raise forms.ValidationError(_SAYS)
    return {"start": int(start)} | ({"width": int(width)} if has_width else {})


def _written(place: dict[str, int] | None) -> str:
    if not place:
        return "-"
    return f"{place['start']}:{place['width']}" if place.get("width") else str(place["start"])
