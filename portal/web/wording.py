"""Numbers, sizes and times in words, in the reader's language and zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portal.core.language import grouped

_STEPS = (10**9, 10**6, 10**3)


def _rounded(number: int, step: int) -> str:
    tenths = (number * 10 + step // 2) // step
    return grouped(tenths // 10) if tenths % 10 == 0 or tenths >= 1000 else grouped(tenths / 10, 1)


def in_words(number: int) -> str:
    """Say a big count in words, such as "1.2 million"; empty below ten thousand, where the figure says it."""
    size = abs(number)
    if size >= 10**9:
        words = ngettext("%(count)s billion", "%(count)s billion", size // 10**9)
        return words % {"count": _rounded(number, 10**9)}
    if size >= 10**6:
        words = ngettext("%(count)s million", "%(count)s million", size // 10**6)
        return words % {"count": _rounded(number, 10**6)}
    if size >= 10**4:
        return _("%(count)s thousand") % {"count": _rounded(number, 10**3)}
    return ""


def shortened(number: int) -> str:
    """Write a big count in little room, such as 12 M; exact below ten thousand."""
    units = (pgettext("billion", "bn"), pgettext("million", "M"), pgettext("thousand", "k"))
    if abs(number) < 10**4:
        return grouped(number)
    step, unit = next(pair for pair in zip(_STEPS, units, strict=True) if abs(number) >= pair[0])
    return f"{_rounded(number, step)}\N{NO-BREAK SPACE}{unit}"


def zone_name(zone: str) -> str:
    """Name a time zone by its city, such as Mexico City."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def moment(at: datetime, zone: str = "") -> str:
    """Write a moment in a zone (the current one when none is given), to the minute."""
    local = timezone.localtime(at, ZoneInfo(zone) if zone else None)
    return formats.date_format(local, pgettext("date format", "j M Y, H:i"))


def ago(at: datetime, now: datetime) -> str:
    """Say how far a moment lies from now, in its largest unit."""
    seconds = int((now - at).total_seconds())
    if abs(seconds) < 5:
        return _("now")
    return (_("%(span)s ago") if seconds > 0 else _("in %(span)s")) % {"span": span(abs(seconds))}


def span(seconds: float) -> str:
    """Write a duration in its largest unit, such as 4 s, 12 min, 3 h, 2 days."""
    whole = round(seconds)
    if whole < 100:
        return _("%(count)s s") % {"count": whole}
    if whole < 100 * 60:
        return _("%(count)s min") % {"count": round(whole / 60)}
    if whole < 48 * 3600:
        return _("%(count)s h") % {"count": round(whole / 3600)}
    days = round(whole / 86400)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": grouped(days)}
