"""The steps of one field of a mapping as forms: a kind from the closed list, and the parameters that it takes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from fraud.forms.mapping_words import CASE_NAMES, DATE_NAMES, STEP_NAMES, tag_of
from fraud.rules.translation import document as d
from portal.web.forms import Form

_DECIMALS = [(".", _("point: 1234.50")), (",", _("comma: 1234,50"))]
# A step posted as its kind and the raw values of its controls.
Given = tuple[str, dict[str, Any]]


class LinesField(forms.CharField):
    """One value a line."""

    def __init__(self, **kwargs: Any) -> None:
        rows = kwargs.pop("rows", 3)
        widget = forms.Textarea({"rows": rows, "class": "mono", "spellcheck": "false"})
        super().__init__(**{"widget": widget, "max_length": 20_000, **kwargs})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return tuple(line.strip() for line in text.splitlines() if line.strip())

    def run_validators(self, value: Any) -> None:
        """Leave the number and length of lines to the document."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class CodesField(LinesField):
    """Two codes a line with an equals sign between: theirs = ours."""

    def to_python(self, value: Any) -> Any:
        found: dict[str, str] = {}
        for line in super().to_python(value):
            theirs, sign, ours = line.partition("=")
            if not sign:
                raise forms.ValidationError(_("Write their code, an equals sign and ours: M = married."))
            found[theirs.strip()] = ours.strip()
        return found

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return "\n".join(f"{theirs} = {ours}" for theirs, ours in value.items())
        return value


def _text(label: Any, most: int = 200, *, is_required: bool = True, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=is_required, strip=False, **more)


def _column(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, widget=forms.TextInput({"list": "columns"}))


