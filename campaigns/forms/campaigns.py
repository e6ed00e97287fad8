"""The form of a campaign: what it is, when it runs, and what its codes look like."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Brand, Campaign, Market
from campaigns.operations.campaigns import CampaignFacts
from campaigns.queries.parties import brands, markets
from campaigns.rules.alphabets import CROCKFORD, DIGITS, PRESETS, UNAMBIGUOUS
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.web.forms import CountField, Form, LocalDateTimeField, Section
from portal.web.wording import zone_name

OWN = "own"
ALPHABETS = [
    (
        "unambiguous",
        format_lazy(
            gettext_lazy("{count} characters without vowels and look-alikes"), count=len(UNAMBIGUOUS)
        ),
    ),
    (
        "crockford",
        format_lazy(gettext_lazy("{count} characters, digits and letters (Crockford)"), count=len(CROCKFORD)),
    ),
    ("digits", format_lazy(gettext_lazy("{count} digits"), count=len(DIGITS))),
    (OWN, gettext_lazy("A set of your own")),
]
FORMAT_FIELDS = ("alphabet", "own_alphabet", "length", "grouping", "prefix", "has_check", "screens_words")


class MarketChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A market, named with its zone, since its clocks decide when a campaign opens."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the market and its zone."""
        return _("%(market)s (%(zone)s time)") % {"market": obj.name, "zone": zone_name(obj.time_zone)}


class GroupingField(forms.CharField):
    """The sizes of the groups, typed as 4-4-4 or 4 4 4."""

    def to_python(self, value: Any) -> Any:
        """Read the sizes; none means that the code is printed in one piece."""
        if isinstance(value, list | tuple):
            return tuple(value)
        parts = re.split(r"[\s,;–-]+", str(value or "").strip())
        sizes = [part for part in parts if part]
        if not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in sizes) or len(sizes) > 16:
            raise ValidationError(_("Write the size of each group with dashes between, such as 4-4-4."))
        return tuple(int(part) for part in sizes)

    def prepare_value(self, value: Any) -> Any:
        """Show sizes the way they are typed."""
        return "-".join(map(str, value)) if isinstance(value, list | tuple) else value


