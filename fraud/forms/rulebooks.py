"""Forms of a rulebook: one rule, the bands of outcomes, an application to try it on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fraud.rules.decisions import HIGHEST_SCORE, Outcome
from fraud.rules.reasons import REASONS
from fraud.rules.rulebook import RulebookDocument
from fraud.rules.rulebook.document import HEAVIEST, Bands, Condition, Rule
from portal.core.language import said
from portal.web.forms import Form, Section, dress

OUTCOME_NAMES = {
    Outcome.CLEAR: pgettext_lazy("outcome", "Clear"),
    Outcome.REVIEW: pgettext_lazy("outcome", "Review"),
    Outcome.REFER: pgettext_lazy("outcome", "Refer"),
}


def _reasons() -> list[tuple[str, Any]]:
    return [("", _("No reason")), *((code, said(words)) for code, words in REASONS.items())]


class RuleForm(Form):
    """A rule but for its condition, which has lines of its own."""

    button = _("Save rule")
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What analysts read, such as “Strong hit”.")
    )
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=-HEAVIEST,
        max_value=HEAVIEST,
        help_text=_(
            "Added to the score, from −1,000 to 1,000; below zero it speaks in the applicant’s favour."
        ),
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=_reasons,
        required=False,
        help_text=_("What a letter to the applicant may say. A rule that raises the score needs one."),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Why it is so."),
    )
    is_on = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    @staticmethod
    def initial_of(rule: Rule) -> dict[str, Any]:
        """Give the values of a rule that exists."""
        return {name: getattr(rule, name) for name in ("name", "weight", "reason", "note", "is_on")}

    def rule(self, when: Condition) -> Rule:
        """Give the rule, once the form is valid."""
        given = self.cleaned_data
        return Rule(
            name=given["name"],
            when=when,
            weight=given["weight"],
            reason=given["reason"],
            note=given["note"],
            is_on=given["is_on"],
        )


class BandsForm(Form):
    """The scores from which an application is reviewed and referred."""

    button = _("Save bands")
    review = forms.IntegerField(label=_("Review from"), min_value=1, max_value=HIGHEST_SCORE)
    refer = forms.IntegerField(label=_("Refer from"), min_value=1, max_value=HIGHEST_SCORE)
    consortium_alone = forms.ChoiceField(
        label=_("The consortium alone leads at most to"),
        choices=list(OUTCOME_NAMES.items()),
        help_text=_("However high the score, evidence of others reaches no graver outcome by itself."),
    )
    sections = (
        Section(
            _("Outcomes"),
            _("The score is the sum of all weights that apply, from 0 to 1,000."),
            ("review", "refer", "consortium_alone"),
        ),
    )

    @staticmethod
    def initial_of(document: RulebookDocument) -> dict[str, Any]:
        """Give the values of a document."""
        bands = document.bands
        return {
            "review": bands.review,
            "refer": bands.refer,
            "consortium_alone": document.consortium_alone.value,
        }

    def bands(self) -> Bands:
        return Bands(review=self.cleaned_data["review"], refer=self.cleaned_data["refer"])


class TryForm(Form):
    """Which application to try the draft on."""

    button = _("Try it")
    reference = forms.CharField(
        label=_("Reference"),
        max_length=64,
        help_text=_("The institution’s own reference of an application, or its id."),
    )


class BacktestForm(Form):
    """Which version to try on the past, and how far back."""

    button = _("Start")
    units = {"days": _("days")}
    days = forms.IntegerField(
        label=_("Look back"),
        min_value=1,
        max_value=365,
        initial=30,
        help_text=_("Applications that arrived in so many days before now, 365 at most."),
    )

    def __init__(self, numbers: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"] = forms.TypedChoiceField(
            label=_("Version"),
            coerce=int,
            choices=numbers,
            help_text=_("A draft must not be saved anew while it is tried."),
        )
        self.order_fields(["version", "days"])
        dress(self)
