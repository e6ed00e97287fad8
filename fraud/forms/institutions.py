"""The form of an institution."""

from zoneinfo import available_timezones

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from fraud.models import Institution
from fraud.operations.institutions import LONGEST_BUDGET, SHORTEST_BUDGET, InstitutionFacts
from portal.accounts.models.people import LANGUAGES
from portal.web.forms import CHOOSE, CountField, Form, Section

# Institutions are where consumers are; names without a place are for computers.
_CONTINENTS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")


def _zones() -> list[tuple[str, str]]:
    names = sorted(name for name in available_timezones() if name.startswith(_CONTINENTS))
    return [("", str(CHOOSE)), *((name, name.replace("_", " ")) for name in names)]


class InstitutionForm(Form):
    """An institution's set-up."""

    name = forms.CharField(label=_("Name"), max_length=100)
    code = forms.SlugField(label=_("Code"), max_length=24, help_text=_("Short and unique, such as bank-a."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lazy(_zones, list),
        help_text=_("Its people read times by the clocks of this zone."),
    )
    currency = forms.CharField(
        label=_("Currency"), min_length=3, max_length=3, help_text=_("Three letters, such as CAD.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    time_budget = CountField(
        label=_("Time budget"),
        initial=1_500,
        min_value=SHORTEST_BUDGET,
        max_value=LONGEST_BUDGET,
        help_text=_("So long an online answer may take; what takes longer is answered later, by webhook."),
    )
    sections = (
        Section(_("Institution"), _("What it is called here and in reports."), ["name", "code"]),
        Section(
            _("Place"),
            _("Decides how times and amounts are read and shown."),
            ["time_zone", "currency", "language"],
        ),
        Section(_("Online"), _("How its system is answered."), ["time_budget"]),
    )
    units = {"time_budget": "ms"}

    def facts(self) -> InstitutionFacts:
        """Give what the operation takes."""
        return InstitutionFacts(**self.cleaned_data)

    @staticmethod
    def initial_of(institution: Institution) -> dict[str, object]:
        """Give the values of an institution that exists."""
        return {name: getattr(institution, name) for name in InstitutionForm.base_fields}


class WebhookForm(Form):
    """Where an institution listens."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput({"autocomplete": "off"}),
        help_text=_(
            "Begins with https://. What goes there is signed by us; the institution needs no secret."
        ),
    )