class CampaignForm(Form):
    """A campaign's set-up; its format can be changed until the first batch is planned."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    slug = forms.SlugField(
        label=gettext_lazy("Short name"),
        max_length=48,
        help_text=gettext_lazy("Part of every redemption and unique, such as summer-caps."),
    )
    market = MarketChoice(
        label=gettext_lazy("Market"), queryset=Market.objects.none(), to_field_name="public_id"
    )
    brand = forms.ModelChoiceField(
        label=gettext_lazy("Brand"), queryset=Brand.objects.none(), to_field_name="public_id"
    )
    opens = LocalDateTimeField(
        label=gettext_lazy("Opens"),
        help_text=gettext_lazy("By the clocks of the market: the first minute that counts."),
    )
    closes = LocalDateTimeField(
        label=gettext_lazy("Closes"),
        help_text=gettext_lazy("By the clocks of the market: the first minute that no longer counts."),
    )
    expected_codes = CountField(
        label=gettext_lazy("Codes in all"),
        help_text=gettext_lazy(
            "How many codes all batches together will need; the guess odds are designed for it."
        ),
    )
    points_per_code = CountField(label=gettext_lazy("Points per code"), initial=10)
    alphabet = forms.ChoiceField(label=gettext_lazy("Alphabet"), choices=ALPHABETS, initial="unambiguous")
    own_alphabet = forms.CharField(
        label=gettext_lazy("Characters of your own set"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Only for a set of your own: letters and digits, each once, no look-alikes."),
    )
    length = forms.IntegerField(
        label=gettext_lazy("Length"),
        initial=12,
        min_value=1,
        max_value=99,
        help_text=gettext_lazy("Printed characters after the prefix, the check character included."),
    )
    grouping = GroupingField(
        label=gettext_lazy("Grouping"),
        initial="4-4-4",
        required=False,
        help_text=gettext_lazy("Sizes of the groups, such as 4-4-4; empty prints the code in one piece."),
    )
    prefix = forms.CharField(  # type: ignore[assignment]
        label=gettext_lazy("Prefix"),
        max_length=6,
        required=False,
        help_text=gettext_lazy(
            "The same on every code of the campaign; it carries no meaning and no secrecy."
        ),
    )
    has_check = forms.BooleanField(
        label=gettext_lazy("Last character is a check character"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "Catches a mistyped character before a try is spent. It makes no code harder to guess."
        ),
    )
    screens_words = forms.BooleanField(
        label=gettext_lazy("Skip codes that read as offensive words"), required=False, initial=True
    )

    sections = (
        Section(
            gettext_lazy("Campaign"),
            gettext_lazy("What it is called, and whose it is."),
            ["name", "slug", "market", "brand"],
        ),
        Section(
            gettext_lazy("When it runs"),
            gettext_lazy("Codes can be redeemed from opening until closing, in the time zone of the market."),
            ["opens", "closes"],
        ),
        Section(
            gettext_lazy("How many codes"),
            gettext_lazy("The more codes are live, the easier one is guessed."),
            ["expected_codes", "points_per_code"],
        ),
        Section(
            gettext_lazy("What a code looks like"),
            gettext_lazy("Fixed once the first batch is planned. The preview shows what is printed."),
            list(FORMAT_FIELDS),
        ),
    )
    units = {"expected_codes": gettext_lazy("codes"), "points_per_code": gettext_lazy("points")}

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["market"].queryset = markets(actor, Act.CAMPAIGN_EDIT)  # type: ignore[attr-defined]
        self.fields["brand"].queryset = brands(actor, Act.CAMPAIGN_EDIT)  # type: ignore[attr-defined]
        self.campaign = campaign
        if campaign is not None:
            # A campaign keeps its market and brand: its serials and members belong to them.
            del self.fields["market"], self.fields["brand"]
            if campaign.batches.exists():
                for name in FORMAT_FIELDS:
                    self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """Put the chosen set of characters in place of its name."""
        cleaned = super().clean() or {}
        if cleaned.get("alphabet") == OWN and not cleaned.get("own_alphabet"):
            self.add_error("own_alphabet", _("Enter the characters of your own set."))
        return cleaned

    def facts(self) -> CampaignFacts:
        """Give what the operation takes."""
        given = self.cleaned_data
        plain = {name: given[name] for name in CampaignFacts.__slots__ if name != "alphabet"}
        return CampaignFacts(**plain, alphabet=characters(given["alphabet"], given["own_alphabet"]))

    @staticmethod
    def initial_of(campaign: Campaign) -> dict[str, object]:
        """Give the values of a campaign that exists, its times by the clocks of its market."""
        zone = ZoneInfo(campaign.market.time_zone)
        chosen = next((name for name, made_of in PRESETS.items() if made_of == campaign.alphabet), OWN)
        names = ("name", "slug", "expected_codes", "points_per_code", "length", "grouping", "prefix")
        return {
            **{name: getattr(campaign, name) for name in (*names, "has_check", "screens_words")},
            "opens": campaign.opens_at.astimezone(zone).replace(tzinfo=None),
            "closes": campaign.closes_at.astimezone(zone).replace(tzinfo=None),
            "alphabet": chosen,
            "own_alphabet": campaign.alphabet if chosen == OWN else "",
        }


def values_of(posted: QueryDict, campaign: Campaign | None = None) -> dict[str, object]:
    """Give what stands in a form that is still being filled in; a format that is fixed is the campaign's own."""
    boxes = {name: name in posted for name in ("has_check", "screens_words")}
    given: dict[str, object] = {**posted.dict(), **boxes}
    if campaign is None:
        return given
    kept = CampaignForm.initial_of(campaign)
    if campaign.batches.exists():
        return {**given, **{name: kept[name] for name in FORMAT_FIELDS}}
    return {**kept, **given}


def characters(chosen: str, own: str) -> str:
    """Give the characters of a preset, or the own ones."""
    return PRESETS.get(chosen, own)
