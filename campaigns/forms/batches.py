"""Forms of batches: the order, the printer's receipt, activation, and what no longer counts."""

import re
from datetime import datetime
from typing import Any

import orjson
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Batch, Campaign, Printer
from campaigns.operations.planning import Order
from campaigns.operations.voiding import MOST_CODES
from campaigns.queries.campaigns import campaigns
from campaigns.queries.parties import printers
from campaigns.rules.calendar import NoSuchTimeError, instant
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.uploads import MOST_BYTES
from portal.web.forms import CountField, Form, LocalDateTimeField, Section
from portal.web.wording import zone_name

_HASH_LINE = re.compile(r"([0-9a-fA-F]{64})\s+\*?(\S+)")


def _instant(wall: datetime, zone: str) -> datetime:
    try:
        return instant(wall, zone)
    except NoSuchTimeError as error:
        says = _("%(time)s does not exist in %(zone)s: the clocks go forward over it. Choose another time.")
        raise ValidationError(says % {"time": f"{wall:%Y-%m-%d %H:%M}", "zone": zone_name(zone)}) from error


class CampaignChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A campaign, named with its market."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the campaign and its market."""
        return f"{obj.name} · {obj.market.name}"


class OrderForm(Form):
    """An order of codes: for which campaign, how many, from which printer, live from when."""

    campaign = CampaignChoice(
        label=gettext_lazy("Campaign"), queryset=Campaign.objects.none(), to_field_name="public_id"
    )
    quantity = CountField(
        label=gettext_lazy("Codes"), help_text=gettext_lazy("At most 1,000,000,000 in one batch.")
    )
    printer = forms.ModelChoiceField(
        label=gettext_lazy("Printer"),
        queryset=Printer.objects.none(),
        to_field_name="public_id",
        help_text=gettext_lazy("Decides where the files go, for whose key, and how a row is laid out."),
    )
    lot = forms.CharField(
        label=gettext_lazy("Lot"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("Written into each row when the layout has a column for it."),
    )
    activates_at = LocalDateTimeField(
        label=gettext_lazy("Becomes active"),
        required=False,
        help_text=gettext_lazy(
            "By the clocks of the campaign's market, once the printer has acknowledged. "
            "Empty: somebody activates it by hand."
        ),
    )

    sections = (
        Section(
            gettext_lazy("What"),
            gettext_lazy("The campaign decides what the codes look like."),
            ["campaign", "quantity"],
        ),
        Section(
            gettext_lazy("Printer"),
            gettext_lazy("Who prints them, and what stands beside each code."),
            ["printer", "lot"],
        ),
        Section(gettext_lazy("When"), gettext_lazy("Until then nobody can redeem them."), ["activates_at"]),
    )
    units = {"quantity": gettext_lazy("codes")}
    button = gettext_lazy("Order codes")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = campaigns(actor, Act.BATCH_PLAN)  # type: ignore[attr-defined]
        self.fields["printer"].queryset = printers(actor, Act.PRINTER_READ)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the activation time by the clocks of the campaign's market."""
        cleaned = super().clean() or {}
        wall, campaign = cleaned.get("activates_at"), cleaned.get("campaign")
        if wall and campaign:
            try:
                cleaned["activates_at"] = _instant(wall, campaign.market.time_zone)
            except ValidationError as error:
                self.add_error("activates_at", error)
        return cleaned

    def order(self) -> Order:
        """Give what the operation takes."""
        given = self.cleaned_data
        return Order(
            printer=given["printer"],
            quantity=given["quantity"],
            lot=given["lot"].strip(),
            activates_at=given["activates_at"],
        )


class ScheduleForm(Form):
    """When an acknowledged batch becomes active."""

    activates_at = LocalDateTimeField(label=gettext_lazy("Becomes active"))
    button = gettext_lazy("Schedule activation")

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = batch.campaign.market.time_zone
        self.fields["activates_at"].help_text = _("By the clocks of %(zone)s.") % {
            "zone": zone_name(self._zone)
        }

    def clean_activates_at(self) -> datetime:
        """Read the time by the clocks of the market."""
        return _instant(self.cleaned_data["activates_at"], self._zone)


class AcknowledgeForm(Form):
    """What the printer received: how many codes, and the hash of each file."""

    count = CountField(
        label=gettext_lazy("Codes received"),
        help_text=gettext_lazy("All rows of all files, without header lines."),
    )
    hashes = forms.CharField(
        label=gettext_lazy("Hashes"),
        required=False,
        widget=forms.Textarea({"rows": 6, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One line a file, as sha256sum prints it: the hash, then the name. Or a manifest as JSON."
        ),
    )
    manifest = forms.FileField(
        label=gettext_lazy("Or upload"),
        required=False,
        help_text=gettext_lazy(
            "The output of sha256sum, or the manifest with which you compared; at most 1 MB."
        ),
    )
    units = {"count": gettext_lazy("codes")}
    button = gettext_lazy("Acknowledge delivery")

    def clean(self) -> dict[str, Any]:
        """Read the hashes from the text or the upload, whichever was given."""
        cleaned = super().clean() or {}
        upload = cleaned.get("manifest")
        if upload and upload.size > MOST_BYTES:
            self.add_error("manifest", _("This file is larger than 1 MB."))
            return cleaned
        field = "manifest" if upload else "hashes"
        text = upload.read().decode("utf-8", "replace") if upload else cleaned.get("hashes", "")
        try:
            cleaned["sha256"] = read_hashes(text)
        except ValidationError as error:
            self.add_error(field, error)
        return cleaned


def read_hashes(text: str) -> dict[str, str]:
    """Read file names and their SHA-256 from lines of sha256sum or from a manifest.

    :raises ValidationError: naming the first line that is neither
    """
    if text.lstrip("\ufeff \r\n\t").startswith("{"):
        return _hashes_of_manifest(text)
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _HASH_LINE.fullmatch(line.strip())
        if match is None:
            says = _("Line %(number)s is not a SHA-256 (64 hexadecimal digits) and a file name.")
            raise ValidationError(says % {"number": number})
        found[match[2].rsplit("/", 1)[-1]] = match[1].lower()
    if not found:
        raise ValidationError(_("Enter the hash of each file, or upload them."))
    return found


def _hashes_of_manifest(text: str) -> dict[str, str]:
    try:
        files = orjson.loads(text.lstrip("\ufeff"))["files"]
        return {str(file["name"]): str(file["sha256"]).lower() for file in files}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ValidationError(
            _("This is not a manifest: its files with name and sha256 are missing.")
        ) from error


class VoidRangeForm(Form):
    """A run of serials that no longer counts."""

    first_serial = CountField(label=gettext_lazy("First serial"))
    last_serial = CountField(
        label=gettext_lazy("Last serial"), help_text=gettext_lazy("The last one that is void as well.")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Such as: reel 14 stolen from the lorry on 3 May. It stays with the batch."),
    )
    button = gettext_lazy("Void these serials")


class VoidCodesForm(Form):
    """Codes that were given back or spoilt."""

    codes = forms.CharField(
        label=gettext_lazy("Codes"),
        widget=forms.Textarea({"rows": 8, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("One a line, as printed. They are read and not kept."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))
    button = gettext_lazy("Void these codes")

    def clean_codes(self) -> list[str]:
        """Give the lines that hold something."""
        lines = [line.strip() for line in self.cleaned_data["codes"].splitlines() if line.strip()]
        if len(lines) > MOST_CODES:
            raise ValidationError(_("At most 10,000 codes at once."))
        return lines


class CodeForm(Form):
    """One code to look up."""

    campaign = CampaignChoice(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        to_field_name="public_id",
        required=False,
        help_text=gettext_lazy("Leave it open to try every campaign that you may see."),
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=100,
        widget=forms.TextInput(
            {"class": "mono", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
        help_text=gettext_lazy("As printed; case, spaces and dashes do not matter."),
    )
    button = gettext_lazy("Look up")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = campaigns(actor, Act.CODE_CHECK)  # type: ignore[attr-defined]
        self.fields["campaign"].empty_label = _("Find it")  # type: ignore[attr-defined]
