"""Which records an application agrees with, how sure that is, and what of it may be told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from fraud.rules.consortium import FraudType, Hit, RecordRole, Tier
from fraud.rules.elements.kinds import REGISTRY_KINDS, STRONG_KINDS, ElementKind, are_independent, bare

# A token that more records share than this says nothing about a person: a shelter's address, a made-up number.
HUB = 50
# What two tokens must weigh together: two that few records share, or three that some do.
ENOUGH = 1.2
# At most so many hits are told, the gravest first, so that every answer has room in one size.
MOST_HITS = 4
# How many members know of a fraud is told in these bands; under the first bound nobody can be told apart.
_BANDS = ((6, "6+"), (3, "3-5"), (0, "1-2"))
_ORDER = {Tier.STRONG: 0, Tier.PROBABLE: 1, Tier.WEAK: 2}


def tiers(shared_kinds: Iterable[str], frequency: Mapping[str, int] | None = None) -> Tier | None:
    """Say how sure it is that two people of whom these kinds of elements agree are one; None if nothing counts.

    *frequency*: how many records share the very token of a kind, 1 if not given. One strong kind is enough; of the
    composites it takes two that each rest on something else, weighed by how rare their tokens are.
    """
    found = frequency or {}
    weights = {
        ElementKind(kind): weight(found.get(kind, 1))
        for kind in shared_kinds
        if kind in REGISTRY_KINDS and found.get(kind, 1) <= HUB
    }
    if not weights:
        return None
    if not STRONG_KINDS.isdisjoint(weights):
        return Tier.STRONG
    return Tier.PROBABLE if _independent_weight(weights) >= ENOUGH else Tier.WEAK


def weight(records: int) -> float:
    """Weigh a token by how many records share it: 1.0 for one alone, 0.5 for ten, 0.15 for HUB of them."""
    return 1.0 - log(max(records, 1)) / log(2 * HUB)


def _independent_weight(weights: Mapping[ElementKind, float]) -> float:
    """Add up kinds of which each rests on something that no other of them knows, those of the most weight first."""
    used: list[ElementKind] = []
    for kind in sorted(weights, key=lambda kind: (-weights[kind], kind)):
        if all(are_independent(kind, each) for each in used):
            used.append(kind)
    return sum(weights[kind] for kind in used) if len(used) > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """One token of an application that a record has too; `records` says how many records share the token."""

    record: int
    kind: str
    party: int
    records: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry knows of a record, for whoever decides what to tell; `contributor` stays inside."""

    fraud_type: FraudType
    role: RecordRole
    month: str
    contributor: int
    is_disputed: bool = False


def agreeing(found: Iterable[Found]) -> dict[int, tuple[Tier, frozenset[str]]]:
    """Give the records that agree surely enough to be shown, with tier and kinds; of each, the best of its parties."""
    shared: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for each in found:
        kinds = shared[each.record, each.party]
        kinds[each.kind] = min(each.records, kinds.get(each.kind, each.records))
    best: dict[int, tuple[Tier, frozenset[str]]] = {}
    for (record, _party), kinds in shared.items():
        tier = tiers(kinds, kinds)
        if tier is None or tier is Tier.WEAK:
            continue
        if record not in best or _ORDER[tier] < _ORDER[best[record][0]]:
            best[record] = (tier, frozenset(kind for kind, records in kinds.items() if records <= HUB))
    return best


def hits(
    matches: Mapping[int, tuple[Tier, frozenset[str]]], known: Mapping[int, Known], *, asking: int
) -> tuple[Hit, ...]:
    """Tell what *asking*, a member, may know: one hit for each fraud type and role, however many records there are."""
    groups: dict[tuple[FraudType, RecordRole], list[int]] = defaultdict(list)
    for record in matches:
        if record in known:
            groups[known[record].fraud_type, known[record].role].append(record)
    told = [
        _hit([known[each] for each in group], [matches[each] for each in group], asking)
        for group in groups.values()
    ]
    return tuple(sorted(told, key=_gravity)[:MOST_HITS])


def _hit(known: Sequence[Known], matches: Sequence[tuple[Tier, frozenset[str]]], asking: int) -> Hit:
    contributors = {each.contributor for each in known}
    return Hit(
        tier=min((tier for tier, _kinds in matches), key=_ORDER.__getitem__),
        kinds=tuple(sorted({bare(ElementKind(kind)) for _tier, kinds in matches for kind in kinds})),
        fraud_type=known[0].fraud_type,
        role=known[0].role,
        month=max(each.month for each in known),
        members=band(len(contributors)),
        is_disputed=all(each.is_disputed for each in known),
        is_own=asking in contributors,
    )


def _gravity(hit: Hit) -> tuple[int, str, str]:
    return _ORDER[hit.tier], hit.fraud_type, hit.role


def band(members: int) -> str:
    """Say in a band how many members know of something; below three they are never told apart."""
    return next(words for bound, words in _BANDS if members >= bound)
