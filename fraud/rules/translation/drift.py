"""Drift: whether the records of today still look like those that a mapping was made for; counts alone, no values."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from fraud.rules.translation.compiling import CompiledMapping
from fraud.rules.translation.document import Codes, Kind
from fraud.rules.translation.faults import Code, Fault
from portal.core.phrases import Phrase, marked

# Names of unknown fields that are kept; what a sender invents for every row must not fill a table.
MOST_NAMES = 100
LONGEST_NAME = 80
# What no sender calls a field: e-mail addresses, dates, and numbers of somebody.
_DATA = re.compile(r"@|(?:\d\D?){6}")
# So few records say nothing about rates.
FEWEST_RECORDS = 50
# A share of empty cells that is so much higher or lower than before is told.
JUMP = 0.2
# A share of records with a value outside a list of codes.
MOST_OUTSIDE = 0.01

Count = Annotated[int, Meta(ge=0)]


class Seen(Struct, kw_only=True, omit_defaults=True):
    """What some records looked like; two of these add up."""

    records: Count = 0
    faulty: Count = 0
    # By source: how often it was empty, or missing.
    empty: dict[str, Count] = {}
    # By source: how often its value was in no list of codes.
    outside: dict[str, Count] = {}
    # Fields that the mapping neither reads nor knows: by name, or "#7" for the seventh where names may be values.
    unknown: dict[str, Count] = {}


class DriftWarning(Struct, frozen=True):
    """One thing that changed: *source* is the column or path, *share* 0.0 to 1.0 of the records."""

    code: str
    source: str
    words: str
    share: float


UNKNOWN = marked("The field {source} is new: the mapping does not know it.")
EMPTIER = marked("{source} is empty more often than before: in {now} of 100 records, and {before} until now.")
FULLER = marked(
    "{source} is filled more often than before: empty in {now} of 100 records, and {before} until now."
)
OUTSIDE = marked("{source} has values that are in no list of codes, in {now} of 100 records.")
FAULTY = marked("More records are refused than before: {now} of 100, and {before} until now.")


class DriftWatch:
    """Counts the records of one chunk under one mapping; hand `seen` over when the chunk is done."""

    def __init__(self, mapping: CompiledMapping) -> None:
        self.seen = Seen()
        document = mapping.document
        self._is_flat = document.layout.kind.is_flat
        self._sources = sorted(mapping.sources) if self._is_flat else []
        known = {*mapping.sources, *document.ignored}
        # Of a tree the outermost names are watched.
        self._known = known if self._is_flat else {_outermost(path) for path in known}
        self._has_names = document.layout.kind is not Kind.CSV or document.layout.has_header
        self._lists = {
            field.target: field.source
            for field in document.fields
            if any(isinstance(step, Codes) for step in field.steps)
        }

    def see(self, record: Mapping[str, Any], faults: Collection[Fault] = ()) -> None:
        """Count one record and what was wrong with it."""
        seen = self.seen
        seen.records += 1
        for source in self._sources:
            value = record.get(source)
            if value is None or value == "" or (type(value) is str and value.isspace()):
                seen.empty[source] = seen.empty.get(source, 0) + 1
        if not self._known.issuperset(record):
            self._see_unknown(record)
        if faults:
            seen.faulty += 1
            for each in faults:
                if each.code == Code.NOT_IN_LIST:
                    _count(seen.outside, each.source)

    def _see_unknown(self, record: Mapping[str, Any]) -> None:
        for place, name in enumerate(record, start=1):
            if name not in self._known:
                _count(self.seen.unknown, self._called(str(name), place))

    def _called(self, name: str, place: int) -> str:
        """Call an unknown field by its name, or by its place from 1 where the name may be somebody's data."""
        is_name = self._has_names and len(name) <= LONGEST_NAME and not _DATA.search(name)
        return name if is_name else f"#{place}"


def added(one: Seen, other: Seen) -> Seen:
    """Add two counts up."""
    sums = {name: _sum(getattr(one, name), getattr(other, name)) for name in ("empty", "outside", "unknown")}
    return Seen(records=one.records + other.records, faulty=one.faulty + other.faulty, **sums)


def drift(expected: Seen, seen: Seen) -> list[DriftWarning]:
    """Compare what was seen now with what was seen before; nothing where either is too little to tell.

    Where nothing was seen before, unknown fields and values outside lists are told all the same.
    """
    if seen.records < FEWEST_RECORDS:
        return []
    found = [
        DriftWarning("unknown-field", name, Phrase(UNKNOWN, source=name), count / seen.records)
        for name, count in sorted(seen.unknown.items())
        if name not in expected.unknown
    ]
    for name, count in sorted(seen.outside.items()):
        if count / seen.records > MOST_OUTSIDE:
            words = Phrase(OUTSIDE, source=name, now=_percent(count / seen.records))
            found.append(DriftWarning("outside-list", name, words, count / seen.records))
    return [*found, *_rates(expected, seen)]


def to_builtins(seen: Seen) -> dict[str, Any]:
    """Give the form in which the database holds counts."""
    kept: dict[str, Any] = msgspec.to_builtins(seen)
    return kept


def from_builtins(kept: Any) -> Seen:
    """Read what `to_builtins` gave."""
    return msgspec.convert(kept, Seen)


def _rates(expected: Seen, seen: Seen) -> Iterable[DriftWarning]:
    if expected.records < FEWEST_RECORDS:
        return
    for name in sorted({*expected.empty, *seen.empty}):
        before = expected.empty.get(name, 0) / expected.records
        share = seen.empty.get(name, 0) / seen.records
        if abs(share - before) >= JUMP:
            template, code = (EMPTIER, "emptier") if share > before else (FULLER, "fuller")
            words = Phrase(template, source=name, now=_percent(share), before=_percent(before))
            yield DriftWarning(code, name, words, share)
    before, share = expected.faulty / expected.records, seen.faulty / seen.records
    if share - before >= JUMP:
        words = Phrase(FAULTY, now=_percent(share), before=_percent(before))
        yield DriftWarning("more-refused", "", words, share)


def _percent(share: float) -> int:
    return round(100 * share)


def _outermost(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _count(counts: dict[str, int], name: str) -> None:
    if name in counts or len(counts) < MOST_NAMES:
        counts[name] = counts.get(name, 0) + 1


def _sum(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    counts = dict(one)
    for name, count in other.items():
        if name in counts or len(counts) < MOST_NAMES:
            counts[name] = counts.get(name, 0) + count
    return counts
