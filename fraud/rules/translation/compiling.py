"""A mapping document compiled once to closures; then a record is translated without looking at the document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from fraud.rules import canonical
from fraud.rules.translation import document as d
from fraud.rules.translation.assembly import Build, Leaf, Make, Shape, builder, grown
from fraud.rules.translation.faults import Code, Fault, UnfitError, fault
from fraud.rules.translation.paths import STAR, Reader, Scopes, Segment, parsed, reader, written
from fraud.rules.translation.problems import Problem
from fraud.rules.translation.reading import Sources, sources_of
from fraud.rules.translation.step_types import gives
from fraud.rules.translation.steps import Surroundings, step_function
from fraud.rules.translation.strictness import strangers
from fraud.rules.translation.targets import MOST_ITEMS, TARGETS, Target, fit, general, target_of
from fraud.rules.translation.validation import validate_mapping

_STRUCTS: Mapping[str, type[msgspec.Struct]] = {
    "": canonical.Application,
    "parties[]": canonical.Party,
    "parties[].addresses[]": canonical.Address,
    "parties[].phones[]": canonical.Phone,
    "parties[].bank_account": canonical.BankAccount,
}
_REQUIRED = {
    record: tuple(
        path.removeprefix(f"{record}.")
        for path, target in TARGETS.items()
        if target.is_required and path.rpartition(".")[0] == record
    )
    for record in _STRUCTS
}
_REQUIRED[""] += ("parties",)
# An application of the evening bears tomorrow's date in UTC.
_A_DAY = timedelta(days=1)


class MappingError(ValueError):
    """A document that cannot be compiled; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(problems[0].words if problems else "")


class Translated(msgspec.Struct, frozen=True):
    """An application, or what is wrong with its record: one of the two is empty."""

    application: canonical.Application | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """An inbound mapping, ready for any number of records; safe to share between threads."""

    document: d.MappingDocument
    checksum: str
    # Every source that the document reads.
    sources: frozenset[str]
    build: Build
    # What a strict document does not know; None where it takes anything.
    strangers: Callable[[Mapping[str, Any]], list[Fault]] | None = None

    def translate(self, record: Mapping[str, Any]) -> Translated:
        """Translate one record; whatever is wrong with it comes back as faults, and nothing is raised.

        *record*: columns by name as text, or what JSON and XML give (dicts, lists, text, numbers).
        """
        if not isinstance(record, Mapping):
            return Translated(None, (fault("", Code.NOT_A_RECORD),))
        faults = self.strangers(record) if self.strangers else []
        application = self.build((record,), faults)
        if not faults:
            faults = _out_of_time(application)
        return Translated(None, tuple(faults)) if faults else Translated(application)


def compile_mapping(document: d.MappingDocument) -> CompiledMapping:
    """Compile an inbound document.

    :raises MappingError: the document has problems, as `validate_mapping` lists them
    """
    problems = validate_mapping(document)
    if problems or document.direction is not d.Direction.INBOUND:
        raise MappingError(problems)
    sources = sources_in(document)
    zone = ZoneInfo(document.time_zone)
    leaves = [(parsed(field.target), _leaf(field, sources, zone)) for field in document.fields]
    shape = Shape(
        make=lambda path: _maker(_STRUCTS[general(parsed(path)) if path else ""]),
        required=lambda path: _REQUIRED[general(parsed(path)) if path else ""],
        most=lambda path: MOST_ITEMS[path.rpartition(".")[2]],
        array=arrays(document, sources),
    )
    read = frozenset(source for field in document.fields for source in sources_of(field))
    find = strangers(map(sources.segments, {*read, *document.ignored})) if document.is_strict else None
    return CompiledMapping(document, d.checksum(document), read, builder(grown(leaves), shape), find)


def sources_in(document: d.MappingDocument) -> Sources:
    """Say how the sources of a document are read."""
    is_flat = document.direction is d.Direction.INBOUND and document.layout.kind.is_flat
    return Sources(is_flat, frozenset(word.strip().casefold() for word in document.empty_values))


def arrays(
    document: d.MappingDocument, sources: Sources, *, is_flat: bool = False
) -> dict[tuple[Segment, ...], tuple[Reader, str]]:
    """Find the list of the source behind each star of a target: how to read it, and its path.

    *is_flat*: the targets are columns, and have no stars.
    """
    found: dict[tuple[Segment, ...], tuple[Reader, str]] = {}
    for field in () if is_flat else document.fields:
        target = parsed(field.target)
        ends = [at + 1 for at, segment in enumerate(target) if segment is STAR]
        for source in sources_of(field):
            segments = sources.segments(source)
            places = [at for at, segment in enumerate(segments) if segment is STAR]
            for depth, (end, place) in enumerate(zip(ends, places, strict=False)):
                begin = places[depth - 1] + 1 if depth else 0
                read = reader(segments[begin:place], depth)
                found.setdefault(target[:end], (read, written(segments[:place])))
    return found


def _maker(struct: type[msgspec.Struct]) -> Make:
    return lambda values: struct(**values)


def _out_of_time(application: canonical.Application) -> list[Fault]:
    latest = application.submitted_at.date() + _A_DAY
    return [
        fault(f"parties[{index}].birth_date", Code.DATE_IN_FUTURE)
        for index, party in enumerate(application.parties)
        if party.birth_date and party.birth_date > latest
    ]


def _leaf(field: d.FieldMapping, sources: Sources, zone: ZoneInfo) -> Leaf:
    target = target_of(field.target)
    if target is None:
        raise MappingError([])
    around = Surroundings(sources.text_reader, zone)
    steps = tuple(step_function(step, around) for step in field.steps)
    has_comma = any(getattr(step, "decimal", None) is d.Decimal.COMMA for step in field.steps)
    read = sources.text_reader(field.source, has_comma=has_comma) if field.source else _nothing
    path, source = field.target, field.source
    finish = _as_it_is if gives(field) is target.type else fit(target, zone)

    def build(scopes: Scopes, faults: list[Fault]) -> Any:
        try:
            value: Any = read(scopes)
            for step in steps:
                value = step(value, scopes)
            return None if value is None else finish(value)
        except UnfitError as error:
            faults.append(fault(path, error.code, source))
            return None

    return Leaf(build, source, _sign(field, target, sources))


def _as_it_is(value: Any) -> Any:
    return value


def _nothing(_scopes: Scopes) -> None:
    return None


def _sign(field: d.FieldMapping, target: Target, sources: Sources) -> Any:
    """Say what tells that the record of a field is there: its value, unless the mapping itself may have put it in."""
    if target.is_qualifier:
        return _never
    is_given = any(isinstance(step, d.Constant | d.Default | d.WhenEqual) for step in field.steps)
    if not is_given:
        return None
    read = [sources.sign(source) for source in sources_of(field)] if not _is_constant(field) else []
    return (lambda scopes: any(is_there(scopes) for is_there in read)) if read else _never


def _is_constant(field: d.FieldMapping) -> bool:
    return any(isinstance(step, d.Constant) for step in field.steps)


def _never(_scopes: Scopes) -> bool:
    return False
