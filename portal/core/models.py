"""What the columns and triggers of more than one table share."""

from collections.abc import Callable
from typing import Any

import pgtrigger
from django.db import models

from portal.core.ids import new_id


class _Prefixed:
    """A default for one prefix, by name, so that migrations can find it again."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __call__(self) -> str:
        return new_id(self.prefix)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Prefixed) and other.prefix == self.prefix

    def __hash__(self) -> int:
        return hash(self.prefix)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return "portal.core.models._Prefixed", [self.prefix], {}


def public_id(prefix: str) -> "models.CharField[str, str]":
    """Make the column that names a row to the outside world."""
    default: Callable[[], str] = _Prefixed(prefix)
    return models.CharField(max_length=32, unique=True, editable=False, default=default)


def whole(name: str) -> pgtrigger.Trigger:
    """Refuse to empty a table at once, which no trigger of its rows would notice."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;",
    )
