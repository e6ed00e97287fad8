"""What people type to have an institution watch for somebody or something."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from fraud.models import Institution
from fraud.queries.institutions import institutions
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


class WatchForm(Form):
    """One thing to watch for."""

    WHATS = (
        ("national_id", gettext_lazy("Social insurance number")),
        ("phone", gettext_lazy("Telephone")),
        ("email", gettext_lazy("E-mail")),
    )
    institution = forms.ModelChoiceField(
        label=gettext_lazy("Institution"),
        queryset=Institution.objects.none(),
        to_field_name="public_id",
        help_text=gettext_lazy("Only its own applications are compared."),
    )
    listed = forms.ChoiceField(label=gettext_lazy("List"), choices=list(LISTS.items()))
    what = forms.ChoiceField(label=gettext_lazy("What"), choices=WHATS)
    value = forms.CharField(
        label=gettext_lazy("Number or address"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        help_text=gettext_lazy("What you type becomes a keyed token and is not kept."),
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=list(REASONS.items()))
    button = gettext_lazy("Watch for it")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = institutions(actor, Act.WATCH_EDIT)
        self.fields["institution"].queryset = places  # type: ignore[attr-defined]
        first = list(places[:2])
        if len(first) == 1:
            self.fields["institution"].initial = first[0].public_id
