"""The condition of a rule as a form: a line for each group, comparison and count, none of it typed as code."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fraud.forms.rule_words import CHOICE_NAMES, OPERATOR_NAMES, RECORD_ROLE_NAMES, TIER_NAMES
from fraud.forms.trees import GROUPS, HITS, LINKS, TEST, Row, changed, tidied
from fraud.rules.consortium import FraudType
from fraud.rules.rulebook.document import MOST_PARTS, Operator
from fraud.rules.rulebook.fields import COUNTED, FIELDS, FRAUD_TYPE_NAMES, GROUP_NAMES, WINDOWS, FieldType
from fraud.rules.rulebook.problems import OPERATORS
from portal.core.language import said
from portal.web.forms import CountField, Form

# Far more than anybody reads; a page of more would be slow.
MOST_ROWS = 60
FIRST_FIELD = next(iter(FIELDS))
YES_NO = [("yes", _("yes")), ("no", _("no"))]
GROUP_WORDS = {
    "all": pgettext_lazy("conditions", "All of these hold"),
    "any": pgettext_lazy("conditions", "At least so many of these hold"),
    "not": pgettext_lazy("conditions", "None of these holds"),
}


class RowForm(Form):
    """One line; it has the controls that its kind, and the field that it compares, ask for.

    A choice that no longer fits, since the field has changed, falls back to the first that does.
    """

    depth = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=99)
    kind = forms.CharField(widget=forms.HiddenInput, max_length=8)

    def __init__(self, row: Row, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        added = _ADDED[row.kind](row)
        self.controls = list(added)
        for name, (field, initial) in added.items():
            self.fields[name] = field
            self.initial[name] = _fitting(field, row.given.get(name), initial)
            _name(field, name)
        self.initial.update({"depth": row.depth, "kind": row.kind})

    @property
    def is_group(self) -> bool:
        return self.row.is_group

    def shown(self) -> list[forms.BoundField]:
        """Give the controls of this line, in their order."""
        return [self[name] for name in self.controls]


Added = dict[str, tuple[forms.Field, Any]]


def _fitting(field: forms.Field, given: Any, initial: Any) -> Any:
    """Keep what was given as long as the control takes it."""
    try:
        field.clean(given)
    except forms.ValidationError:
        return initial
    return given if given is not None else initial


def _name(field: forms.Field, name: str) -> None:
    """Give a control its look, and its label for those who hear the page; a group of boxes has a legend."""
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
        widget.attrs["class"] = "form-check-input"
        return
    look = "form-select" if isinstance(widget, forms.Select) else "form-control"
    widget.attrs |= {"class": f"{look} is-{name.replace('_', '-')}", "aria-label": str(field.label)}


def _group(row: Row) -> Added:
    words = [(name, GROUP_WORDS[name]) for name in GROUPS]
    added: Added = {"group": (forms.ChoiceField(label=_("Group"), choices=words), row.kind)}
    if row.kind == "any":
        added["at_least"] = (_count(_("How many"), MOST_PARTS), 1)
    return added


def _test(row: Row) -> Added:
    name = str(row.given.get("field", ""))
    field = FIELDS.get(name, FIELDS[FIRST_FIELD])
    fitting = OPERATORS.get(field.type, (Operator.IS,))
    asked = str(row.given.get("operator", ""))
    operator = Operator(asked) if asked in fitting else fitting[0]
    added: Added = {"field": (forms.ChoiceField(label=_("Field"), choices=_fields), field.name)}
    if field.type is not FieldType.BOOLEAN:
        words = [(each.value, OPERATOR_NAMES[each]) for each in fitting]
        added["operator"] = (forms.ChoiceField(label=_("Comparison"), choices=words), operator.value)
    added["value"] = _value(field.type, operator, field.choices)
    return added


def _value(kind: FieldType, operator: Operator, choices: Sequence[str]) -> tuple[forms.Field, Any]:
    label = _("Value")
    if kind is FieldType.BOOLEAN or operator is Operator.IS_KNOWN:
        return forms.ChoiceField(label=label, choices=YES_NO), "yes"
    if kind is FieldType.NUMBER:
        return CountField(label=label, min_value=-(10**15), max_value=10**15), 1
    words = [(each, CHOICE_NAMES.get(each, each)) for each in choices]
    if operator is Operator.IS_ONE_OF:
        return _several(label, words), []
    return forms.ChoiceField(label=label, choices=words), choices[0]


def _links(row: Row) -> Added:
    kinds = [(kind, said(words)) for kind, words in COUNTED.items()]
    days = [(str(each), str(each)) for each in WINDOWS]
    return {
        "at_least": (_count(_("How many earlier applications"), 50), 2),
        "days": (forms.ChoiceField(label=_("In how many days"), choices=days), "30"),
        "kinds": (_several(_("With the same"), kinds, is_required=True), ["phone"]),
    }


def _hits(row: Row) -> Added:
    tiers, roles = list(TIER_NAMES.items()), list(RECORD_ROLE_NAMES.items())
    types = [(each.value, said(FRAUD_TYPE_NAMES[each])) for each in FraudType]
    months = forms.IntegerField(
        label=_("At most so many months old"), min_value=1, max_value=240, required=False
    )
    return {
        "at_least": (_count(_("How many hits"), 50), 1),
        "within_months": (months, ""),
        "tiers": (_several(_("Tier"), tiers), []),
        "fraud_types": (_several(_("Fraud type"), types), []),
        "roles": (_several(_("Role"), roles), []),
        "with_disputed": (forms.BooleanField(label=_("Disputed ones too"), required=False), False),
    }


def _count(label: Any, most: int) -> forms.Field:
    return forms.IntegerField(label=label, min_value=1, max_value=most)


def _several(
    label: Any, choices: Sequence[tuple[Any, Any]], *, is_required: bool = False
) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=is_required, widget=forms.CheckboxSelectMultiple
    )


_ADDED = {**dict.fromkeys(GROUPS, _group), TEST: _test, LINKS: _links, HITS: _hits}


def _fields() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (said(words), [(name, said(field.title)) for name, field in FIELDS.items() if field.group is group])
        for group, words in GROUP_NAMES.items()
    ]


def rows_posted(posted: QueryDict) -> list[Row]:
    """Read the lines of a posted tree as they are, sensible or not; no more than a page may have."""
    count = posted.get("rows", "0")
    most = min(int(count), MOST_ROWS) if count.isdecimal() and len(count) < 4 else 0
    return tidied([_row(posted, f"row-{number}-") for number in range(most)])


def _row(posted: QueryDict, prefix: str) -> Row:
    given: dict[str, Any] = {}
    for name, values in posted.lists():
        if name.startswith(prefix):
            key = name.removeprefix(prefix)
            given[key] = values if key in _SEVERAL else values[-1]
    kind = given.pop("group", None) or given.get("kind", TEST)
    depth = str(given.pop("depth", "1"))
    if isinstance(given.get("value"), str) and given.get("operator") == Operator.IS_ONE_OF:
        given["value"] = posted.getlist(f"{prefix}value")
    return Row(
        int(depth) if depth.isdecimal() and len(depth) < 3 else 1, kind if kind in _ADDED else TEST, given
    )


_SEVERAL = frozenset({"kinds", "tiers", "fraud_types", "roles"})


def row_forms(rows: Sequence[Row], posted: Mapping[str, Any] | None = None) -> list[RowForm]:
    """Make the form of each line: bound where something was posted to be judged."""
    return [RowForm(row, posted, prefix=f"row-{number}") for number, row in enumerate(rows)]


def pressed(rows: Sequence[Row], do: str) -> list[Row]:
    """Carry out a button of the tree, unless the tree has as many lines as it may."""
    found = tidied(changed(rows, do))
    return found if len(found) <= MOST_ROWS else list(rows)
