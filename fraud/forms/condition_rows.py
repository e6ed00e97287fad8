"""Between the lines of a form and the condition of a rulebook: what is read from one is written as the other."""

from collections.abc import Mapping, Sequence
from typing import Any as Whatever

from fraud.forms.conditions import RowForm
from fraud.forms.trees import HITS, LINKS, TEST, Row, children
from fraud.rules.consortium import FraudType, RecordRole, Tier
from fraud.rules.rulebook.document import All, Any, Condition, Hits, Links, Not, Operator, Test


class EmptyGroupError(ValueError):
    """Refuse a group in which there is nothing; `place` is its line."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def rows_of(condition: Condition) -> list[Row]:
    """Lay a condition out in lines, in a group of its own where it is none."""
    if isinstance(condition, All | Any | Not):
        return _laid_out(condition, 0)
    return [Row(0, "all"), *_laid_out(condition, 1)]


def _laid_out(condition: Condition, depth: int) -> list[Row]:
    match condition:
        case All():
            found = [Row(depth, "all"), *_parts(condition.of, depth)]
        case Any():
            found = [Row(depth, "any", {"at_least": condition.at_least}), *_parts(condition.of, depth)]
        case Not():
            inner = condition.of
            parts = inner.of if isinstance(inner, Any) and inner.at_least == 1 else (inner,)
            found = [Row(depth, "not"), *_parts(parts, depth)]
        case Test():
            found = [Row(depth, TEST, _test_given(condition))]
        case Links():
            kinds = list(condition.kinds)
            given = {"kinds": kinds, "days": str(condition.days), "at_least": condition.at_least}
            found = [Row(depth, LINKS, given)]
        case Hits():
            found = [Row(depth, HITS, _hits_given(condition))]
    return found


def _parts(parts: Sequence[Condition], depth: int) -> list[Row]:
    return [row for part in parts for row in _laid_out(part, depth + 1)]


def _test_given(test: Test) -> dict[str, Whatever]:
    value: Whatever = test.value
    if isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, tuple):
        value = list(value)
    return {"field": test.field, "operator": test.operator.value, "value": value}


def _hits_given(hits: Hits) -> dict[str, Whatever]:
    return {
        "at_least": hits.at_least,
        "within_months": hits.within_months or "",
        "tiers": [each.value for each in hits.tiers],
        "fraud_types": [each.value for each in hits.fraud_types],
        "roles": [each.value for each in hits.roles],
        "with_disputed": hits.with_disputed,
    }


def condition_of(lines: Sequence[RowForm]) -> Condition:
    """Make the condition of lines that are all valid.

    :raises EmptyGroupError: a group holds nothing
    """
    return _made([line.row for line in lines], [line.cleaned_data for line in lines], 0)


def _made(rows: Sequence[Row], given: Sequence[Mapping[str, Whatever]], place: int) -> Condition:
    row, values = rows[place], given[place]
    if row.kind == TEST:
        return _test_of(values)
    if row.kind == LINKS:
        kinds = tuple(values["kinds"])
        return Links(kinds=kinds, days=int(values["days"]), at_least=values["at_least"])
    if row.kind == HITS:
        return _hits_of(values)
    parts = tuple(_made(rows, given, at) for at in children(rows, place))
    if not parts:
        raise EmptyGroupError(place)
    return _group_of(row.kind, parts, int(values.get("at_least") or 1))


def _group_of(kind: str, parts: tuple[Condition, ...], at_least: int) -> Condition:
    if kind == "not":
        return Not(of=parts[0] if len(parts) == 1 else Any(of=parts))
    if kind == "any":
        return Any(of=parts, at_least=at_least)
    return parts[0] if len(parts) == 1 else All(of=parts)


def _test_of(values: Mapping[str, Whatever]) -> Test:
    value = values["value"]
    if value in ("yes", "no"):
        value = value == "yes"
    elif isinstance(value, list):
        value = tuple(value)
    return Test(field=values["field"], operator=Operator(values.get("operator") or Operator.IS), value=value)


def _hits_of(values: Mapping[str, Whatever]) -> Hits:
    return Hits(
        tiers=tuple(map(Tier, values["tiers"])),
        fraud_types=tuple(map(FraudType, values["fraud_types"])),
        roles=tuple(map(RecordRole, values["roles"])),
        within_months=values["within_months"],
        with_disputed=values["with_disputed"],
        at_least=values["at_least"],
    )
