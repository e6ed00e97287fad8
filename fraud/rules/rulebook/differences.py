"""What changed from one rulebook to another, rule by rule, for whoever is to sign it."""

from dataclasses import dataclass
from enum import StrEnum

from fraud.rules.decisions import Outcome
from fraud.rules.rulebook.document import Bands, Rule, RulebookDocument


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule that differs; `fields` names what of it, where it is on both sides."""

    name: str
    change: Change
    before: Rule | None
    after: Rule | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """Rules that differ, by name, and bands and cap before and after where they do."""

    rules: tuple[RuleChange, ...]
    bands: tuple[Bands, Bands] | None = None
    consortium_alone: tuple[Outcome, Outcome] | None = None

    @property
    def count(self) -> int:
        return len(self.rules) + (self.bands is not None) + (self.consortium_alone is not None)


def differences(before: RulebookDocument, after: RulebookDocument) -> Differences:
    """Compare two rulebooks; a rule that was renamed is one removed and one added. Order does not matter."""
    old = {rule.name: rule for rule in before.rules}
    new = {rule.name: rule for rule in after.rules}
    removed = [RuleChange(name, Change.REMOVED, old[name], None) for name in old if name not in new]
    changed = [
        RuleChange(name, Change.CHANGED, old[name], rule, _fields(old[name], rule))
        for name, rule in new.items()
        if name in old and old[name] != rule
    ]
    added = [RuleChange(name, Change.ADDED, None, new[name]) for name in new if name not in old]
    return Differences(
        rules=(*removed, *changed, *added),
        bands=(before.bands, after.bands) if before.bands != after.bands else None,
        consortium_alone=(before.consortium_alone, after.consortium_alone)
        if before.consortium_alone != after.consortium_alone
        else None,
    )


def _fields(before: Rule, after: Rule) -> tuple[str, ...]:
    return tuple(name for name in Rule.__struct_fields__ if getattr(before, name) != getattr(after, name))