def _choice(label: Any, choices: Sequence[tuple[Any, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices)


def _number(label: Any, least: int, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, **more)


def _times() -> forms.IntegerField:
    return _number(_("Times"), 1, 1_000, help_text=_("12 makes a month's income a year's."))


Controls = dict[str, tuple[forms.Field, Any]]


def _split() -> Controls:
    part = _number(_("Part"), -20, 20, help_text=_("0 is the first, −1 the last."))
    optional = forms.BooleanField(label=_("The part may be missing"), required=False)
    return {
        "separator": (_text(_("Separator"), 10), ","),
        "part": (part, 0),
        "is_optional": (optional, False),
    }


def _money() -> Controls:
    decimals = _number(_("Decimals"), 0, 4, help_text=_("0 if the amount comes in cents already."))
    return {
        "decimal": (_choice(_("Decimal sign"), _DECIMALS), "."),
        "decimals": (decimals, 2),
        "times": (_times(), 1),
    }


def _codes() -> Controls:
    help_text = _("One pair a line: their code = ours.")
    otherwise = _text(
        _("Anything else"), is_required=False, help_text=_("Empty: a code not in the list is an error.")
    )
    return {
        "codes": (CodesField(label=_("Codes"), rows=5, help_text=help_text), {}),
        "otherwise": (otherwise, ""),
    }


def _when_equal() -> Controls:
    return {
        "source": (_column(_("Column")), ""),
        "equals": (LinesField(label=_("Equals one of")), ()),
        "otherwise": (_text(_("Otherwise"), is_required=False), ""),
    }


CONTROLS: Mapping[str, Callable[[], Controls]] = {
    "trim": lambda: {
        "also": (_text(_("These characters too"), 10, is_required=False, help_text=_("Such as 0.")), "")
    },
    "case": lambda: {"to": (_choice(_("To"), [(each.value, CASE_NAMES[each]) for each in d.Case]), "upper")},
    "concat": lambda: {
        "sources": (LinesField(label=_("Columns"), help_text=_("One a line.")), ()),
        "separator": (_text(_("Between them"), 10, is_required=False), " "),
    },
    "split": _split,
    "constant": lambda: {"value": (_text(_("Value")), "")},
    "date": lambda: {
        "format": (_choice(_("Written as"), [(each.value, DATE_NAMES[each]) for each in d.DateFormat]), "ymd")
    },
    "codes": _codes,
    "number": lambda: {
        "decimal": (_choice(_("Decimal sign"), _DECIMALS), "."),
        "times": (_times(), 1),
    },
    "money": _money,
    "phone": lambda: {
        "country": (forms.RegexField("^[A-Z]{2}$", label=_("Country when none is given"), max_length=2), "CA")
    },
    "sin": dict,
    "postal-code": lambda: {
        "country": (_choice(_("Country"), [(each.value, each.value) for each in d.Country]), "CA")
    },
    "default": lambda: {"value": (_text(_("Value")), "")},
    "when-equal": _when_equal,
    "first-of": lambda: {"sources": (LinesField(label=_("Columns"), help_text=_("One a line.")), ())},
}
# What an empty control leaves to the document, which knows what "nothing" is.
_OPTIONAL = {("codes", "otherwise")}


class StepForm(Form):
    """One step; its controls are those of its kind."""

    kind = forms.ChoiceField(
        label=_("Step"),
        choices=list(STEP_NAMES.items()),
        widget=forms.Select({"aria-label": _("Step")}),
    )

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step_kind = kind if kind in CONTROLS else "trim"
        self.initial["kind"] = self.step_kind
        for name, (field, initial) in CONTROLS[self.step_kind]().items():
            self.fields[name] = field
            self.initial.setdefault(name, initial)
            is_select, is_box = isinstance(field.widget, forms.Select), isinstance(field, forms.BooleanField)
            look = "form-check-input" if is_box else "form-select" if is_select else "form-control"
            field.widget.attrs["class"] = f"{look} {field.widget.attrs.get('class', '')}".strip()

    @property
    def controls(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "kind"]

    def step(self) -> dict[str, Any]:
        """Give the step as documents have it, once the form is valid; what it means is checked there."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "kind"}
        for name in [name for name in values if (self.step_kind, name) in _OPTIONAL and not values[name]]:
            del values[name]
        return {"step": self.step_kind, **values}


def steps_posted(posted: QueryDict) -> list[Given]:
    """Read the posted steps as they are, no more than a field may have."""
    count = posted.get("steps", "0")
    most = min(int(count), d.MOST_STEPS) if count.isdecimal() and len(count) < 3 else 0
    found: list[Given] = []
    for number in range(most):
        prefix = f"step-{number}-"
        given: dict[str, Any] = {
            name.removeprefix(prefix): posted[name] for name in posted if name.startswith(prefix)
        }
        found.append((str(given.pop("kind", "trim")), given))
    return found


def steps_given(steps: Sequence[d.Step]) -> list[Given]:
    """Lay the steps of a document out for a form."""
    return [(tag_of(step), _parameters(step)) for step in steps]


def _parameters(step: d.Step) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(step, name) for name in step.__struct_fields__}
    return {name: msgspec.to_builtins(value) for name, value in kept.items() if value is not None}


def changed(steps: Sequence[Given], do: str) -> list[Given]:
    """Carry out a button: "add", "remove:1" or "up:1"; anything else does nothing."""
    act, _colon, number = do.partition(":")
    place = int(number) if number.isdecimal() and len(number) < 3 else -1
    found = list(steps)
    if act == "add" and len(found) < d.MOST_STEPS:
        return [*found, ("trim", {})]
    if act == "remove" and 0 <= place < len(found):
        del found[place]
    if act == "up" and 0 < place < len(found):
        found[place - 1], found[place] = found[place], found[place - 1]
    return found


def step_forms(steps: Sequence[Given], posted: QueryDict | None = None) -> list[StepForm]:
    """Make the form of each step: bound where something was posted to be judged."""
    return [
        StepForm(kind, posted, prefix=f"step-{number}", initial=dict(given))
        for number, (kind, given) in enumerate(steps)
    ]
