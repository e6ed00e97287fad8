"""What analysts type: verdicts, notes, why they must see somebody, and whom they look for."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.operations.cases.deciding import Finding
from fraud.operations.cases.revealing import RevealReason
from fraud.rules.cases import Proof, Verdict
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.elements import REGISTRY_KINDS, ElementKind
from portal.web.forms import CHOOSE, Form, Section
from portal.web.navigation import Words

REASON_NAMES: dict[str, Words] = {
    RevealReason.CASE: gettext_lazy("To decide the case"),
    RevealReason.CALL_BACK: gettext_lazy("To call the applicant back"),
    RevealReason.VICTIM: gettext_lazy("Somebody says that they never applied"),
    RevealReason.AUTHORITY: gettext_lazy("A request by an authority or a court"),
}
Named = list[tuple[str, Words]]


class NoteForm(Form):
    """A note on a case."""

    text = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=4_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Sealed with the application; it goes when the applicant is erased."),
    )
    button = gettext_lazy("Add note")


class RevealForm(Form):
    """Why somebody has to see who applied."""

    sections = (
        Section(
            gettext_lazy("Why"),
            gettext_lazy("The trail keeps who saw the applicant, when, and what you give here."),
            ("reason",),
        ),
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=list(REASON_NAMES.items()))
    button = gettext_lazy("Show the applicant")


class VerdictForm(Form):
    """A verdict; what lies under fraud is asked for that verdict alone."""

    sections = (
        Section(
            gettext_lazy("Verdict"),
            gettext_lazy("Clear and unsure end the case. Fraud waits for a second analyst."),
            ("verdict",),
        ),
        Section(
            gettext_lazy("For fraud"),
            gettext_lazy("Leave this empty for another verdict. Other members learn the type and the month."),
            ("fraud_type", "role", "proof", "party", "kinds"),
        ),
    )
    verdict = forms.ChoiceField(label=gettext_lazy("Verdict"), widget=forms.RadioSelect)
    fraud_type = forms.ChoiceField(label=gettext_lazy("Type of fraud"), required=False)
    role = forms.ChoiceField(
        label=gettext_lazy("What the person was in it"),
        required=False,
        help_text=gettext_lazy("A victim’s details are watched, and are no reason to suspect them."),
    )
    proof = forms.ChoiceField(label=gettext_lazy("Proof"), required=False)
    party = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Registered with the consortium"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only as keyed tokens. Leave out what is not the person’s own."),
    )
    button = gettext_lazy("Decide case")

    def __init__(self, *args: Any, named: dict[str, Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in named.items():
            field: Any = self.fields[name]
            is_optional = name in {"fraud_type", "role", "proof"}
            field.choices = [("", CHOOSE), *choices] if is_optional else choices

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("verdict") != Verdict.FRAUD:
            return given
        for name in ("fraud_type", "role", "proof", "party"):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, _("Needed for a verdict of fraud."))
        if not given.get("kinds") and "kinds" not in self.errors:
            self.add_error("kinds", _("Choose what is registered; a record without elements finds nobody."))
        return given

    @property
    def finding(self) -> Finding:
        """Give what was found, from a valid form whose verdict is fraud."""
        given = self.cleaned_data
        return Finding(
            fraud_type=FraudType(given["fraud_type"]),
            role=RecordRole(given["role"]),
            proof=Proof(given["proof"]),
            party=int(given["party"]),
            kinds=[ElementKind(kind) for kind in given["kinds"]],
        )


def registrable(kinds: set[str]) -> list[str]:
    """Give those of some kinds of elements that may leave for the consortium, in their order."""
    return [str(kind) for kind in ElementKind if kind in REGISTRY_KINDS and (not kinds or str(kind) in kinds)]


class LookUpForm(Form):
    """Somebody to find among applications."""

    WHATS = (
        ("national_id", gettext_lazy("Social insurance number")),
        ("phone", gettext_lazy("Telephone")),
        ("email", gettext_lazy("E-mail")),
    )
    what = forms.ChoiceField(label=gettext_lazy("Known by"), choices=WHATS)
    value = forms.CharField(
        label=gettext_lazy("Number or address"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        help_text=gettext_lazy("What you type becomes a keyed token and is not kept."),
    )
    case = forms.CharField(
        label=gettext_lazy("For the case"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"class": "mono", "autocomplete": "off"}),
        help_text=gettext_lazy("Its id, such as cas_…. A look-up without a case opens an alert."),
    )
    button = gettext_lazy("Find applications")
