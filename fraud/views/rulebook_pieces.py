"""What pages of rulebooks are filled with: rules in words, bands as a picture, explanations, shifts, differences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from fraud.forms.rule_words import rule_name, sentence, signed_weight, value_words
from fraud.forms.rulebooks import OUTCOME_NAMES
from fraud.rules.decisions import HIGHEST_SCORE, Outcome
from fraud.rules.reasons import reason_words
from fraud.rules.rulebook import FIELDS, RulebookDocument
from fraud.rules.rulebook.differences import RuleChange, differences
from fraud.rules.rulebook.document import Bands, Rule
from portal.core.language import said
from portal.web.navigation import Words

# Of 1,000 units of a bar: what is seen of a single one among very many.
_THINNEST = 6


@dataclass(frozen=True, slots=True)
class Span:
    """One band: from the first score to the last, both of them in it."""

    outcome: Outcome
    first: int
    last: int

    @property
    def width(self) -> int:
        return self.last - self.first + 1

    @property
    def words(self) -> Words:
        return OUTCOME_NAMES[self.outcome]


@dataclass(frozen=True, slots=True)
class BandsPicture:
    """The bar from 0 to 1,000, with a mark at a score where one is asked about."""

    spans: tuple[Span, ...]
    score: int | None = None


def bands_picture(bands: Bands, score: int | None = None) -> BandsPicture:
    """Draw the bands; one that nothing falls into is left out."""
    edges = [0, bands.review, max(bands.refer, bands.review), HIGHEST_SCORE + 1]
    spans = [Span(outcome, edges[place], edges[place + 1] - 1) for place, outcome in enumerate(Outcome)]
    return BandsPicture(tuple(span for span in spans if span.last >= span.first), score)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule as a line of a table; `place` is where it stands in its document."""

    place: int
    name: str
    words: str
    weight: int
    reason: str
    is_on: bool
    note: str = ""
    url: str = ""

    @property
    def weight_words(self) -> str:
        return signed_weight(self.weight)

    @property
    def reason_words(self) -> str:
        return said(reason_words(self.reason)) if self.reason else ""


def rule_line(rule: Rule, place: int, url: str = "") -> RuleLine:
    """Say a rule in words."""
    words = sentence(rule.when)
    return RuleLine(place, rule_name(rule.name), words, rule.weight, rule.reason, rule.is_on, rule.note, url)


def rule_lines(document: RulebookDocument) -> list[RuleLine]:
    """Say all rules of a rulebook in words."""
    return [rule_line(rule, place) for place, rule in enumerate(document.rules)]


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """How one rule came out for one application."""

    name: str
    is_fired: bool
    seen: tuple[str, ...]
    weight: int
    # The condition in words, where the rulebook is at hand.
    words: str = ""

    @property
    def weight_words(self) -> str:
        return signed_weight(self.weight)


def explained_lines(
    explanation: Iterable[Mapping[str, Any]], document: RulebookDocument | None = None
) -> list[ExplainedLine]:
    """Say an explanation in words; those that applied come first. With *document*, what each asks as well."""
    asked = {rule.name: sentence(rule.when) for rule in document.rules} if document else {}
    lines = [
        ExplainedLine(
            name=rule_name(str(told["rule"])),
            is_fired=bool(told.get("fired", True)),
            seen=tuple(_seen(name, value) for name, value in told["values"].items()),
            weight=int(told["weight"]),
            words=asked.get(str(told["rule"]), ""),
        )
        for told in explanation
    ]
    return sorted(lines, key=lambda line: (not line.is_fired, -abs(line.weight), line.name))


