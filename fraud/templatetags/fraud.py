"""Filters that say codes and amounts of the fraud domain in words."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.defaultfilters import floatformat

from fraud.forms import rule_words
from fraud.forms.feeds import CHANNELS
from fraud.forms.mappings import DIRECTIONS
from fraud.forms.watch import LISTS, REASONS
from fraud.models import Contribution, Standing
from fraud.rules.cases import ContributionState
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.fraud_types import expires_on, month_of
from fraud.rules.reasons import reason_words
from fraud.rules.rulebook.outcomes import shift
from fraud.rules.standing import reciprocity
from fraud.views.words import (
    EVENTS,
    FRAUD_TYPES,
    PRODUCTS,
    REASON_TAGS,
    RECORD_ROLES,
    SENDING_PROBLEMS,
    TIERS,
    fault_words,
    kind_words,
)
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


@register.filter
def fraud_type(code: str) -> Words:
    """Name a type of fraud."""
    return FRAUD_TYPES.get(code, code)


@register.filter
def record_role(code: str) -> Words:
    """Name what the person of a record was in the fraud."""
    return RECORD_ROLES.get(code, code)


@register.filter
def shown_until(contribution: Contribution) -> str:
    """Say the month in which a registered record ends; nothing of one that is not shown."""
    if contribution.state not in {ContributionState.REGISTERED, ContributionState.CORRECTING}:
        return ""
    month = month_of(contribution.made_at.date())
    return month_of(expires_on(FraudType(contribution.fraud_type), RecordRole(contribution.role), month))


@register.filter
def ratio(standing: Standing) -> str:
    """Say how many records a member gave for each thousand look-ups."""
    found = reciprocity(standing.asked, standing.given)
    return "–" if found is None else floatformat(found, 1)


@register.filter
def fault(code: str) -> Words:
    """Say what is wrong with a row of a file."""
    return fault_words(code)
