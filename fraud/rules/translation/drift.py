"""Drift: whether the records of today still look like those that a mapping was made for; counts alone, no values."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from fraud.rules.translation.compiling import CompiledMapping
from fraud.rules.translation.document import Codes, Kind
from fraud.rules.translation.faults import Code, Fault
from fraud.rules.translation.paths import STAR, Segment, parsed
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
    # Of how many records the empty sources were counted.
    looked: Count = 0
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
    """Counts records under one mapping; hand `seen` over when a chunk is done, or when enough came alone."""

    def __init__(self, mapping: CompiledMapping, *, every: int = 1) -> None:
        """*every*: of trees, whose paths take longer, only one record in so many is looked through."""
        self.seen = Seen()
        document = mapping.document
        self._is_flat = document.layout.kind.is_flat
        self._sources = sorted(mapping.sources)
        self._every = 1 if self._is_flat else every
        self._paths = [] if self._is_flat else [(path, parsed(path)) for path in self._sources]
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
        if seen.records % self._every == 0:
            self._look_through(record)
        seen.records += 1
        if not self._known.issuperset(record):
            self._see_unknown(record)
        if faults:
            seen.faulty += 1
            for each in faults:
                if each.code == Code.NOT_IN_LIST:
                    _count(seen.outside, each.source)

    def _look_through(self, record: Mapping[str, Any]) -> None:
        self.seen.looked += 1
        empty = self.seen.empty
        for source in self._empty_in(record):
            empty[source] = empty.get(source, 0) + 1

    def _empty_in(self, record: Mapping[str, Any]) -> Iterable[str]:
        if self._is_flat:
            return [source for source in self._sources if _is_empty(record.get(source))]
        return [source for source, path in self._paths if _is_missing(record, path)]

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
    return Seen(
        records=one.records + other.records,
        faulty=one.faulty + other.faulty,
        looked=one.looked + other.looked,
        empty=_sum(one.empty, other.empty),
        outside=_sum(one.outside, other.outside),
        unknown=_sum(one.unknown, other.unknown),
    )


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
    seen = msgspec.convert(kept, Seen)
    if not seen.looked:
        # Of a time when all records were looked through.
        seen.looked = seen.records
    return seen


def _rates(expected: Seen, seen: Seen) -> Iterable[DriftWarning]:
    if expected.records < FEWEST_RECORDS:
        return
    if min(expected.looked, seen.looked) >= FEWEST_RECORDS:
        yield from _emptiness(expected, seen)
    before, share = expected.faulty / expected.records, seen.faulty / seen.records
    if share - before >= JUMP:
        words = Phrase(FAULTY, now=_percent(share), before=_percent(before))
        yield DriftWarning("more-refused", "", words, share)


def _emptiness(expected: Seen, seen: Seen) -> Iterable[DriftWarning]:
    for name in sorted({*expected.empty, *seen.empty}):
        before = expected.empty.get(name, 0) / expected.looked
        share = seen.empty.get(name, 0) / seen.looked
        if abs(share - before) >= JUMP:
            template, code = (EMPTIER, "emptier") if share > before else (FULLER, "fuller")
            words = Phrase(template, source=name, now=_percent(share), before=_percent(before))
            yield DriftWarning(code, name, words, share)


def _percent(share: float) -> int:
    return round(100 * share)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or (type(value) is str and value.isspace())


def _is_missing(value: Any, path: Sequence[Segment], at: int = 0) -> bool:
    """Say whether nothing stands at a path of a tree, from its segment *at* on; of a list, in none of its items."""
    for place in range(at, len(path)):
        segment = path[place]
        # Readers give plain dicts and lists; to ask for more than that takes ten times as long.
        if type(segment) is str:
            if type(value) is list and len(value) == 1:
                # A document of XML gives one child as a record, where several are a list.
                value = value[0]
            value = value.get(segment) if type(value) is dict else None
        elif segment is STAR:
            return all(_is_missing(item, path, place + 1) for item in _items(value))
        else:
            value = _item(value, segment)
        if value is None:
            return True
    return _is_empty(value)


def _item(value: Any, segment: Segment) -> Any:
    items = _items(value)
    return items[segment] if isinstance(segment, int) and segment < len(items) else None


def _items(value: Any) -> Sequence[Any]:
    if type(value) is list:
        return value
    return () if value is None or value == "" else (value,)


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
