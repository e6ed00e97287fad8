"""Forms of mappings: a new layout, how its records are written, and the fields that are read from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import msgspec
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from fraud.forms.controls import ControlRecordField
from fraud.forms.mapping_words import field_words
from fraud.forms.samples import LONGEST_SAMPLE
from fraud.forms.steps import LinesField
from fraud.models import Institution
from fraud.rules.translation import Direction, Kind, MappingDocument
from fraud.rules.translation import document as d
from fraud.rules.translation.paths import parsed
from fraud.rules.translation.targets import MOST_ITEMS, TARGETS, general
from portal.web.forms import Form, Section

KINDS = [
    (Kind.CSV.value, _("CSV: columns parted by a character")),
    (Kind.JSONL.value, _("JSON Lines: one record a line")),
    (Kind.JSON.value, _("JSON: one list of records")),
    (Kind.FIXED.value, _("Fixed width")),
    (Kind.XML.value, _("XML: one element a record")),
]
DELIMITERS = [(",", _("comma")), (";", _("semicolon")), ("\t", _("tab")), ("|", _("vertical bar"))]
ENCODINGS = [
    (d.Encoding.DETECT.value, _("by its mark, else UTF-8")),
    (d.Encoding.UTF_8.value, "UTF-8"),
    (d.Encoding.UTF_16.value, "UTF-16"),
    (d.Encoding.LATIN_1.value, "Latin-1"),
    (d.Encoding.WINDOWS_1252.value, "Windows-1252"),
]
DIRECTIONS = [
    (Direction.INBOUND.value, _("the institution’s applications")),
    (Direction.CASE_SYSTEM.value, _("for its own case system")),
    (Direction.CONSORTIUM.value, _("for another consortium’s service")),
]


_CONTROLS = ("header_record", "trailer", "sum_column")


class NewMappingForm(Form):
    """Whose layout it is, and what its systems call it."""

    button = _("Set up mapping")
    institution = forms.ModelChoiceField(
        queryset=Institution.objects.none(), to_field_name="public_id", label=_("Institution")
    )
    direction = forms.ChoiceField(
        label=_("Translates"),
        choices=DIRECTIONS,
        initial=Direction.INBOUND.value,
        required=False,
        help_text=_("What arrives is read; what leaves is written as its receiver takes it."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=40,
        help_text=_("What the institution’s systems send as the layout: small letters, digits and hyphens."),
    )

    def __init__(self, *args: Any, institutions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["institution"]
        chosen.queryset = institutions  # type: ignore[attr-defined]


class FixedColumnsField(LinesField):
    """One column a line: its name, where it starts (from 1) and its width."""

    def to_python(self, value: Any) -> Any:
        found = []
        for line in super().to_python(value):
            name, *numbers = line.rsplit(None, 2)
            if len(numbers) != 2 or not all(each.isdecimal() and len(each) < 6 for each in numbers):
                raise forms.ValidationError(_("Write a name, where it starts and its width: reference 1 20."))
            found.append({"name": name, "start": int(numbers[0]), "width": int(numbers[1])})
        return found

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return "\n".join(f"{each['name']} {each['start']} {each['width']}" for each in value)
        return value


class LayoutForm(Form):
    """How records are written; and the sample on which the mapping is tried, which is not kept."""

    sample = forms.CharField(
        label=_("Sample"),
        required=False,
        strip=False,
        max_length=LONGEST_SAMPLE,
        widget=forms.Textarea({"rows": 6, "class": "mono", "spellcheck": "false", "wrap": "off"}),
        help_text=_("Paste some records with their header. They stay in this page and are not stored."),
    )
    file = forms.FileField(label=_("Or a file"), required=False, help_text=_("Up to 100 KB."))
    kind = forms.ChoiceField(label=_("Format"), choices=KINDS)
    encoding = forms.ChoiceField(label=_("Characters"), choices=ENCODINGS)
    delimiter = forms.ChoiceField(label=_("Columns are parted by"), choices=DELIMITERS, required=False)
    has_header = forms.BooleanField(label=_("The first row names the columns"), required=False)
    columns = LinesField(
        label=_("Columns"), required=False, help_text=_("One a line; those of a file without header.")
    )
    fixed_columns = FixedColumnsField(
        label=_("Columns of a row"),
        required=False,
        help_text=_("Fixed width only, one a line: name, start, width."),
    )
    record_element = forms.CharField(label=_("Element of a record"), max_length=200, required=False)
    records = forms.CharField(
        label=_("Path of the records"),
        max_length=200,
        required=False,
        help_text=_("JSON only; empty where the document is the list."),
    )
    header_record = ControlRecordField(
        label=_("First line of a file"),
        required=False,
        max_length=60,
        help_text=_(
            "If it is no row: how it begins, and where it says how many rows there are, such as HDR 3."
        ),
    )
    trailer = ControlRecordField(
        label=_("Last line of a file"),
        required=False,
        max_length=60,
        help_text=_(
            "Also where it says their sum: END 2 3 by cells, T 2:9 11:15 by characters. A file that lacks it, or has"
            " other totals, is refused as a whole."
        ),
    )
    sum_column = forms.CharField(
        label=_("Column that is added up"),
        max_length=200,
        required=False,
        help_text=_("Empty for the one that the amount is read from."),
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("For moments without an offset, such as America/Toronto."),
    )
    empty_values = LinesField(
        label=_("Texts that mean nothing"), required=False, rows=2, help_text=_("One a line, such as N/A.")
    )
    sections = (
        Section(_("Sample"), _("The mapping is shown on its first ten records."), ("sample", "file")),
        Section(
            _("Layout"),
            _("How the sender writes records down."),
            (
                *("kind", "encoding", "delimiter", "has_header", "columns", "fixed_columns"),
                *("header_record", "trailer", "sum_column"),
                *("record_element", "records", "time_zone", "empty_values"),
            ),
        ),
    )

    @staticmethod
    def initial_of(document: MappingDocument) -> dict[str, Any]:
        """Give the values of a document."""
        layout: dict[str, Any] = {
            name: msgspec.to_builtins(getattr(document.layout, name))
            for name in document.layout.__struct_fields__
        }
        return {**layout, "time_zone": document.time_zone, "empty_values": document.empty_values}

    def layout(self) -> dict[str, Any]:
        """Give the layout as documents have it, with only what its kind reads."""
        given = self.cleaned_data
        found = {"kind": given["kind"], "encoding": given["encoding"]}
        names = {
            Kind.CSV: ("delimiter", "has_header", "columns", *_CONTROLS),
            Kind.FIXED: ("fixed_columns", *_CONTROLS),
            Kind.XML: ("record_element",),
            Kind.JSON: ("records",),
        }
        for name in names.get(Kind(given["kind"]), ()):
            found[name] = given[name] or ("," if name == "delimiter" else given[name])
        return found

    def clean_file(self) -> Any:
        """Take no file that is longer than a sample may be; such a one is not even read."""
        given = self.cleaned_data["file"]
        if given is not None and given.size > LONGEST_SAMPLE:
            raise forms.ValidationError(_("The file is too long. Take its first records, up to 100 KB."))
        return given

    def clean_time_zone(self) -> str:
        """Take the name of a zone that there is."""
        name = str(self.cleaned_data["time_zone"]).strip()
        if name not in available_timezones():
            raise forms.ValidationError(_("There is no time zone of this name."))
        return name


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of a mapping as a page carries it: its steps are as documents have them."""

    target: str
    source: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def document(self) -> dict[str, Any]:
        return {"target": self.target, "source": self.source, "steps": self.steps}

    @property
    def steps_json(self) -> str:
        return msgspec.json.encode(self.steps).decode()

    @property
    def words(self) -> tuple[str, str]:
        return field_words(self.target)


