"""What people type to find a member, and why they have to know who it is."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from campaigns.models import Market
from campaigns.operations.members import RevealReason
from campaigns.queries.members import markets_with_members
from portal.accounts.actors import Actor
from portal.web.forms import Form, Section
from portal.web.navigation import Words

REASON_NAMES: dict[RevealReason, Words] = {
    RevealReason.MEMBER_ASKED: gettext_lazy("The member asked for it"),
    RevealReason.COMPLAINT: gettext_lazy("A complaint or a dispute"),
    RevealReason.FRAUD: gettext_lazy("Suspected fraud"),
    RevealReason.AUTHORITY: gettext_lazy("A request by an authority or a court"),
}


class MemberForm(Form):
    """One member to find."""

    market = forms.ModelChoiceField(
        label=gettext_lazy("Market"),
        queryset=Market.objects.none(),
        to_field_name="public_id",
        required=False,
        help_text=gettext_lazy("Each market knows its members by references of its own."),
    )
    member = forms.CharField(
        label=gettext_lazy("Reference or id"),
        max_length=128,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        help_text=gettext_lazy(
            "The whole reference in the brand's own system, or an id that begins with mem_."
        ),
    )
    button = gettext_lazy("Find member")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        markets = markets_with_members(actor)
        self.fields["market"].queryset = markets  # type: ignore[attr-defined]
        first = list(markets[:2])
        if len(first) == 1:
            self.fields["market"].initial = first[0].public_id


class RevealForm(Form):
    """Why somebody has to know who a member is."""

    sections = (
        Section(
            gettext_lazy("Why"),
            gettext_lazy("The trail keeps who saw the reference, when, and what you give here."),
            ("reason", "case"),
        ),
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=list(REASON_NAMES.items()))
    case = forms.CharField(
        label=gettext_lazy("Number of the case"),
        max_length=32,
        required=False,
        widget=forms.TextInput({"class": "mono", "autocomplete": "off"}),
        help_text=gettext_lazy("Such as T-4711, if there is one; no names."),
    )
    button = gettext_lazy("Show the reference")
