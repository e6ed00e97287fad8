"""Conditions of a rulebook said in words: what each operator and choice is called, and whole sentences."""

from collections.abc import Mapping, Sequence
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from fraud.rules.canonical import Channel, Employment, Product
from fraud.rules.consortium import RecordRole, Tier
from fraud.rules.rulebook.default import default_document
from fraud.rules.rulebook.document import All, Any, Condition, Hits, Links, Not, Operator, Test
from fraud.rules.rulebook.fields import COUNTED, FIELDS, FRAUD_TYPE_NAMES, FieldType, Value
from portal.core.language import grouped, said
from portal.web.navigation import Words

OPERATOR_NAMES: Mapping[Operator, Words] = {
    Operator.IS: pgettext_lazy("comparison", "is"),
    Operator.IS_NOT: pgettext_lazy("comparison", "is not"),
    Operator.AT_LEAST: pgettext_lazy("comparison", "is at least"),
    Operator.AT_MOST: pgettext_lazy("comparison", "is at most"),
    Operator.MORE_THAN: pgettext_lazy("comparison", "is more than"),
    Operator.LESS_THAN: pgettext_lazy("comparison", "is less than"),
    Operator.IS_ONE_OF: pgettext_lazy("comparison", "is one of"),
    Operator.IS_KNOWN: pgettext_lazy("comparison", "is known"),
}
_SIGNS: Mapping[Operator, str] = {
    Operator.IS: "=",
    Operator.IS_NOT: "≠",
    Operator.AT_LEAST: "≥",
    Operator.AT_MOST: "≤",
    Operator.MORE_THAN: ">",
    Operator.LESS_THAN: "<",
}
CHOICE_NAMES: Mapping[str, Words] = {
    Product.CREDIT_CARD: gettext_lazy("credit card"),
    Product.LOAN: gettext_lazy("loan"),
    Product.LINE_OF_CREDIT: gettext_lazy("line of credit"),
    Channel.BRANCH: gettext_lazy("branch"),
    Channel.WEB: gettext_lazy("web"),
    Channel.MOBILE: gettext_lazy("mobile app"),
    Channel.PHONE: gettext_lazy("telephone"),
    Channel.PARTNER: gettext_lazy("partner"),
    Channel.OTHER: gettext_lazy("other"),
    Employment.EMPLOYED: gettext_lazy("employed"),
    Employment.SELF_EMPLOYED: gettext_lazy("self-employed"),
    Employment.STUDENT: gettext_lazy("student"),
    Employment.RETIRED: gettext_lazy("retired"),
    Employment.UNEMPLOYED: gettext_lazy("unemployed"),
    "resident": gettext_lazy("resident"),
    "temporary": gettext_lazy("temporary resident"),
    "tax-number": gettext_lazy("tax number"),
    "business": gettext_lazy("business"),
}
TIER_NAMES: Mapping[str, Words] = {
    Tier.STRONG: pgettext_lazy("hit", "strong"),
    Tier.PROBABLE: pgettext_lazy("hit", "probable"),
}
RECORD_ROLE_NAMES: Mapping[str, Words] = {
    RecordRole.PERPETRATOR: gettext_lazy("perpetrator"),
    RecordRole.VICTIM: gettext_lazy("victim"),
    RecordRole.MULE: gettext_lazy("mule"),
}


def rule_name(name: str) -> str:
    """Name a rule: in the reader's language where it ships, and as whoever wrote it named it otherwise."""
    return _(name) if name in _shipped() else name


@cache
def _shipped() -> frozenset[str]:
    return frozenset(rule.name for rule in default_document().rules)


def sentence(condition: Condition, *, is_inner: bool = False) -> str:
    """Say a condition in the reader's language; brackets stand where a reader could group it otherwise."""
    match condition:
        case Test():
            return _compared(condition)
        case Links():
            return _counted(condition)
        case Hits():
            return _hits(condition)
        case Not():
            return pgettext("condition", "not (%(part)s)") % {"part": sentence(condition.of)}
        case All() | Any():
            return _grouped(condition, is_inner=is_inner)


def _grouped(condition: All | Any, *, is_inner: bool) -> str:
    parts = [sentence(part, is_inner=True) for part in condition.of]
    if len(parts) == 1:
        return parts[0]
    if isinstance(condition, Any) and condition.at_least > 1:
        facts = {"count": grouped(condition.at_least), "parts": "; ".join(parts)}
        return pgettext("condition", "at least %(count)s of (%(parts)s)") % facts
    joint = pgettext("condition", " and ") if isinstance(condition, All) else pgettext("condition", " or ")
    whole = joint.join(parts)
    return f"({whole})" if is_inner else whole


def _compared(test: Test) -> str:
    field = FIELDS.get(test.field)
    if field is None:
        return _("unknown field %(name)s") % {"name": test.field}
    title = said(field.title)
    if test.operator is Operator.IS_KNOWN:
        words = _("%(field)s: known") if test.value else _("%(field)s: not known")
        return words % {"field": title}
    if field.type is FieldType.BOOLEAN:
        return title if test.value else _("not: %(field)s") % {"field": title}
    sign = _SIGNS.get(test.operator) or OPERATOR_NAMES[test.operator]
    return f"{title} {sign} {value_words(test.value)}"


def value_words(value: Value | Sequence[str]) -> str:
    """Say a value of a field, or of a literal."""
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return grouped(value)
    values = value if isinstance(value, tuple | list) else (value,)
    return ", ".join(str(CHOICE_NAMES.get(each, each)) for each in values)


def _counted(links: Links) -> str:
    kinds = ", ".join(said(COUNTED[kind]) if kind in COUNTED else kind for kind in links.kinds)
    facts = {"count": grouped(links.at_least), "days": grouped(links.days), "kinds": kinds}
    return _("at least %(count)s earlier applications in %(days)s days with the same %(kinds)s") % facts


def _hits(hits: Hits) -> str:
    wanted: Sequence[str] = [
        *(str(TIER_NAMES.get(each, each)) for each in hits.tiers),
        *(said(FRAUD_TYPE_NAMES[each]) for each in hits.fraud_types),
        *(str(RECORD_ROLE_NAMES[each]) for each in hits.roles),
    ]
    if hits.within_months is not None:
        wanted = [*wanted, _("at most %(months)s months old") % {"months": grouped(hits.within_months)}]
    if hits.with_disputed:
        wanted = [*wanted, _("disputed ones too")]
    facts = {"count": grouped(hits.at_least), "wanted": ", ".join(wanted)}
    return (_("at least %(count)s hits (%(wanted)s)") if wanted else _("at least %(count)s hits")) % facts


def signed_weight(weight: int) -> str:
    """Write a weight with its sign: +120, −50."""
    return f"+{grouped(weight)}" if weight >= 0 else f"\N{MINUS SIGN}{grouped(-weight)}"
