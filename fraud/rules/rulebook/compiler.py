"""A rulebook compiled once: from facts to an outcome with its score, reasons and explanation, in microseconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fraud.rules.decisions import HIGHEST_SCORE, Decision, Outcome
from fraud.rules.rulebook.conditions import Holds, compiled, fields_of
from fraud.rules.rulebook.document import Bands, Rule, RulebookDocument, RulebookError
from fraud.rules.rulebook.fields import NO_EVIDENCE, Facts
from fraud.rules.rulebook.problems import problems_of

_GRAVITY = {outcome: place for place, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class _CompiledRule:
    holds: Holds
    name: str
    weight: int
    reason: str
    fields: tuple[str, ...]

    def told(self, facts: Facts) -> dict[str, Any]:
        """Tell what the rule saw; every field of the catalogue identifies nobody."""
        values = {name: facts[name] for name in self.fields}
        return {"rule": self.name, "weight": self.weight, "reason": self.reason, "values": values}


@dataclass(frozen=True, slots=True)
class CompiledRulebook:
    """The functions of a rulebook; it holds no facts, and threads may share it."""

    rules: tuple[_CompiledRule, ...]
    bands: Bands
    consortium_alone: Outcome

    def evaluate(self, facts: Facts) -> Decision:
        """Decide about facts (`fraud.rules.signals.facts`); the explanation holds the rules that fired."""
        fired = [rule for rule in self.rules if rule.holds(facts)]
        score = _score(fired)
        outcome = self._outcome(score)
        if _GRAVITY[outcome] > _GRAVITY[self.consortium_alone]:
            outcome = self._capped(outcome, facts)
        return Decision(
            outcome=outcome,
            score=score,
            reasons=_reasons(fired),
            explanation=tuple([rule.told(facts) for rule in fired]),
            is_degraded=not facts["consortium_answered"],
        )

    def explain(self, facts: Facts) -> list[dict[str, Any]]:
        """Tell of every rule, in the rulebook's order, whether it fired and what it saw."""
        return [{**rule.told(facts), "fired": rule.holds(facts)} for rule in self.rules]

    def _outcome(self, score: int) -> Outcome:
        if score >= self.bands.refer:
            return Outcome.REFER
        return Outcome.REVIEW if score >= self.bands.review else Outcome.CLEAR

    def _capped(self, outcome: Outcome, facts: Facts) -> Outcome:
        """Give the outcome that other evidence reaches by itself, or as far as the consortium's may lead alone."""
        without = {**facts, **NO_EVIDENCE}
        alone = self._outcome(_score(rule for rule in self.rules if rule.holds(without)))
        return min(
            outcome, max(alone, self.consortium_alone, key=_GRAVITY.__getitem__), key=_GRAVITY.__getitem__
        )


def compile_rulebook(document: RulebookDocument) -> CompiledRulebook:
    """Compile a rulebook.

    :raises RulebookError: it has problems; the first is said
    """
    for problem in problems_of(document):
        raise RulebookError(problem.words)
    rules = tuple(_compiled_rule(rule) for rule in document.rules if rule.is_on)
    return CompiledRulebook(rules, document.bands, document.consortium_alone)


def _compiled_rule(rule: Rule) -> _CompiledRule:
    fields = tuple(dict.fromkeys(fields_of(rule.when)))
    return _CompiledRule(compiled(rule.when), rule.name, rule.weight, rule.reason, fields)


def _score(fired: Iterable[_CompiledRule]) -> int:
    return max(0, min(HIGHEST_SCORE, sum([rule.weight for rule in fired])))


def _reasons(fired: Iterable[_CompiledRule]) -> tuple[str, ...]:
    """Give the reasons of whatever raised the score, the heaviest first."""
    weights: dict[str, int] = {}
    for rule in fired:
        if rule.reason and rule.weight > 0:
            weights[rule.reason] = weights.get(rule.reason, 0) + rule.weight
    return tuple(sorted(weights, key=lambda code: (-weights[code], code)))
