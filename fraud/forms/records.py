"""What people type about disputes, about records of their own, and about quotas."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from fraud.operations.records import Correction
from fraud.rules.cases import Proof
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.disputes import DisputeReason
from fraud.rules.standing import MOST_QUOTA
from portal.web.forms import CountField, Form, Section
from portal.web.navigation import Words

DISPUTE_REASONS: dict[str, Words] = {
    DisputeReason.ANOTHER_PERSON: gettext_lazy("It is another person with similar details"),
    DisputeReason.MISUSED: gettext_lazy("Somebody else used the person’s details"),
    DisputeReason.WRONG_FACTS: gettext_lazy("What it says of the person is wrong"),
    DisputeReason.CLEARED: gettext_lazy("A court or the police found otherwise"),
}


class DisputeForm(Form):
    """Why what the consortium told is wrong."""

    sections = (
        Section(
            gettext_lazy("Why"),
            gettext_lazy(
                "Whoever registered the record learns this reason and no more: not who you are, nor about whom you "
                "ask. They have thirty days to confirm, correct or retract it; what they do not answer for is shown "
                "no more."
            ),
            ("reason",),
        ),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=list(DISPUTE_REASONS.items()), widget=forms.RadioSelect
    )
    button = gettext_lazy("Dispute this")


class CorrectionForm(Form):
    """What is right of a record."""

    fraud_type = forms.ChoiceField(
        label=gettext_lazy("Type of fraud"),
    )
    role = forms.ChoiceField(label=gettext_lazy("What the person was in it"))
    proof = forms.ChoiceField(label=gettext_lazy("Proof"))
    button = gettext_lazy("Correct the record")

    def __init__(self, *args: Any, named: dict[str, list[tuple[str, Words]]], **kwargs: Any) -> None:
        """*named*: the choices of each field in words."""
        super().__init__(*args, **kwargs)
        for name, choices in named.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def correction(self) -> Correction:
        """Give what is right, once it is clean."""
        given: dict[str, Any] = self.cleaned_data
        return Correction(
            fraud_type=FraudType(given["fraud_type"]),
            role=RecordRole(given["role"]),
            proof=Proof(given["proof"]),
        )


class QuotaForm(Form):
    """How much an institution may ask of the consortium."""

    quota = CountField(
        label=gettext_lazy("Applications a day"),
        required=False,
        min_value=0,
        max_value=MOST_QUOTA,
        help_text=gettext_lazy("Empty: as many as every member may."),
    )
    button = gettext_lazy("Set quota")
