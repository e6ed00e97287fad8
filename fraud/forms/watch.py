"""What people type to have an institution watch for somebody or something."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from fraud.models import Institution
from fraud.queries.institutions import institutions
from fraud.queries.typed import WATCHED
from fraud.rules.elements import ElementKind
from fraud.rules.watching import WatchList, WatchReason
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.web.forms import Form
from portal.web.navigation import Words

LISTS: dict[str, Words] = {
    WatchList.KNOWN_FRAUD: gettext_lazy("Known fraud"),
    WatchList.SUSPECT: gettext_lazy("Suspects"),
    WatchList.TRUSTED: gettext_lazy("Trusted"),
}
REASONS: dict[str, Words] = {
    WatchReason.CONFIRMED_FRAUD: gettext_lazy("Confirmed fraud"),
    WatchReason.CHARGE_BACK: gettext_lazy("Charge-back"),
    WatchReason.POLICE_REPORT: gettext_lazy("Police report"),
    WatchReason.CUSTOMER_REPORT: gettext_lazy("Report by a customer"),
    WatchReason.PATTERN: gettext_lazy("Pattern in applications"),
    WatchReason.SHARED_PLACE: gettext_lazy("Place that many share"),
    WatchReason.KNOWN_CUSTOMER: gettext_lazy("Known customer"),
    WatchReason.OTHER: pgettext_lazy("reason", "Other"),
}


_NOT_KEPT = gettext_lazy("What you type becomes a keyed token and is not kept.")
_TYPED = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


def _typed(label: Words, most: int, help_text: Words = "") -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        max_length=most,
        widget=forms.TextInput(dict(_TYPED)),
        help_text=help_text,  # type: ignore[arg-type]
    )


class WatchForm(Form):
    """One thing to watch for; of its fields those that its kind is made of."""

    institution = forms.ModelChoiceField(
        label=gettext_lazy("Institution"),
        queryset=Institution.objects.none(),
        to_field_name="public_id",
        help_text=gettext_lazy("Only its own applications are compared."),
    )
    listed = forms.ChoiceField(label=gettext_lazy("List"), choices=list(LISTS.items()))
    national_id = _typed(gettext_lazy("Social insurance number"), 20)
    given_name = _typed(gettext_lazy("Given name"), 100)
    family_name = _typed(
        gettext_lazy("Family name"), 100, gettext_lazy("As it sounds: accents and spellings are one.")
    )
    birth_date = forms.DateField(
        label=gettext_lazy("Birth date"),
        widget=forms.DateInput({**_TYPED, "type": "date"}, format="%Y-%m-%d"),
    )
    phone = _typed(gettext_lazy("Telephone"), 30)
    email = _typed(gettext_lazy("E-mail"), 200)
    line = _typed(gettext_lazy("Street, number and unit"), 200)
    city = forms.CharField(
        label=gettext_lazy("City"), max_length=100, required=False, widget=forms.TextInput(dict(_TYPED))
    )
    postal_code = forms.CharField(
        label=gettext_lazy("Postal code"),
        max_length=12,
        required=False,
        widget=forms.TextInput(dict(_TYPED)),
        help_text=gettext_lazy("Without one, the street and the city are compared."),
    )
    bank = _typed(gettext_lazy("Number of the financial institution"), 3)
    transit = _typed(gettext_lazy("Transit number"), 5)
    account = _typed(gettext_lazy("Account number"), 20)
    device_id = _typed(gettext_lazy("Device"), 100)
    ip_address = forms.GenericIPAddressField(
        label=gettext_lazy("IP address"),
        widget=forms.TextInput(dict(_TYPED)),
        help_text=gettext_lazy("Of an IPv6 address its network is watched, which is one home or office."),
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=list(REASONS.items()))
    button = gettext_lazy("Watch for it")
    _AROUND: ClassVar = (("institution", "listed"), ("reason",))

    def __init__(self, *args: Any, actor: Actor, kind: ElementKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        (before, after), typed = self._AROUND, WATCHED[kind]
        for name in self.fields.keys() - {*before, *typed, *after}:
            del self.fields[name]
        last = self.fields[typed[-1]]
        last.help_text = " ".join(filter(None, (str(last.help_text), str(_NOT_KEPT))))
        places = institutions(actor, Act.WATCH_EDIT)
        self.fields["institution"].queryset = places  # type: ignore[attr-defined]
        first = list(places[:2])
        if len(first) == 1:
            self.fields["institution"].initial = first[0].public_id

    @property
    def typed(self) -> dict[str, Any]:
        """Give what was typed of whom or what is watched for, once it is clean."""
        around = {name for names in self._AROUND for name in names}
        return {name: value for name, value in self.cleaned_data.items() if name not in around}
