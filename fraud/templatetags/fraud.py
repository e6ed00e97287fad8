"""Filters that say codes and amounts of the fraud domain in words."""

from django import template

from fraud.views.words import PRODUCTS, kind_words
from portal.core.language import grouped
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
def reason(code: str) -> Words:
    """Say the reason behind a code in a few words."""
    return code.replace("-", " ")


@register.filter
def money(amount: int | None, currency: str) -> str:
    """Write minor units as an amount of a currency, whole units alone: 5,000 CAD."""
    return "–" if amount is None else f"{grouped(amount // _MINOR)} {currency}"