def _seen(name: str, value: Any) -> str:
    field = FIELDS.get(name)
    title = said(field.title) if field else name
    return _("%(field)s: %(value)s") % {"field": title, "value": value_words(value)}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between two versions; empty where there is none on that side."""

    what: str
    was: str = ""
    became: str = ""
    # What of it differs, or that all of it is new or gone.
    part: Words = ""


def rulebook_differences(old: RulebookDocument, new: RulebookDocument) -> list[Difference]:
    """Say what differs between two rulebooks: bands first, then rules."""
    changes = differences(old, new)
    found = []
    if changes.bands is not None:
        was, became = changes.bands
        found = [
            Difference(_("Review from"), str(was.review), str(became.review)),
            Difference(_("Refer from"), str(was.refer), str(became.refer)),
        ]
    if changes.consortium_alone is not None:
        alone = [str(OUTCOME_NAMES[outcome]) for outcome in changes.consortium_alone]
        found.append(Difference(_("The consortium alone leads at most to"), *alone))
    found = [line for line in found if line.was != line.became]
    return found + [line for change in changes.rules for line in _rule_differences(change)]


def _rule_differences(change: RuleChange) -> list[Difference]:
    """Give a line for each part of a rule that changed; one for a rule that is there on one side alone."""
    before, after = change.before, change.after
    if before is None or after is None:
        part = _("new rule") if before is None else _("rule removed")
        return [Difference(rule_name(change.name), _told(before), _told(after), part)]
    return [
        Difference(rule_name(change.name), _part(before, name), _part(after, name), words)
        for name, words in _PARTS.items()
        if name in change.fields
    ]


def _part(rule: Rule, name: str) -> str:
    if name == "is_on":
        return _("switched on") if rule.is_on else _("switched off")
    line = rule_line(rule, 0)
    parts = {
        "when": line.words,
        "weight": line.weight_words,
        "reason": f"{line.reason_words} ({line.reason})" if line.reason else "",
        "note": line.note,
    }
    return parts[name]


def _told(rule: Rule | None) -> str:
    if rule is None:
        return ""
    line = rule_line(rule, 0)
    parts = [line.weight_words, line.words, line.reason_words, line.note]
    return " · ".join([*filter(None, parts), *([] if line.is_on else [_("switched off")])])


_PARTS = {
    "when": pgettext_lazy("condition", "When"),
    "weight": gettext_lazy("Weight"),
    "reason": gettext_lazy("Reason"),
    "note": gettext_lazy("Note"),
    "is_on": gettext_lazy("Switched on"),
}


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of them; an empty address is something that cannot be done with it."""

    number: int
    state: str
    published_at: datetime | None
    checksum: str
    url: str
    compare_url: str = ""
    roll_back_url: str = ""


@dataclass(frozen=True, slots=True)
class Shifts:
    """What was decided against what would have been: a line for each outcome of then."""

    matrix: Mapping[str, Mapping[str, int]]

    @property
    def names(self) -> list[Words]:
        return [OUTCOME_NAMES[outcome] for outcome in Outcome]

    @property
    def total(self) -> int:
        return sum(count for row in self.matrix.values() for count in row.values())

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [self._line(outcome) for outcome in Outcome]

    def _line(self, outcome: Outcome) -> dict[str, Any]:
        row = self.matrix.get(str(outcome), {})
        cells = [
            {
                "label": _("would be %(name)s") % {"name": OUTCOME_NAMES[other]},
                "count": row.get(str(other), 0),
                "is_same": other is outcome,
            }
            for other in Outcome
        ]
        return {"outcome": str(outcome), "cells": cells, "total": sum(row.values()), "parts": _parts(row)}


def _parts(row: Mapping[str, int]) -> list[dict[str, Any]]:
    """Draw a line of the matrix as a bar of 1,000 units, cut where the outcomes meet."""
    total, done, parts = sum(row.values()), 0, []
    for outcome in Outcome:
        count = row.get(str(outcome), 0)
        first, done = 1000 * done // total if total else 0, done + count
        if count:
            parts.append(
                {"outcome": str(outcome), "first": first, "width": max(4, 1000 * done // total - first)}
            )
    return parts
