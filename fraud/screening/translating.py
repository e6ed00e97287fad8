"""From a record in an institution's own layout to a canonical application, or to what is wrong with it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from fraud.models import Institution
from fraud.rules.canonical import Application, from_builtins
from portal.core.errors import InvalidError
from portal.core.phrases import Phrase

_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class Wrong(NamedTuple):
    """One thing that is wrong with a record: where, a stable code, and words for its sender."""

    field: str
    code: str
    words: str


class ApplicationFaultsError(InvalidError):
    """Refuse a record that cannot be translated, naming everything that is wrong with it."""

    title = Phrase("This application cannot be read")

    def __init__(self, faults: Sequence[Wrong]) -> None:
        super().__init__(
            Phrase("Correct what is named, and send it again."),
            fields={fault.field: fault.words for fault in faults},
        )
        self.codes = {fault.field: fault.code for fault in faults}


def translated(institution: Institution, record: object, *, layout: str = "") -> Application:
    """Give the canonical application of a record.

    *layout*: the name of one of the institution's mappings; "" for its own default.

    :raises ApplicationFaultsError: naming everything that is wrong with it
    """
    try:
        return from_builtins(record)
    except msgspec.ValidationError as error:
        raise ApplicationFaultsError([_wrong(error)]) from error


def _wrong(error: msgspec.ValidationError) -> Wrong:
    says = str(error)
    found = _PATH.search(says)
    path = found["path"] if found else ""
    field = re.sub(r"\[(\w+|\.\.\.)\]", r".\1", path).strip(".")
    return Wrong(field, "invalid", Phrase("This does not fit: {reason}", reason=_PATH.sub("", says)))