def lines_of(document: MappingDocument) -> list[FieldLine]:
    """Give the fields of a document."""
    return [
        FieldLine(each.target, each.source, list(msgspec.to_builtins(each.steps))) for each in document.fields
    ]


def lines_posted(posted: QueryDict, *, is_outbound: bool = False) -> list[FieldLine]:
    """Read the posted fields as they are; steps that are none are left out.

    *is_outbound*: the receiver names its fields as it likes.
    """
    count = posted.get("fields", "0")
    most = min(int(count), d.MOST_FIELDS) if count.isdecimal() and len(count) < 4 else 0
    found = []
    for number in range(most):
        target = posted.get(f"field-{number}-target", "").strip()
        if target if is_outbound else target in all_targets():
            source = posted.get(f"field-{number}-source", "").strip()
            found.append(FieldLine(target, source, _steps(posted.get(f"field-{number}-steps", ""))))
    return found


def _steps(text: str) -> list[dict[str, Any]]:
    try:
        kept = msgspec.json.decode(text or "[]", type=tuple[d.Step, ...])
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError):
        return []
    return list(msgspec.to_builtins(kept))[: d.MOST_STEPS]


def with_steps(line: FieldLine, steps: Sequence[Mapping[str, Any]]) -> FieldLine:
    """Give a line other steps."""
    return replace(line, steps=[dict(step) for step in steps])


@cache
def all_targets() -> frozenset[str]:
    """Name every field that a document can fill: lists by number, or all of their items."""
    return frozenset(path for each in TARGETS for path in _numbered(each))


def _numbered(path: str) -> list[str]:
    name, brackets, rest = path.partition("[]")
    if not brackets:
        return [path]
    places = [*map(str, range(MOST_ITEMS[name.rpartition(".")[2]])), "*"]
    return [f"{name}[{place}]{below}" for place in places for below in _numbered(rest)]


def open_targets(lines: Sequence[FieldLine], *, has_lists: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """List the fields that can be added, by where they belong: the next item of each list, not one beyond."""
    taken = {line.target for line in lines}
    begun = {path for line in lines for path in _places(line.target)}
    groups: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(all_targets() - taken, key=_in_order):
        if ("*" in path and not has_lists) or not all(_is_next(place, begun) for place in _places(path)):
            continue
        group, name = field_words(path)
        groups.setdefault(group or str(_("Application")), []).append((path, name))
    return list(groups.items())


def _places(path: str) -> list[str]:
    return [path[: at + 1] for at, letter in enumerate(path) if letter == "]"]


def _is_next(place: str, begun: set[str]) -> bool:
    name, _bracket, number = place[:-1].rpartition("[")
    return number in {"0", "*"} or place in begun or f"{name}[{int(number) - 1}]" in begun


_ORDER = {path: place for place, path in enumerate(TARGETS)}


def _in_order(path: str) -> tuple[list[str], int]:
    return _places(path), _ORDER[general(parsed(path))]
