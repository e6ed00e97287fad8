"""Canonical applications to what another system takes: the same steps, read from canonical paths."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from fraud.rules.canonical import Application
from fraud.rules.translation import document as d
from fraud.rules.translation.assembly import Build, Leaf, Shape, builder, grown
from fraud.rules.translation.compiling import MappingError, arrays, sources_in
from fraud.rules.translation.faults import Fault, UnfitError, fault
from fraud.rules.translation.paths import Scopes, Segment, parsed
from fraud.rules.translation.reading import Sources
from fraud.rules.translation.steps import Surroundings, TextReader, step_function
from fraud.rules.translation.validation import validate_mapping

# Canonical lists are bounded; what is made of them is no longer.
_MOST = 6


class Written(msgspec.Struct, frozen=True):
    """A record for another system, or what is wrong: one of the two is empty."""

    record: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledOutbound:
    """An outbound mapping, ready for any number of applications; safe to share between threads."""

    document: d.MappingDocument
    checksum: str
    build: Build

    def write(self, application: Application) -> Written:
        """Write one application for the other system: dicts, lists, text and whole numbers, ready for JSON."""
        faults: list[Fault] = []
        record = self.build((plain(application),), faults)
        return Written(None, tuple(faults)) if faults else Written(record)


def compile_outbound(document: d.MappingDocument) -> CompiledOutbound:
    """Compile a document from canonical to an external consortium or a case system.

    :raises MappingError: the document has problems, as `validate_mapping` lists them
    """
    problems = validate_mapping(document)
    if problems or document.direction is d.Direction.INBOUND:
        raise MappingError(problems)
    sources, zone = sources_in(document), ZoneInfo(document.time_zone)
    is_flat = document.layout.kind.is_flat
    leaves: list[tuple[tuple[Segment, ...], Leaf]] = [
        ((field.target,) if is_flat else parsed(field.target), _leaf(field, sources, zone))
        for field in document.fields
    ]
    shape = Shape(
        make=lambda _path: dict,
        required=lambda _path: (),
        most=lambda _path: _MOST,
        array=arrays(document, sources, is_flat=is_flat),
    )
    return CompiledOutbound(document, d.checksum(document), builder(grown(leaves), shape))


def plain(value: Any) -> Any:
    """Give structs as dicts with every field, defaults too; dates stay dates."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def _leaf(field: d.FieldMapping, sources: Sources, zone: ZoneInfo) -> Leaf:
    def text_reader(source: str) -> TextReader:
        read = sources.value_reader(source)
        return lambda scopes: _text(read(scopes))

    around = Surroundings(text_reader, zone, is_outbound=True)
    steps = tuple(step_function(step, around) for step in field.steps)
    read = sources.value_reader(field.source) if field.source else _nothing
    target, source = field.target, field.source

    def build(scopes: Scopes, faults: list[Fault]) -> Any:
        try:
            value = read(scopes)
            if value == "":
                value = None
            for step in steps:
                value = step(value, scopes)
            return _json_value(value)
        except UnfitError as error:
            faults.append(fault(target, error.code, source))
            return None

    is_given = any(isinstance(step, d.Constant | d.Default) for step in field.steps)
    return Leaf(build, source, _never if is_given else None)


def _json_value(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    return _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None or value == "" else str(value)


def _nothing(_scopes: Scopes) -> None:
    return None


def _never(_scopes: Scopes) -> bool:
    return False
