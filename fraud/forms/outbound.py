"""The studio of outbound mappings: generated applications as a sample, and fields with the receiver's names."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from fraud.forms.mappings import FieldLine, LayoutForm, all_targets
from fraud.forms.samples import Sample, sample_of
from fraud.rules import canonical
from fraud.rules.people.applications import applications
from fraud.rules.translation import Kind, Layout
from fraud.rules.translation import document as d
from fraud.rules.translation.paths import parsed
from portal.core.phrases import Phrase
from portal.web.forms import Section

# People who do not exist; always the same ones, so that a mapping is seen to change and they are not.
_SEED, _RECORDS = 41, 3
_KINDS = [
    (Kind.JSONL.value, _("JSON Lines: one record a line")),
    (Kind.JSON.value, _("JSON: one record alone")),
    (Kind.CSV.value, _("CSV: columns parted by a comma")),
]
# What nearly every case system asks for: our field, and the name by which it begins.
_USUAL = (
    ("reference", "reference"),
    ("product", "product"),
    ("amount", "amount"),
    ("currency", "currency"),
    ("submitted_at", "submitted_at"),
    ("parties[0].family_name", "family_name"),
    ("parties[0].given_name", "given_name"),
    ("parties[0].birth_date", "birth_date"),
    ("parties[0].addresses[0].line", "address"),
    ("parties[0].addresses[0].city", "city"),
    ("parties[0].addresses[0].postal_code", "postal_code"),
    ("parties[0].phones[0].number", "phone"),
    ("parties[0].emails[0]", "email"),
)


class OutboundLayoutForm(LayoutForm):
    """How records are written for the receiver; and the applications on which the mapping is tried."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {"sample", "kind", "time_zone"}
        for name in [name for name in self.fields if name not in kept]:
            del self.fields[name]
        self.fields["sample"].help_text = str(
            _("Canonical applications as JSON, one a line; left empty, people who do not exist are shown.")
        )
        self.fields["time_zone"].help_text = str(_("Moments are written by the clocks of this zone."))
        kind = self.fields["kind"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = _KINDS

    sections = (
        Section(_("Sample"), _("The mapping is shown on some applications."), ("sample",)),
        Section(
            _("Layout"), _("How the receiver reads records. A webhook is JSON always."), ("kind", "time_zone")
        ),
    )

    def layout(self) -> dict[str, Any]:
        """Give the layout as documents have it."""
        return {"kind": self.cleaned_data["kind"]}


def outbound_sample(text: str) -> Sample:
    """Read canonical applications as somebody pasted them, or give generated ones where nothing is."""
    paths = source_paths()
    if not text.strip():
        made = islice(applications(_SEED, _RECORDS), _RECORDS)
        return Sample(tuple(msgspec.json.decode(canonical.to_json(each)) for each in made), paths)
    kind = Kind.JSON if text.lstrip().startswith("[") else Kind.JSONL
    found = sample_of(text, Layout(kind=kind))
    return Sample(tuple(map(_checked, found.records)), paths, found.problem)


def _checked(record: Any) -> Any:
    if isinstance(record, str):
        return record
    try:
        canonical.from_builtins(record)
    except msgspec.ValidationError:
        return Phrase("This is no canonical application.")
    return record


def source_paths() -> tuple[str, ...]:
    """List the canonical fields that are offered: of each list the first two, and all of it at once."""
    return tuple(sorted(path for path in all_targets() if all(_is_near(each) for each in parsed(path))))


def _is_near(segment: object) -> bool:
    return not isinstance(segment, int) or segment < 2


def usual_lines() -> list[FieldLine]:
    """Give the fields with which an outbound mapping may begin."""
    return [FieldLine(target, source) for source, target in _USUAL]


def added_line(source: str, lines: Sequence[FieldLine]) -> FieldLine | None:
    """Give a line for one more canonical field, under a name of its own; None for what is no field.

    All items of a list at once need a list there as well, so that they keep their path.
    """
    if source not in all_targets() or len(lines) >= d.MOST_FIELDS:
        return None
    names = [segment for segment in parsed(source) if isinstance(segment, str)]
    name, taken = source if "*" in source else names[-1], {line.target for line in lines}
    number = 2
    target = name
    while target in taken:
        target, number = f"{name}_{number}", number + 1
    return FieldLine(target, source)
