"""What differs between two mapping documents, field by field, in terms of the document itself."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from fraud.rules.translation.document import MappingDocument


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Difference(Struct, frozen=True):
    """One difference: *path* is a target, or the name of a setting such as `layout.delimiter`.

    *before* and *after* are as JSON has them; None where there is nothing.
    """

    path: str
    change: Change
    before: Any = None
    after: Any = None


def differences(old: MappingDocument, new: MappingDocument) -> list[Difference]:
    """List what differs: settings first, then fields in the order of the new document, then those that are gone."""
    settings = _compared(_settings(old), _settings(new))
    return [*settings, *_compared(_fields(old), _fields(new))]


def _settings(document: MappingDocument) -> dict[str, Any]:
    kept: dict[str, Any] = {
        f"layout.{name}": msgspec.to_builtins(getattr(document.layout, name))
        for name in document.layout.__struct_fields__
    }
    for name in ("direction", "time_zone", "empty_values", "ignored", "is_strict"):
        kept[name] = msgspec.to_builtins(getattr(document, name))
    return kept


def _fields(document: MappingDocument) -> dict[str, Any]:
    return {
        field.target: {"source": field.source, "steps": msgspec.to_builtins(field.steps)}
        for field in document.fields
    }


def _compared(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    for name, after in new.items():
        if name not in old:
            yield Difference(name, Change.ADDED, after=after)
        elif old[name] != after:
            yield Difference(name, Change.CHANGED, old[name], after)
    for name, before in old.items():
        if name not in new:
            yield Difference(name, Change.REMOVED, before)
