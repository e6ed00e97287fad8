"""Conditions compiled to closures: each takes facts and says whether it holds, without looking at the tree again."""

from collections.abc import Callable, Iterator
from operator import ge, gt, le, lt
from typing import TypeAlias

from fraud.rules.rulebook.document import All, Any, Condition, Hits, Links, Literal, Not, Operator, Test
from fraud.rules.rulebook.fields import HITS, Facts, SeenHit, counted_name

Holds: TypeAlias = Callable[[Facts], bool]

_ORDER: dict[Operator, Callable[[int, int], bool]] = {
    Operator.AT_LEAST: ge,
    Operator.AT_MOST: le,
    Operator.MORE_THAN: gt,
    Operator.LESS_THAN: lt,
}


def compiled(condition: Condition) -> Holds:
    """Make the function of a condition that has no problems."""
    match condition:
        case Test():
            return _test(condition.field, condition.operator, condition.value)
        case All():
            return _all(tuple(compiled(part) for part in condition.of))
        case Any():
            return _any(tuple(compiled(part) for part in condition.of), condition.at_least)
        case Not():
            part = compiled(condition.of)
            return lambda facts: not part(facts)
        case Links():
            return _links(condition)
        case Hits():
            return _hits(condition)


def fields_of(condition: Condition) -> Iterator[str]:
    """Name the fields that a condition looks at, in the order of the tree; a name may come again."""
    match condition:
        case Test():
            yield condition.field
        case All() | Any():
            for part in condition.of:
                yield from fields_of(part)
        case Not():
            yield from fields_of(condition.of)
        case Links():
            yield from (counted_name(kind, condition.days) for kind in condition.kinds)
        case Hits():
            yield from ("strong_hits", "probable_hits", "disputed_hits", "victim_hits")


def _test(name: str, operator: Operator, value: Literal) -> Holds:
    if operator is Operator.IS_KNOWN:
        return lambda facts: (facts[name] is not None) is value
    if operator is Operator.IS:
        return lambda facts: bool(facts[name] == value)
    if operator is Operator.IS_NOT:
        return lambda facts: facts[name] is not None and facts[name] != value
    if operator is Operator.IS_ONE_OF:
        allowed = frozenset(value) if isinstance(value, tuple) else frozenset((value,))
        return lambda facts: facts[name] in allowed
    compare, limit = _ORDER[operator], int(value) if isinstance(value, int) else 0
    return lambda facts: (seen := facts[name]) is not None and compare(seen, limit)


def _all(parts: tuple[Holds, ...]) -> Holds:
    def holds(facts: Facts) -> bool:
        # A generator inside all() takes twice as long.
        for part in parts:  # noqa: SIM110
            if not part(facts):
                return False
        return True

    return holds


def _any(parts: tuple[Holds, ...], at_least: int) -> Holds:
    def holds(facts: Facts) -> bool:
        wanted = at_least
        for part in parts:
            if part(facts):
                wanted -= 1
                if not wanted:
                    return True
        return False

    return holds


def _links(links: Links) -> Holds:
    names, at_least = tuple(counted_name(kind, links.days) for kind in links.kinds), links.at_least

    def holds(facts: Facts) -> bool:
        count = 0
        for name in names:
            count += facts[name]
        return count >= at_least

    return holds


def _hits(wanted: Hits) -> Holds:
    def fits(hit: SeenHit) -> bool:
        return (
            (not wanted.tiers or hit.tier in wanted.tiers)
            and (not wanted.fraud_types or hit.fraud_type in wanted.fraud_types)
            and (not wanted.roles or hit.role in wanted.roles)
            and (wanted.within_months is None or hit.months <= wanted.within_months)
            and (wanted.with_disputed or not hit.is_disputed)
        )

    def holds(facts: Facts) -> bool:
        hits = facts[HITS]
        # Nearly nobody has any.
        return bool(hits) and sum(map(fits, hits)) >= wanted.at_least

    return holds
