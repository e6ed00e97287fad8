"""What a sample of records holds: its sources with their values, and what kind of value each seems to be."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from fraud.rules.translation import dates, identifiers, numbers
from fraud.rules.translation.document import Country, DateFormat, Decimal
from fraud.rules.translation.faults import UnfitError
from fraud.rules.translation.paths import STAR as _STAR
from fraud.rules.translation.paths import written
from fraud.rules.translation.texts import as_text

_UTC = ZoneInfo("UTC")
MOST_RECORDS = 200
MOST_SOURCES = 400
# A list of a sample record is looked at so far, and a tree so deep.
_MOST_ITEMS, _DEEPEST = 10, 6
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[A-Za-z]{2,20}")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]+:[0-9a-fA-F]*")


@dataclass(slots=True)
class Source:
    """A column or path of a sample, with its values that are not empty, as text."""

    name: str
    values: list[str] = field(default_factory=list)
    # Whether any value came as a number of JSON.
    has_numbers: bool = False

    @property
    def words(self) -> list[str]:
        """The words of its name, without accents, in small letters; a path's last name comes last."""
        text = _CAMEL.sub(" ", self.name)
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
        return re.findall(r"[a-z]+|\d+", plain)

    def share(self, check: Callable[[str], object]) -> float:
        """Give the share of values that a check passes, 0.0 to 1.0; 0.0 of none."""
        if not self.values:
            return 0.0
        return sum(_passes(check, value) for value in self.values) / len(self.values)


def sources_of_sample(records: Sequence[Mapping[str, Any]], *, is_flat: bool) -> list[Source]:
    """List what the first records of a sample hold, in the order in which it is met."""
    found: dict[str, Source] = {}
    for record in records[:MOST_RECORDS]:
        pairs = record.items() if is_flat else _paths(record, (), 0)
        for name, value in islice(pairs, MOST_SOURCES):
            if len(found) < MOST_SOURCES or name in found:
                _keep(found.setdefault(str(name), Source(str(name))), value)
    return list(found.values())


def _amount(decimal: Decimal) -> Callable[[str], object]:
    # One more than the amount, since nothing is an amount as well.
    return lambda text: 1 + numbers.minor_units(text, decimal=decimal)


_AMOUNTS = {decimal: _amount(decimal) for decimal in Decimal}


def is_sin(text: str) -> object:
    return identifiers.sin(text)


def is_postal_code(text: str) -> object:
    return identifiers.postal_code(text, Country.CA)


def is_phone(text: str) -> object:
    """Pass what looks like a telephone: ten digits or more, not a plain run of nine."""
    if sum(map(str.isdigit, text)) < 10 or any(map(str.isalpha, text)):
        return False
    return identifiers.phone(text)


def is_email(text: str) -> object:
    return _EMAIL.fullmatch(text.strip())


def is_ip(text: str) -> object:
    return _IP.fullmatch(text.strip())


def is_money(text: str) -> object:
    return any(_passes(reads, text) for reads in _AMOUNTS.values())


def date_format(
    source: Source, among: Sequence[DateFormat] = tuple(DateFormat)
) -> tuple[DateFormat | None, float]:
    """Find the format that most values have, and how sure that is; days and months below 13 leave a doubt."""
    readers = {each: dates.date_reader(each, _UTC) for each in among if each is not DateFormat.EXCEL}
    shares = {each: source.share(reader) for each, reader in readers.items()}
    best = max(shares, key=lambda each: shares[each], default=None)
    if best is None or shares[best] < 0.6:
        return None, 0.0
    rivals = [each for each, share in shares.items() if share == shares[best] and each is not best]
    is_doubtful = any(_differ(source, readers[best], readers[each]) for each in rivals)
    return best, shares[best] * (0.6 if is_doubtful else 1.0)


def decimal_of(source: Source) -> Decimal:
    """Say which sign most amounts have before their decimals."""
    shares = {decimal: source.share(reads) for decimal, reads in _AMOUNTS.items()}
    return max(Decimal, key=lambda decimal: shares[decimal])


def _passes(check: Callable[[str], object], value: str) -> bool:
    try:
        return bool(check(value))
    except UnfitError:
        return False


def _differ(source: Source, one: Callable[[str], Any], other: Callable[[str], Any]) -> bool:
    return any(_passes(lambda text: _day(one(text)) != _day(other(text)), value) for value in source.values)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _keep(source: Source, value: Any) -> None:
    try:
        text = as_text(value)
    except UnfitError:
        return
    if text is not None and len(source.values) < MOST_RECORDS:
        source.values.append(text.strip()[:200])
        source.has_numbers = source.has_numbers or isinstance(value, int | float)


def _paths(value: Any, at: tuple[Any, ...], depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, below in value.items():
            if name and '"' not in str(name):
                yield from _paths(below, (*at, str(name)), depth + 1)
    elif isinstance(value, list | tuple):
        for item in value[:_MOST_ITEMS]:
            yield from _paths(item, (*at, _STAR), depth + 1)
    elif at:
        yield written(at), value
