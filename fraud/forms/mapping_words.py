"""Fields and steps of a mapping said in words."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from fraud.rules.translation import document as d
from fraud.rules.translation.paths import STAR, Segment, parsed
from fraud.rules.translation.targets import general
from portal.web.navigation import Words

F = d.DateFormat

FIELD_NAMES: Mapping[str, Words] = {
    "reference": gettext_lazy("Reference"),
    "product": gettext_lazy("Product"),
    "channel": gettext_lazy("Channel"),
    "amount": gettext_lazy("Amount asked for"),
    "currency": gettext_lazy("Currency"),
    "submitted_at": gettext_lazy("Submitted at"),
    "device_id": gettext_lazy("Device"),
    "ip_address": gettext_lazy("IP address"),
    "parties[].role": pgettext_lazy("of a party", "Role"),
    "parties[].given_name": gettext_lazy("Given name"),
    "parties[].middle_name": gettext_lazy("Middle name"),
    "parties[].family_name": gettext_lazy("Family name"),
    "parties[].birth_date": gettext_lazy("Birth date"),
    "parties[].national_id": gettext_lazy("Social insurance number"),
    "parties[].addresses[].kind": pgettext_lazy("of an address", "Kind"),
    "parties[].addresses[].line": pgettext_lazy("of an address", "Street and number"),
    "parties[].addresses[].city": gettext_lazy("City"),
    "parties[].addresses[].province": gettext_lazy("Province"),
    "parties[].addresses[].postal_code": gettext_lazy("Postal code"),
    "parties[].addresses[].country": gettext_lazy("Country"),
    "parties[].phones[].kind": pgettext_lazy("of a telephone", "Kind"),
    "parties[].phones[].number": pgettext_lazy("of a telephone", "Number"),
    "parties[].emails[]": gettext_lazy("E-mail address"),
    "parties[].employment": gettext_lazy("Employment"),
    "parties[].employer": gettext_lazy("Employer"),
    "parties[].occupation": gettext_lazy("Occupation"),
    "parties[].income": gettext_lazy("Income a year"),
    "parties[].bank_account.institution": gettext_lazy("Bank account: institution"),
    "parties[].bank_account.transit": gettext_lazy("Bank account: transit"),
    "parties[].bank_account.number": gettext_lazy("Bank account: number"),
}
_ITEMS: Mapping[str, Words] = {
    "parties": gettext_lazy("Party %(number)s"),
    "addresses": gettext_lazy("Address %(number)s"),
    "phones": gettext_lazy("Telephone %(number)s"),
    "emails": gettext_lazy("E-mail %(number)s"),
}
_EACH: Mapping[str, Words] = {
    "parties": gettext_lazy("Each party"),
    "addresses": gettext_lazy("Each address"),
    "phones": gettext_lazy("Each telephone"),
    "emails": gettext_lazy("Each e-mail"),
}
STEP_NAMES: Mapping[str, Words] = {
    "trim": gettext_lazy("Trim blanks"),
    "case": gettext_lazy("Upper or lower case"),
    "concat": gettext_lazy("Put other columns behind it"),
    "split": gettext_lazy("Keep one part"),
    "constant": gettext_lazy("Always this value"),
    "date": gettext_lazy("Read a date"),
    "codes": gettext_lazy("Exchange codes"),
    "number": gettext_lazy("Read a number"),
    "money": gettext_lazy("Read an amount"),
    "phone": gettext_lazy("Read a telephone number"),
    "sin": gettext_lazy("Read a social insurance number"),
    "postal-code": gettext_lazy("Read a postal code"),
    "default": gettext_lazy("Use this where empty"),
    "when-equal": gettext_lazy("Keep it only when another column equals"),
    "first-of": gettext_lazy("First column that is not empty"),
}
DATE_NAMES: Mapping[F, Words] = {
    F.YMD: gettext_lazy("year-month-day: 2026-03-02"),
    F.DMY: gettext_lazy("day/month/year: 02/03/2026"),
    F.MDY: gettext_lazy("month/day/year: 03/02/2026"),
    F.COMPACT_YMD: gettext_lazy("eight digits, year first: 20260302"),
    F.COMPACT_DMY: gettext_lazy("eight digits, day first: 02032026"),
    F.COMPACT_MDY: gettext_lazy("eight digits, month first: 03022026"),
    F.NAMED_MONTH: gettext_lazy("month by name: 2 Mar 2026"),
    F.INSTANT: gettext_lazy("RFC 3339 with offset: 2026-03-02T14:59:00Z"),
    F.YMD_TIME: gettext_lazy("year-month-day and time: 2026-03-02 14:59"),
    F.DMY_TIME: gettext_lazy("day/month/year and time: 02/03/2026 14:59"),
    F.MDY_TIME: gettext_lazy("month/day/year and time: 03/02/2026 2:59 PM"),
    F.EPOCH_SECONDS: gettext_lazy("seconds since 1970"),
    F.EPOCH_MILLISECONDS: gettext_lazy("milliseconds since 1970"),
    F.EXCEL: gettext_lazy("days as a spreadsheet counts: 46083"),
}
CASE_NAMES: Mapping[d.Case, Words] = {
    d.Case.UPPER: gettext_lazy("UPPER CASE"),
    d.Case.LOWER: gettext_lazy("lower case"),
    d.Case.TITLE: gettext_lazy("First Letters"),
}


def field_words(path: str) -> tuple[str, str]:
    """Say where a field belongs ("Party 1 · Telephone 2", empty for the application itself) and what it is."""
    segments = parsed(path)
    groups = [
        _item(str(name), index)
        for name, index in pairwise(segments)
        if not isinstance(index, str) and str(name) in _ITEMS
    ]
    known = general(segments)
    if known.endswith("emails[]"):
        groups.pop()
    return " · ".join(groups), str(FIELD_NAMES.get(known, path))


def _item(name: str, index: Segment) -> str:
    if index is STAR:
        return str(_EACH[name])
    return str(_ITEMS[name]) % {"number": int(str(index)) + 1}


def step_words(step: d.Step) -> str:
    """Say a step with its parameters, in few words."""
    say = _SAYINGS.get(type(step))
    return say(step) if say else str(STEP_NAMES[tag_of(step)])


def tag_of(step: d.Step) -> str:
    """Name a step as documents do."""
    return str(type(step).__struct_config__.tag)


def _split(step: d.Split) -> str:
    facts = {"separator": step.separator, "part": step.part + 1 if step.part >= 0 else step.part}
    return _("part %(part)s by “%(separator)s”") % facts


def _codes(step: d.Codes) -> str:
    shown = [f"{theirs} → {ours}" for theirs, ours in list(step.codes.items())[:2]]
    more = len(step.codes) - len(shown)
    return ", ".join([*shown, _("%(count)s more") % {"count": more}] if more else shown)


_SAYINGS: Mapping[type, Callable[[Any], str]] = {
    d.ChangeCase: lambda step: str(CASE_NAMES[step.to]),
    d.Concat: lambda step: _("and %(columns)s") % {"columns": ", ".join(step.sources)},
    d.Split: _split,
    d.Constant: lambda step: _("always “%(value)s”") % {"value": step.value},
    d.ReadDate: lambda step: str(DATE_NAMES[step.format]),
    d.Codes: _codes,
    d.ReadPhone: lambda step: _("telephone, %(country)s") % {"country": step.country},
    d.Default: lambda step: _("“%(value)s” where empty") % {"value": step.value},
    d.WhenEqual: lambda step: (
        _("only if %(column)s is %(values)s") % {"column": step.source, "values": ", ".join(step.equals)}
    ),
    d.FirstOf: lambda step: _("else %(columns)s") % {"columns": ", ".join(step.sources)},
}
