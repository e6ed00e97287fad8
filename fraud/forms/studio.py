"""What the studio’s page carries between two presses of a button: layout, sample, fields, the one that is open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.http import QueryDict

from fraud.forms.mappings import FieldLine, LayoutForm, all_targets, lines_of, lines_posted, with_steps
from fraud.forms.outbound import OutboundLayoutForm, added_line, outbound_sample, usual_lines
from fraud.forms.samples import Sample, decoded, sample_of
from fraud.forms.steps import StepForm, changed, step_forms, steps_given, steps_posted
from fraud.rules.translation import Layout, MappingDocument
from fraud.rules.translation import document as d
from fraud.rules.translation.proposing import propose


@dataclass
class Studio:
    """A mapping as it stands in the page; `is_opened` is the place of the field whose steps are shown, −1 for none."""

    base: MappingDocument
    layout: LayoutForm
    text: str = ""
    lines: list[FieldLine] = field(default_factory=list)
    opened: int = -1
    steps: list[StepForm] = field(default_factory=list)
    confidence: dict[str, float] = field(default_factory=dict)
    problem: str = ""

    @property
    def document(self) -> MappingDocument | None:
        """Give the document that this makes; None, with `problem`, where it makes none."""
        if not self.layout.is_valid():
            return None
        given: dict[str, Any] = {
            "direction": self.base.direction,
            "layout": self.layout.layout(),
            "time_zone": self.layout.cleaned_data["time_zone"],
            "empty_values": [*self.layout.cleaned_data.get("empty_values", ())],
            "ignored": self.base.ignored,
            "fields": [line.document for line in self.lines],
        }
        try:
            return d.from_builtins(given)
        except msgspec.ValidationError as error:
            self.problem = str(error)
            return None

    @property
    def sample(self) -> Sample:
        """Cut the sample into records under the layout as it stands; outbound, into applications."""
        if self.is_outbound:
            return outbound_sample(self.text)
        if not self.layout.is_valid():
            return Sample()
        return sample_of(self.text, msgspec.convert(self.layout.layout(), Layout))

    @property
    def is_outbound(self) -> bool:
        """Say whether it writes records for somebody else, in place of reading an institution's."""
        return self.base.direction is not d.Direction.INBOUND

    @property
    def are_steps_valid(self) -> bool:
        return not [form for form in self.steps if form.is_bound and not form.is_valid()]


def studio_of(document: MappingDocument) -> Studio:
    """Lay a document out for the page."""
    form = _form(document)
    initial = form.initial_of(document)
    bound = form(_as_posted(form, initial), initial=initial)
    return Studio(document, bound, lines=lines_of(document))


def _form(document: MappingDocument) -> type[LayoutForm]:
    return LayoutForm if document.direction is d.Direction.INBOUND else OutboundLayoutForm


def _as_posted(form: type[LayoutForm], initial: dict[str, Any]) -> dict[str, Any]:
    unbound = form(initial=initial)
    return {name: unbound[name].value() for name in unbound.fields if unbound[name].value() not in ("", None)}


def studio_posted(base: MappingDocument, posted: QueryDict, files: Any) -> Studio:
    """Read the page as it was posted, and carry out the button that was pressed, if it only changes the page."""
    uploaded = files.get("file")
    text = posted.get("sample", "")
    form, is_outbound = _form(base), base.direction is not d.Direction.INBOUND
    layout = form(posted, files)
    if uploaded is not None and layout.is_valid():
        text = decoded(uploaded.read())
        layout = form({**posted.dict(), "sample": text})
    lines = lines_posted(posted, is_outbound=is_outbound)
    studio = Studio(base, layout, text, lines, _place(posted.get("open", "")))
    _read_steps(studio, posted)
    act, _colon, rest = posted.get("do", "").partition(":")
    change = {"open": _open, "close": _open, "add": _add, "drop": _drop, "propose": _propose}.get(act)
    if change is not None and studio.are_steps_valid:
        change(studio, rest or posted.get("target", ""))
    return studio


def _place(number: str) -> int:
    return int(number) if number.isdecimal() and len(number) < 4 else -1


def _read_steps(studio: Studio, posted: QueryDict) -> None:
    """Take the steps of the open field over, or show its form again with what is wrong."""
    if not 0 <= studio.opened < len(studio.lines):
        studio.opened = -1
        return
    act, _colon, rest = posted.get("do", "").partition(":")
    given = steps_posted(posted)
    if act == "step":
        studio.steps = step_forms(changed(given, rest))
        return
    studio.steps = step_forms(given, posted)
    if studio.are_steps_valid:
        line = studio.lines[studio.opened]
        studio.lines[studio.opened] = with_steps(line, [form.step() for form in studio.steps])


def _open(studio: Studio, rest: str) -> None:
    studio.opened = _place(rest) if _place(rest) < len(studio.lines) else -1
    studio.steps = step_forms(steps_given(_steps_of(studio.lines, studio.opened)))


def _steps_of(lines: Sequence[FieldLine], place: int) -> tuple[d.Step, ...]:
    return msgspec.convert(lines[place].steps, tuple[d.Step, ...]) if place >= 0 else ()


def _add(studio: Studio, target: str) -> None:
    if studio.is_outbound:
        line = added_line(target, studio.lines)
        studio.lines += [line] if line is not None else []
        return
    if target in all_targets() - {line.target for line in studio.lines}:
        studio.lines.append(FieldLine(target))


def _drop(studio: Studio, rest: str) -> None:
    place = _place(rest)
    if 0 <= place < len(studio.lines):
        del studio.lines[place]
        studio.opened, studio.steps = -1, []


def _propose(studio: Studio, _rest: str) -> None:
    """Put what names and contents say in place of the fields, as far as the sample can be read."""
    if studio.is_outbound:
        studio.lines, studio.opened, studio.steps = usual_lines(), -1, []
        return
    records = [record for record in studio.sample.records if isinstance(record, dict)]
    if not records:
        return
    layout = msgspec.convert(studio.layout.layout(), Layout)
    proposal = propose(records, layout, time_zone=studio.layout.cleaned_data["time_zone"])
    studio.lines, studio.opened, studio.steps = lines_of(proposal.document), -1, []
    studio.confidence = {each.target: each.confidence for each in proposal.fields}
