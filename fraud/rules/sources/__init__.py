"""Files of applications as institutions send them: read in one pass with bounded memory, and written back alike."""

from fraud.rules.sources.controls import ControlTotals
from fraud.rules.sources.layouts import (
    FixedField,
    RowFault,
    SourceError,
    SourceKind,
    SourceLayout,
)
from fraud.rules.sources.reading import Head, Raw, Source
from fraud.rules.sources.records import values_of
from fraud.rules.sources.writing import annotated, head_of, tail_of

__all__ = [
    "ControlTotals",
    "FixedField",
    "Head",
    "Raw",
    "RowFault",
    "Source",
    "SourceError",
    "SourceKind",
    "SourceLayout",
    "annotated",
    "head_of",
    "tail_of",
    "values_of",
]
