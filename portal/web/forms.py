"""Forms as every page shows them: one column, help below, unit inside, errors beside the field and above."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.errors import STATUS, DomainError, Kind
from portal.core.language import grouped, said
from portal.web.navigation import Words

CHOOSE = _("Choose one")
_CHECKS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class PageRenderer(DjangoTemplates):
    """Render fields with the project's template, and widgets with Django's."""

    field_template_name = "parts/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("parts/"):
            return loader.get_template(template_name)
        return super().get_template(template_name)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a form: its title, a sentence that says what it is for, and its fields."""

    title: Words
    sentence: Words
    fields: Sequence[str]


class Form(forms.Form):
    """A form of the portal.

    `sections` groups the fields (none: all in one, without a title); `units` puts a unit inside a field.
    """

    default_renderer = PageRenderer()
    sections: ClassVar[Sequence[Section]] = ()
    units: ClassVar[dict[str, Words]] = {}
    button: ClassVar[Words] = _("Save")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # A colon after a label above its field says nothing.
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        dress(self)
        for name, unit in self.units.items():
            self.fields[name].unit = unit  # type: ignore[attr-defined]

    def laid_out(self) -> Iterator[tuple[Section, list[BoundField]]]:
        """Give each section with its fields, for the template."""
        parts = self.sections or [Section("", "", [field.name for field in self.visible_fields()])]
        for section in parts:
            yield section, [self[name] for name in section.fields if name in self.fields]

    def refuse(self, error: DomainError) -> None:
        """Put a refusal beside the fields that caused it, or above the form where no field did."""
        for name, message in error.fields.items():
            self.add_error(name if name in self.fields else None, said(message))
        if not error.fields:
            self.add_error(None, said(error.detail))


def dress(form: forms.BaseForm, nothing_chosen: Words = CHOOSE) -> None:
    """Give each widget the class that the style sheet knows, and an empty choice its words."""
    for field in form.fields.values():
        widget = field.widget
        if getattr(field, "empty_label", None):
            field.empty_label = nothing_chosen  # type: ignore[attr-defined]
        dressed = "form-check-input" if isinstance(widget, _CHECKS) else "form-control"
        if isinstance(widget, forms.Select) and not isinstance(widget, _CHECKS):
            dressed = "form-select"
        widget.attrs["class"] = f"{dressed} {widget.attrs.get('class', '')}".strip()


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    act: Callable[[], HttpResponse],
    *,
    template: str = "portal/form_page.html",
    **context: object,
) -> HttpResponse:
    """Show a form, or carry out `act` once its values are clean; a refusal comes back beside the fields.

    `act` makes the one call to an operation and returns the redirect. The form must be bound on POST.
    """
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                return act()
            except DomainError as error:
                if error.kind is Kind.UNAVAILABLE or not isinstance(form, Form):
                    raise
                form.refuse(error)
                status = STATUS[error.kind]
        status = status if status in {403, 404, 409, 410, 429} else 422
    return render(request, template, {"form": form, **context}, status=status)


class CountField(forms.IntegerField):
    """A whole number that people may type with their thousands separators: 1,000,000 or 1 000 000."""

    widget = forms.TextInput
    _GROUPED = re.compile(r"[+-]?\d{1,3}([ ,.'’\u00a0\u202f_]?)\d{3}(?:\1\d{3})*")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return grouped(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        text = str(value).strip() if value is not None else ""
        if self._GROUPED.fullmatch(text):
            text = re.sub(r"[^\d+-]", "", text)
        # A number of a hundred digits is nobody's quantity, and would not fit a column.
        if len(text) > 19:
            raise ValidationError(_("Enter a smaller whole number."), code="invalid")
        return super().to_python(text)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # A text field knows no min and max; the check on the server stays.
        return {}


class LocalDateTimeField(forms.DateTimeField):
    """A wall-clock time without a zone: the operation reads it in the market's zone, gaps and all."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**{"widget": widget, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return value

    def to_python(self, value: Any) -> datetime | None:
        aware = super().to_python(value)
        return None if aware is None else timezone.make_naive(aware, timezone.get_current_timezone())
