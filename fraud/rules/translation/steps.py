"""The steps of a mapping as closures: made once from their parameters, then run for every record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fraud.rules.translation import dates, identifiers, numbers
from fraud.rules.translation import document as d
from fraud.rules.translation.faults import Code, UnfitError
from fraud.rules.translation.paths import Scopes
from fraud.rules.translation.texts import MOST_TEXT

# Text, or what an earlier step made of it; None is "nothing".
Value = str | int | date | None
Run = Callable[[Value, Scopes], Value]
# Reads a source as text; None where there is nothing.
TextReader = Callable[[Scopes], str | None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What steps need to know besides their parameters.

    *reader* gives the function that reads a source. *is_outbound*: values come typed, and are written.
    """

    reader: Callable[[str], TextReader]
    zone: ZoneInfo
    is_outbound: bool = False


Maker = Callable[[Any, Surroundings], Run]


def step_function(step: d.Step, around: Surroundings) -> Run:
    """Make the closure of a step; it raises UnfitError for a value that it cannot take."""
    makers = _OUTBOUND if around.is_outbound else _INBOUND
    return makers[type(step)](step, around)


def _on_text(change: Callable[[str], Value]) -> Run:
    """Leave nothing as it is, and take whatever an earlier step made as text."""

    def run(value: Value, _scopes: Scopes) -> Value:
        if value is None:
            return None
        return change(value if type(value) is str else _text(value))

    return run


def _text(value: Value) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _trim(step: d.Trim, _around: Surroundings) -> Run:
    def trim(text: str) -> str | None:
        text = " ".join(text.split())
        return (text.strip(step.also).strip() if step.also else text) or None

    return _on_text(trim)


def _case(step: d.ChangeCase, _around: Surroundings) -> Run:
    change = {d.Case.UPPER: str.upper, d.Case.LOWER: str.lower, d.Case.TITLE: str.title}[step.to]
    return _on_text(change)


def _concat(step: d.Concat, around: Surroundings) -> Run:
    readers = [around.reader(source) for source in step.sources]

    def run(value: Value, scopes: Scopes) -> Value:
        parts = [None if value is None else _text(value), *(read(scopes) for read in readers)]
        text = step.separator.join(part.strip() for part in parts if part)
        if len(text) > MOST_TEXT:
            raise UnfitError(Code.TOO_LONG)
        return text or None

    return run


def _split(step: d.Split, _around: Surroundings) -> Run:
    def split(text: str) -> str | None:
        parts = text.split(step.separator) if step.separator.strip() else text.split()
        if -len(parts) <= step.part < len(parts):
            part = parts[step.part].strip()
            if part or step.is_optional:
                return part or None
        elif step.is_optional:
            return None
        raise UnfitError(Code.NO_SUCH_PART)

    return _on_text(split)


def _constant(step: d.Constant, _around: Surroundings) -> Run:
    return lambda _value, _scopes: step.value


def _codes(step: d.Codes, _around: Surroundings) -> Run:
    known = {key.strip().casefold(): value for key, value in step.codes.items()}

    def look_up(text: str) -> str | None:
        found = known.get(text)
        if found is None:
            found = known.get(text.strip().casefold(), step.otherwise)
        if found is None:
            raise UnfitError(Code.NOT_IN_LIST)
        return found or None

    return _on_text(look_up)


def _default(step: d.Default, _around: Surroundings) -> Run:
    return lambda value, _scopes: step.value if value is None else value


def _when_equal(step: d.WhenEqual, around: Surroundings) -> Run:
    read = around.reader(step.source)
    equals = frozenset(word.strip().casefold() for word in step.equals)

    def run(value: Value, scopes: Scopes) -> Value:
        if (read(scopes) or "").strip().casefold() in equals:
            return value
        return step.otherwise or None

    return run


def _first_of(step: d.FirstOf, around: Surroundings) -> Run:
    readers = [around.reader(source) for source in step.sources]

    def run(value: Value, scopes: Scopes) -> Value:
        if value is not None:
            return value
        return next((text for read in readers if (text := read(scopes)) is not None), None)

    return run


def _read_date(step: d.ReadDate, around: Surroundings) -> Run:
    return _on_text(dates.date_reader(step.format, around.zone))


def _write_date(step: d.ReadDate, around: Surroundings) -> Run:
    write = dates.date_writer(step.format, around.zone)
    return lambda value, _scopes: write(value) if isinstance(value, date) else value


def _number(step: d.Number, _around: Surroundings) -> Run:
    return _on_text(lambda text: numbers.whole_number(text, decimal=step.decimal, times=step.times))


def _money(step: d.Money, _around: Surroundings) -> Run:
    return _on_text(
        lambda text: numbers.minor_units(text, decimal=step.decimal, decimals=step.decimals, times=step.times)
    )


def _write_number(step: d.Number, _around: Surroundings) -> Run:
    return lambda value, _scopes: value // step.times if isinstance(value, int) else value


def _write_money(step: d.Money, _around: Surroundings) -> Run:
    def write(value: Value, _scopes: Scopes) -> Value:
        if not isinstance(value, int):
            return value
        return numbers.major_units(value // step.times, decimal=step.decimal, decimals=step.decimals)

    return write


def _phone(step: d.ReadPhone, _around: Surroundings) -> Run:
    return _on_text(lambda text: identifiers.phone(text, step.country))


def _write_phone(step: d.ReadPhone, _around: Surroundings) -> Run:
    """Write a number of North America in its ten digits for a reader there; any other as it is."""
    is_near = step.country in identifiers.NORTH_AMERICA
    return _on_text(lambda text: text[2:] if is_near and text.startswith("+1") and len(text) == 12 else text)


def _sin(_step: d.ReadSin, _around: Surroundings) -> Run:
    return _on_text(identifiers.sin)


def _postal_code(step: d.PostalCode, _around: Surroundings) -> Run:
    return _on_text(lambda text: identifiers.postal_code(text, step.country))


_INBOUND: Mapping[type, Maker] = {
    d.Trim: _trim,
    d.ChangeCase: _case,
    d.Concat: _concat,
    d.Split: _split,
    d.Constant: _constant,
    d.ReadDate: _read_date,
    d.Codes: _codes,
    d.Number: _number,
    d.Money: _money,
    d.ReadPhone: _phone,
    d.ReadSin: _sin,
    d.PostalCode: _postal_code,
    d.Default: _default,
    d.WhenEqual: _when_equal,
    d.FirstOf: _first_of,
}
_OUTBOUND: Mapping[type, Maker] = {
    **_INBOUND,
    d.ReadDate: _write_date,
    d.Number: _write_number,
    d.Money: _write_money,
    d.ReadPhone: _write_phone,
}
