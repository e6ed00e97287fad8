"""Tags for the small things on every page: icons, states, times, counts, ids."""

from datetime import datetime

from django import template
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.core import language
from portal.core.clock import now
from portal.web import wording
from portal.web.states import look

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon from the sprite; decoration only, so words stand beside it or on its button."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def state_badge(state: str) -> SafeString:
    """Show a state: the same look everywhere."""
    family, name = look(state)
    return format_html('<span class="state state-{}">{}</span>', family.value, name)


@register.simple_tag
def when(
    at: datetime | None, zone: str = "", *, relative: bool = False, show_zone: bool = False
) -> SafeString:
    """Show a moment in a zone, absolute with the zone on hover; a dash when it has not come."""
    if at is None:
        return format_html('<span class="text-secondary">{}</span>', "–")
    absolute = wording.moment(at, zone)
    full = f"{absolute} ({wording.zone_name(zone or 'UTC')})"
    shown = wording.ago(at, now()) if relative else full if show_zone else absolute
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), full, shown)


@register.simple_tag
def amount(number: int | None, unit: str = "", *, compact: bool = False) -> SafeString:
    """Show a count with the locale's thousands, and in words on hover; `compact` shortens millions."""
    if number is None:
        return format_html('<span class="text-secondary">{}</span>', "–")
    if compact and abs(number) >= 10**6:
        whole, shown = language.grouped(number), wording.shortened(number)
        return format_html('<span class="num" title="{}">{}</span>', whole, shown)
    tail = f"\N{NO-BREAK SPACE}{unit}" if unit else ""
    return format_html(
        '<span class="num" title="{}">{}{}</span>', wording.in_words(number), language.grouped(number), tail
    )


@register.filter
def said(spoken: object) -> str:
    """Say what was written down as a phrase, such as why a delivery failed, in the reader's language."""
    return language.said(spoken)


@register.filter
def short(number: int) -> str:
    """Write a big count in little room: 12 M."""
    return wording.shortened(number)


@register.filter(name="bytes")
def as_bytes(size: int | None) -> str:
    """Write a size in bytes in its largest unit."""
    return "–" if size is None else filesizeformat(size)


@register.filter
def span(seconds: float | None) -> str:
    """Write a duration in its largest unit."""
    return "–" if seconds is None else wording.span(seconds)


@register.filter
def zone(name: str) -> str:
    """Name a time zone by its city."""
    return wording.zone_name(name)


@register.simple_tag
def copyable(value: str, *, short: bool = True) -> SafeString:
    """Show an id or a hash in monospace with a button that copies it whole."""
    shown = f"{value[:4]}…{value[-6:]}" if short and len(value) > 16 else value
    return format_html(
        '<span class="id"><code title="{0}">{1}</code><button type="button" class="copy" data-copy="{0}" '
        'data-copied="{2}" aria-label="{3} {0}">{4}</button></span>',
        value,
        shown,
        _("Copied"),
        _("Copy"),
        icon("copy"),
    )
