"""What a version would have changed: outcomes against outcomes, and against what analysts found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fraud.rules.decisions import Outcome

# What was decided → what would have been → how many.
Matrix: TypeAlias = dict[str, dict[str, int]]

_GRAVITY = {str(outcome): place for place, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Shift:
    """How many applications would have been decided alike, more gravely or more lightly."""

    same: int
    graver: int
    lighter: int

    @property
    def total(self) -> int:
        return self.changed + self.same

    @property
    def changed(self) -> int:
        return self.graver + self.lighter


@dataclass(frozen=True, slots=True)
class Precision:
    """Of what is referred and has a verdict, how much was fraud; and of what was fraud, how much is referred."""

    referred: int
    referred_frauds: int
    frauds: int

    @property
    def precision(self) -> float | None:
        return self.referred_frauds / self.referred if self.referred else None

    @property
    def recall(self) -> float | None:
        return self.referred_frauds / self.frauds if self.frauds else None


@dataclass(frozen=True, slots=True)
class RuleYield:
    """How often a rule applied, and what analysts found where it did; `settled` are fraud and clear together."""

    name: str
    fired: int
    settled: int
    frauds: int

    @property
    def precision(self) -> float | None:
        return self.frauds / self.settled if self.settled else None


def counted(matrix: Matrix, one: str, other: str, count: int = 1) -> None:
    """Add to a cell of a matrix."""
    row = matrix.setdefault(one, {})
    row[other] = row.get(other, 0) + count


def shift(matrix: Mapping[str, Mapping[str, int]]) -> Shift:
    """Add a matrix up."""
    same = graver = lighter = 0
    for before, row in matrix.items():
        for after, count in row.items():
            if before == after:
                same += count
            elif _GRAVITY[after] > _GRAVITY[before]:
                graver += count
            else:
                lighter += count
    return Shift(same, graver, lighter)


def precision(verdicts: Mapping[str, Mapping[str, int]]) -> Precision:
    """Measure outcomes by what analysts found: {outcome: {verdict: count}}; what they left unsure does not count."""
    referred = verdicts.get(str(Outcome.REFER), {})
    frauds = sum(row.get("fraud", 0) for row in verdicts.values())
    caught = referred.get("fraud", 0)
    return Precision(caught + referred.get("clear", 0), caught, frauds)


def rule_yields(fired: Mapping[str, int], verdicts: Mapping[str, Mapping[str, int]]) -> list[RuleYield]:
    """List what rules did, those that applied most first: {rule: count}, and {rule: {verdict: count}}."""
    found = [
        RuleYield(name, count, row.get("fraud", 0) + row.get("clear", 0), row.get("fraud", 0))
        for name, count in fired.items()
        for row in (verdicts.get(name, {}),)
    ]
    return sorted(found, key=lambda each: (-each.fired, each.name))
