"""The fields of a proposal: where in the application a guessed column goes, and by which steps it gets there."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fraud.rules.translation import document as d
from fraud.rules.translation import samples
from fraud.rules.translation import synonyms as s
from fraud.rules.translation.samples import Source

# Telephones beyond the first of each kind, and e-mail addresses.
_MOST_SIBLINGS = 4


class Place(NamedTuple):
    """Where a guess puts a column: the field with `[]`, whose it is, and which of several (a kind, or a number)."""

    target: str
    is_second: bool = False
    which: str = ""

    @property
    def is_many(self) -> bool:
        """Say whether there can be several of it."""
        return self.target.endswith("[]") or ".phones[]" in self.target

    def siblings(self) -> Iterator["Place"]:
        """List further places of the same field."""
        return (self._replace(which=f"{self.which}+{number}") for number in range(1, _MOST_SIBLINGS))


def fields_of(place: Place, source: Source, chosen: Mapping[Place, str]) -> list[d.FieldMapping]:
    """Make the fields that a column fills, with their steps; *chosen*: every place that was given a source."""
    if place.target == s.FULL_NAME:
        return _full_name(place, source)
    if place.target in {s.STREET_NUMBER, s.UNIT}:
        return []
    target = _indexed(place, source, chosen)
    if place.target == "parties[].addresses[].line":
        fields = [_line(target, place, source, chosen)]
    else:
        fields = [d.FieldMapping(target=target, source=source.name, steps=_steps(place.target, source))]
    return [*fields, *_constants(place, target)]


def _indexed(place: Place, source: Source, chosen: Mapping[Place, str]) -> str:
    """Put numbers for the `[]` of a field, or stars where the sample has lists there."""
    marks = _marks(place, source, chosen)
    target = place.target
    for mark in marks:
        target = target.replace("[]", f"[{mark}]", 1)
    return target


def _marks(place: Place, source: Source, chosen: Mapping[Place, str]) -> list[str]:
    wanted = place.target.count("[]")
    stars = source.name.count("[*]")
    party = "1" if place.is_second else "0"
    if stars >= wanted:
        return ["*"] * wanted
    if wanted == 1:
        return [party]
    item = str(_number(place, chosen))
    if stars == 1:
        # Which list it is, its last name before the star tells: that of people, or that of an address or telephone.
        is_of_item = any(
            word in source.name.partition("[*]")[0].casefold() for word in ("addr", "phone", "tel", "mail")
        )
        return [party, "*"] if is_of_item else ["*", item]
    return [party, item]


def _number(place: Place, chosen: Mapping[Place, str]) -> int:
    """Count the items before this one in its list: for addresses the current one first."""
    if ".addresses[]" in place.target:
        return 1 if place.which == "previous" else 0
    mine = sorted(
        each.which for each in chosen if each.target == place.target and each.is_second == place.is_second
    )
    return mine.index(place.which)


def _constants(place: Place, target: str) -> list[d.FieldMapping]:
    """Say of a second party that it is one, of an earlier address that it is, and what a telephone is for."""
    fields = []
    if target.startswith("parties[1]."):
        fields.append(_constant("parties[1].role", "joint"))
    if place.which == "previous" and target.endswith("].line"):
        fields.append(_constant(target.replace("].line", "].kind"), "previous"))
    kind = place.which.partition("+")[0]
    if target.endswith("].number") and ".phones[" in target and kind and "*" not in target:
        fields.append(_constant(target.replace("].number", "].kind"), kind))
    return fields


def _constant(target: str, value: str) -> d.FieldMapping:
    return d.FieldMapping(target=target, steps=(d.Constant(value=value),))


def _full_name(place: Place, source: Source) -> list[d.FieldMapping]:
    """Split a whole name: family name first where there is a comma, else last."""
    has_comma = source.share(lambda text: "," in text) > 0.5
    separator, given, family = (",", 1, 0) if has_comma else (" ", 0, -1)
    mark = "*" if "[*]" in source.name else "1" if place.is_second else "0"
    return [
        d.FieldMapping(
            target=f"parties[{mark}].{name}",
            source=source.name,
            steps=(d.Split(separator=separator, part=part, is_optional=name == "given_name"),),
        )
        for name, part in (("given_name", given), ("family_name", family))
    ]


def _line(target: str, place: Place, source: Source, chosen: Mapping[Place, str]) -> d.FieldMapping:
    """Put the civic number in front of the street and the unit behind it, where they are columns of their own."""
    number, unit = (
        chosen.get(Place(piece, place.is_second, place.which)) for piece in (s.STREET_NUMBER, s.UNIT)
    )
    parts = [each for each in (number, source.name, unit) if each]
    steps: tuple[d.Step, ...] = (d.Concat(sources=tuple(parts[1:])),) if parts[1:] else (d.Trim(),)
    return d.FieldMapping(target=target, source=parts[0], steps=steps)


def _steps(target: str, source: Source) -> tuple[d.Step, ...]:
    if target in s.CODES:
        return _codes(target, source)
    if target in {"parties[].birth_date", "submitted_at"}:
        found, _sure = samples.date_format(source)
        return (d.ReadDate(format=found),) if found else ()
    if target in {"amount", "parties[].income"}:
        is_monthly = any(word in s.MONTHLY for word in source.words)
        decimal = d.Decimal.POINT if source.has_numbers else samples.decimal_of(source)
        return (d.Money(decimal=decimal, times=12 if is_monthly else 1),)
    return _BY_TARGET.get(target, ())


def _codes(target: str, source: Source) -> tuple[d.Step, ...]:
    known = {
        meaning: {each.strip() for each in names.split(",")} | {meaning.replace("-", " ")}
        for meaning, names in s.CODES[target].items()
    }
    codes: dict[str, str] = {}
    for value in dict.fromkeys(source.values):
        plain = " ".join("".join(c if c.isalnum() else " " for c in _unaccented(value)).split())
        meaning = next((each for each, names in known.items() if plain in names), None)
        if meaning is not None and len(codes) < d.MOST_CODES:
            codes[value] = meaning
    is_ours = all(value == meaning for value, meaning in codes.items())
    return () if is_ours else (d.Codes(codes=codes),)


def _unaccented(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()


_BY_TARGET: Mapping[str, tuple[d.Step, ...]] = {
    "parties[].national_id": (d.ReadSin(),),
    "parties[].phones[].number": (d.ReadPhone(),),
    "parties[].addresses[].postal_code": (d.PostalCode(),),
    "parties[].addresses[].province": (d.Trim(), d.ChangeCase(to=d.Case.UPPER)),
    "parties[].emails[]": (d.Trim(), d.ChangeCase(to=d.Case.LOWER)),
}
