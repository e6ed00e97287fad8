"""The form of a feed: which records go to an institution's own case system, by which way."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fraud.forms.rulebooks import OUTCOME_NAMES
from fraud.models import Mapping
from fraud.operations.feeds import FeedFacts
from fraud.rules.decisions import Outcome
from fraud.rules.feeds import Channel
from portal.web.forms import Form, Section

CHANNELS = [
    (Channel.WEBHOOK.value, _("Signed webhook")),
    (Channel.FOLDER.value, _("Encrypted files in its folder")),
]


class FeedForm(Form):
    """How a case system is fed."""

    button = _("Ask a second person")
    mapping = forms.ModelChoiceField(
        queryset=Mapping.objects.none(),
        to_field_name="public_id",
        label=_("Mapping"),
        help_text=_("A published mapping for a case system; it decides what leaves."),
    )
    outcomes = forms.MultipleChoiceField(
        label=_("Outcomes"),
        choices=[(each.value, OUTCOME_NAMES[each]) for each in Outcome],
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Applications with one of these leave when they are screened, and again when that changes."
        ),
    )
    channel = forms.ChoiceField(label=_("Way"), choices=CHANNELS, widget=forms.RadioSelect)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        required=False,
        widget=forms.URLInput({"autocomplete": "off"}),
        help_text=_("Of a webhook: begins with https://. What goes there is signed by us."),
    )
    recipient = forms.CharField(
        label=_("age public key"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Of a folder: files are encrypted for this key (age1…), and nobody else can open them."),
    )
    sections = (
        Section(
            _("What leaves"), _("Records of applicants, as the mapping writes them."), ["mapping", "outcomes"]
        ),
        Section(
            _("Where it goes"), _("To the institution’s own case system."), ["channel", "url", "recipient"]
        ),
    )

    def __init__(self, *args: Any, mappings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].queryset = mappings  # type: ignore[attr-defined]
        self.fields["mapping"].label_from_instance = lambda mapping: mapping.name  # type: ignore[attr-defined]

    def facts(self) -> FeedFacts:
        """Give what the operation takes, with only what its way reads."""
        given = self.cleaned_data
        channel = Channel(given["channel"])
        is_folder = channel is Channel.FOLDER
        return FeedFacts(
            mapping=given["mapping"],
            channel=channel,
            outcomes=[Outcome(each) for each in given["outcomes"]],
            url="" if is_folder else given["url"],
            recipient=given["recipient"] if is_folder else "",
        )
