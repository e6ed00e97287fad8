"""What pages of mappings are filled with: fields in words, records beside what became of them, differences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from fraud.forms.mapping_words import field_words, step_words
from fraud.forms.samples import flat
from fraud.rules.translation import Direction, Fault, MappingDocument, MappingError, Problem
from fraud.rules.translation import document as d
from fraud.rules.translation.comparing import differences
from fraud.rules.translation.golden import outcome
from fraud.rules.translation.paths import PathError, parsed
from fraud.rules.translation.targets import general
from fraud.views.rulebook_pieces import Difference
from portal.core.language import said

_NOT_PERSONAL = frozenset(
    {
        *("product", "channel", "amount", "currency", "submitted_at", "version"),
        *("parties[].role", "parties[].employment", "parties[].phones[].kind"),
        *(f"parties[].addresses[].{name}" for name in ("kind", "province", "country")),
    }
)


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of a mapping in words, with its problems."""

    place: int
    target: str
    group: str
    name: str
    source: str
    steps: tuple[str, ...]
    # The source in words, where it is a canonical field.
    comes: str = ""
    problems: tuple[str, ...] = ()
    # Percent, of a proposal.
    confidence: int | None = None
    # The steps as documents have them, for the page to carry along.
    steps_json: str = ""


def shown_fields(
    document: MappingDocument, problems: Sequence[Problem] = (), confidence: dict[str, float] | None = None
) -> list[ShownField]:
    """Say the fields of a document in words."""
    is_outbound = not is_inbound(document)
    return [
        _shown(place, each, problems, confidence or {}, is_outbound=is_outbound)
        for place, each in enumerate(document.fields)
    ]


def _shown(
    place: int,
    mapped: d.FieldMapping,
    problems: Sequence[Problem],
    confidence: dict[str, float],
    *,
    is_outbound: bool,
) -> ShownField:
    group, name = ("", mapped.target) if is_outbound else target_words(mapped.target)
    here = f"fields[{place}]"
    found = [said(each.words) for each in problems if each.path == here or each.path.startswith(f"{here}.")]
    sure = confidence.get(mapped.target)
    return ShownField(
        place=place,
        target=mapped.target,
        group=group,
        name=name,
        source=mapped.source,
        comes=_joined(mapped.source) if is_outbound and mapped.source else "",
        steps=tuple(step_words(step) for step in mapped.steps),
        problems=tuple(found),
        confidence=None if sure is None else round(sure * 100),
        steps_json=msgspec.json.encode(mapped.steps).decode(),
    )


def target_words(path: str) -> tuple[str, str]:
    """Say a field; what an outbound mapping fills has the receiver's own names."""
    try:
        parsed(path)
    except PathError:
        return "", path
    return field_words(path)


def other_problems(problems: Sequence[Problem]) -> list[str]:
    """Say the problems that belong to no one field."""
    return [said(each.words) for each in problems if not each.path.startswith("fields[")]


@dataclass(frozen=True, slots=True)
class Side:
    """One record: what came, what became of it, and what is wrong with it."""

    number: int
    came: tuple[tuple[str, Any], ...]
    became: tuple[tuple[str, Any], ...] = ()
    faults: tuple[tuple[str, str, str], ...] = ()
    # Why it is no record at all.
    trouble: str = ""


def sides(records: Sequence[Any], document: MappingDocument | None) -> list[Side]:
    """Lay records beside what a document makes of them; without a sound document beside nothing."""
    return [side(number, record, document) for number, record in enumerate(records, start=1)]


def side(number: int, record: Any, document: MappingDocument | None) -> Side:
    """Lay one record beside what a document makes of it."""
    if isinstance(record, str):
        return Side(number, (), trouble=said(record))
    came = tuple(flat(record))
    if document is None:
        return Side(number, came)
    if not is_inbound(document):
        came = tuple(canonical_lines(came))
    try:
        found = outcome(document, record)
    except (MappingError, msgspec.ValidationError):
        return Side(number, came)
    if found.made is None:
        return Side(number, came, faults=tuple(fault_line(fault, document) for fault in found.faults))
    made = flat(msgspec.json.decode(found.made))
    return Side(number, came, tuple(canonical_lines(made) if is_inbound(document) else made))


def canonical_lines(made: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Say what a record became, field by field."""
    return [(_joined(path), value) for path, value in made]


def is_personal(path: str) -> bool:
    """Say whether a field of a canonical application may tell who applied; what is not on the list may."""
    try:
        return general(parsed(path)) not in _NOT_PERSONAL
    except PathError:
        return True


def fault_line(fault: Fault, document: MappingDocument) -> tuple[str, str, str]:
    """Say a fault: its field in words, or as the receiver of an outbound document calls it; its code, its words."""
    field = _joined(fault.field) if is_inbound(document) else fault.field
    return field or _("Record"), str(fault.code), said(fault.words)


def _joined(path: str) -> str:
    return " · ".join(filter(None, target_words(path)))


def mapping_differences(old: MappingDocument, new: MappingDocument) -> list[Difference]:
    """Say what differs between two mappings: settings first, then fields."""
    before, after = _sayings(old), _sayings(new)
    fields = {*before, *after} if is_inbound(new) else set()
    return [
        Difference(
            _joined(each.path) if each.path in fields else each.path,
            before.get(each.path, _plain(each.before)),
            after.get(each.path, _plain(each.after)),
        )
        for each in differences(old, new)
    ]


def _sayings(document: MappingDocument) -> dict[str, str]:
    return {
        each.target: " → ".join(filter(None, [each.source, *(step_words(step) for step in each.steps)]))
        for each in document.fields
    }


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def is_inbound(document: MappingDocument) -> bool:
    """Say whether a document reads an institution's records, and so fills fields that have words of ours."""
    return document.direction is Direction.INBOUND
