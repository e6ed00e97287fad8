"""Filters that say codes and amounts of the fraud domain in words."""

from collections.abc import Mapping
from typing import Any

from django import template

from fraud.forms import rule_words
from fraud.forms.feeds import CHANNELS
from fraud.forms.mappings import DIRECTIONS
from fraud.forms.watch import LISTS, REASONS
from fraud.rules.reasons import reason_words
from fraud.rules.rulebook.outcomes import shift
from fraud.views.words import EVENTS, PRODUCTS, REASON_TAGS, SENDING_PROBLEMS, TIERS, kind_words
from portal.core.language import grouped, said
from portal.web.navigation import Words

register = template.Library()
_MINOR = 100


@register.filter
def product(code: str) -> Words:
    """Name a product."""
    return PRODUCTS.get(code, code)


@register.filter
def kind(code: str) -> Words:
    """Name a kind of element."""
    return kind_words(code)


@register.filter
def reason(code: str) -> str:
    """Say the reason behind a code, as a letter to the applicant does."""
    return said(reason_words(code))


@register.filter
def tag(code: str) -> Words:
    """Say the reason behind a code in a few words, for lists."""
    return REASON_TAGS.get(code, code)


@register.filter
def tier(code: str) -> Words:
    """Say how sure a match of the consortium is."""
    return TIERS.get(code, code)


@register.filter
def money(amount: int | None, currency: str) -> str:
    """Write minor units as an amount of a currency, whole units alone, never parted: 5,000 CAD."""
    return "–" if amount is None else f"{grouped(amount // _MINOR)}\N{NO-BREAK SPACE}{currency}"


@register.filter
def watch_list(code: str) -> Words:
    """Name a watch list."""
    return LISTS.get(code, code)


@register.filter
def watch_reason(code: str) -> Words:
    """Say why something is on a watch list."""
    return REASONS.get(code, code)


@register.filter
def event(code: str) -> Words:
    """Name what an institution is sent."""
    return EVENTS.get(code, code)


@register.filter
def sending_problem(code: str) -> Words:
    """Say why something did not arrive."""
    return SENDING_PROBLEMS.get(code, code)


@register.filter
def changed(results: Mapping[str, Any]) -> int:
    """Count what a backtest would decide otherwise."""
    return shift(results.get("shifts", {})).changed


@register.filter
def rule_name(name: str) -> str:
    """Name a rule of an explanation."""
    return rule_words.rule_name(name)


@register.filter
def channel_way(code: str) -> Words:
    """Name the way by which records leave."""
    return dict(CHANNELS).get(code, code)


@register.filter
def direction(code: str) -> Words:
    """Say what a mapping translates."""
    return dict(DIRECTIONS).get(code, code)
