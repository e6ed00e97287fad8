"""Forms of markets and brands."""

from zoneinfo import available_timezones

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from campaigns.models import Brand, Market
from campaigns.operations.parties import MarketFacts
from portal.accounts.models.people import LANGUAGES
from portal.web.forms import CountField, Form, Section

# Names without a place (EST, GMT+3) are for computers and old systems, not for markets.
_CONTINENTS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


def _zones() -> list[tuple[str, str]]:
    names = sorted(name for name in available_timezones() if name.startswith(_CONTINENTS))
    return [("", str(_("Choose one"))), *((name, name.replace("_", " ")) for name in names)]


class MarketForm(Form):
    """A market's set-up."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As people know it, such as Mexico."))
    code = forms.SlugField(label=_("Code"), max_length=8, help_text=_("Short and unique, such as mx."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lazy(_zones, list),
        help_text=_("Campaigns open and close by the clocks of this zone."),
    )
    currency = forms.CharField(
        label=_("Currency"), min_length=3, max_length=3, help_text=_("Three letters, such as MXN.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    guess_odds_floor = CountField(
        label=_("Guess odds floor"),
        initial=10_000_000,
        help_text=_("The best chance that one random guess may have of hitting a live code: one in so many."),
    )

    sections = (
        Section(_("Market"), _("What it is called here and in reports."), ["name", "code"]),
        Section(
            _("Place"),
            _("Decides how times and amounts are read and shown."),
            ["time_zone", "currency", "language"],
        ),
        Section(
            _("Policy"),
            _("A campaign whose codes are easier to guess than this is refused."),
            ["guess_odds_floor"],
        ),
    )
    units = {"guess_odds_floor": _("guesses per hit")}

    def facts(self) -> MarketFacts:
        """Give what the operation takes."""
        return MarketFacts(**self.cleaned_data)

    @staticmethod
    def initial_of(market: Market) -> dict[str, object]:
        """Give the values of a market that exists."""
        return {name: getattr(market, name) for name in MarketForm.base_fields}


class BrandForm(Form):
    """A brand's set-up."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What is printed on the can."))
    code = forms.SlugField(
        label=_("Code"), max_length=24, help_text=_("Short and unique, such as cola-zero.")
    )

    @staticmethod
    def initial_of(brand: Brand) -> dict[str, object]:
        """Give the values of a brand that exists."""
        return {"name": brand.name, "code": brand.code}
