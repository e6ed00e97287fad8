"""What pages of backtests are filled with: progress, shares before and after, what rules did, how scores are spread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from fraud.forms.rule_words import rule_name
from fraud.models import Backtest
from fraud.operations.backtests import BAND
from fraud.queries.backtests import progress
from fraud.rules.decisions import HIGHEST_SCORE
from fraud.rules.rulebook.outcomes import Precision, RuleYield, precision, rule_yields, shift
from fraud.views.rulebook_pieces import Shifts
from portal.core.language import grouped, said
from portal.web.pieces import Chart, Progress, Series
from portal.web.states import look

# Of so many a page tells; the longest rulebook has 200.
MOST_RULES = 40


def share_words(share: float | None) -> str:
    """Say a share of 0.0 to 1.0 in percent; a dash where nothing is known."""
    if share is None:
        return "–"
    percent = 100 * share
    if 0 < percent < 0.1:
        return _("under %(share)s") % {"share": f"{grouped(0.1, 1)}\N{NO-BREAK SPACE}%"}
    # A locale's formats cut digits off.
    digits = 1 if 0 < percent < 10 else 0
    return f"{grouped(round(percent, digits), digits)}\N{NO-BREAK SPACE}%"


@dataclass(frozen=True, slots=True)
class Measured:
    """How outcomes did against what analysts found: before, and under the version that is tried."""

    before: Precision
    after: Precision
    # Applications that were found to be fraud, or clear.
    settled: int

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Give the measures as lines of a table: what, then and now."""
        return [
            {
                "what": _("Of those referred, found to be fraud"),
                "before": share_words(self.before.precision),
                "after": share_words(self.after.precision),
                "of": _("%(frauds)s of %(referred)s")
                % {"frauds": grouped(self.after.referred_frauds), "referred": grouped(self.after.referred)},
            },
            {
                "what": _("Of all frauds found, referred"),
                "before": share_words(self.before.recall),
                "after": share_words(self.after.recall),
                "of": _("%(frauds)s of %(all)s")
                % {"frauds": grouped(self.after.referred_frauds), "all": grouped(self.after.frauds)},
            },
        ]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one rule did: how often it applied, as a share of all, and how often it was right."""

    rule: RuleYield
    total: int

    @property
    def name(self) -> str:
        return rule_name(self.rule.name)

    @property
    def share(self) -> str:
        return share_words(self.rule.fired / self.total if self.total else None)

    @property
    def width(self) -> int:
        """The share in thousandths, at least one, for a bar."""
        return max(1, 1000 * self.rule.fired // self.total) if self.total else 0

    @property
    def precision(self) -> str:
        return share_words(self.rule.precision)


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a backtest, or a run in the shadow, says by now."""

    shifts: Shifts
    measured: Measured
    rules: list[RuleLine]

    @property
    def total(self) -> int:
        return self.shifts.total

    @property
    def changed_share(self) -> str:
        return share_words(self.changed / self.total if self.total else None)

    @property
    def changed(self) -> int:
        return shift(self.shifts.matrix).changed

    @property
    def graver(self) -> int:
        return shift(self.shifts.matrix).graver

    @property
    def lighter(self) -> int:
        return shift(self.shifts.matrix).lighter


def found_so_far(backtest: Backtest) -> SoFar:
    """Say what a backtest found by now."""
    results: Mapping[str, Any] = backtest.results
    shifts = Shifts(results.get("shifts", {}))
    rules = rule_yields(results.get("rules", {}), results.get("rule_verdicts", {}))[:MOST_RULES]
    return SoFar(
        shifts,
        measured(results.get("verdicts_before", {}), results.get("verdicts", {})),
        [RuleLine(rule, shifts.total) for rule in rules],
    )


def measured(before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]) -> Measured:
    """Measure outcomes by what analysts found: {outcome: {verdict: count}}, then and now."""
    settled = sum(row.get("fraud", 0) + row.get("clear", 0) for row in after.values())
    return Measured(precision(before), precision(after), settled)


def under_way(backtest: Backtest, *, now: datetime) -> Progress:
    """Say how far a backtest is."""
    far = progress(backtest, now=now)
    family, words = look(backtest.state)
    return Progress(
        done=far.done,
        total=far.total,
        unit=_("applications"),
        family=family,
        doing=str(words),
        rate=far.rate,
        seconds_left=far.seconds_left,
        heard_at=backtest.heard_at,
        trouble=said(backtest.problem),
    )


def score_chart(backtest: Backtest) -> Chart | None:
    """Draw how many applications fall into each band of scores; none where nothing was looked at."""
    counts: Mapping[str, int] = backtest.results.get("scores", {})
    if not counts:
        return None
    starts = range(0, HIGHEST_SCORE, BAND)
    return Chart(
        name="scores",
        question=_("How are the scores spread?"),
        categories=[f"{start}–{start + BAND - 1}" for start in starts],
        series=[Series(_("Applications"), [counts.get(str(start), 0) for start in starts])],
        unit=_("applications"),
    )
