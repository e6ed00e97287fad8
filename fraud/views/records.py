"""Pages of records of one's own: what was told to the consortium, corrected and retracted."""

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.forms.records import CorrectionForm
from fraud.models import Contribution, Institution
from fraud.operations.records import correct_record, retract_record
from fraud.queries.disputes import own_records
from fraud.queries.institutions import institutions
from fraud.rules.cases import ContributionState
from fraud.views.words import FRAUD_TYPES, PROOFS, RECORD_ROLES
from portal.accounts.roles import Act
from portal.core import clock
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest, actor_behind
from portal.web.states import look

NAMED = {
    "fraud_type": list(FRAUD_TYPES.items()),
    "role": list(RECORD_ROLES.items()),
    "proof": list(PROOFS.items()),
}


def _institutions(request: HttpRequest) -> QuerySet[Institution]:
    return institutions(actor_behind(request), Act.RECORD_READ)


def _states() -> list[tuple[str, Any]]:
    return [(state.value, look(state)[1]) for state in ContributionState]


class RecordFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By state and institution."""

    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=_states)
    institution = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Institution"), queryset=_institutions, to_field_name="public_id"
    )


RECORDS = ListPage(
    name="records",
    columns=(
        Column("fraud_type", gettext_lazy("Fraud"), "fraud/cells/record.html", is_main=True),
        Column("state", gettext_lazy("State"), "fraud/cells/record_state.html", sort="state"),
        Column("made_at", gettext_lazy("Since"), "portal/cells/when.html", sort="made_at"),
        Column("expires_on", gettext_lazy("Shown until"), "fraud/cells/record_expiry.html"),
        Column("institution.name", gettext_lazy("Institution"), is_spare=True),
        Column("public_id", gettext_lazy("Change"), "fraud/cells/record_acts.html", is_exported=False),
    ),
    empty=Empty(
        gettext_lazy("No record yet"),
        gettext_lazy(
            "What two analysts find to be fraud is registered with the consortium and appears here."
        ),
        icon="shield-check",
    ),
    search=("public_id", "record", "case__public_id"),
    filters=RecordFilters,
    sort="-pk",
)


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Records"), reverse("records"))]


@require(Act.RECORD_READ)
def record_list(request: PageRequest) -> HttpResponseBase:
    """List what was told to the consortium."""
    primary = Choice(_("Disputes"), reverse("disputes"), "alert-triangle")
    return RECORDS.answer(request, own_records(request.actor), title=_("Records"), primary=primary)


@require(Act.RECORD_EDIT)
def correct(request: PageRequest, public_id: str) -> HttpResponse:
    """Say what is right of a record."""
    contribution: Contribution = found(own_records(request.actor, Act.RECORD_EDIT), public_id)
    facts = {name: getattr(contribution, name) for name in NAMED}
    form = CorrectionForm(request.POST or None, named=NAMED, initial=facts)

    def act() -> HttpResponse:
        correct_record(contribution, form.correction, by=request.actor, now=clock.now())
        messages.success(request, _("The record is being corrected. Whoever was told of it is told again."))
        return redirect("records")

    back = reverse("records")
    return form_page(request, form, act, title=_("Correct the record"), crumbs=_crumbs(), back_url=back)


@require(Act.RECORD_EDIT)
def retract(request: PageRequest, public_id: str) -> HttpResponse:
    """Take a record back, after asking."""
    contribution: Contribution = found(own_records(request.actor, Act.RECORD_EDIT), public_id)
    question = Question(
        title=_("Retract this record?"),
        sentences=[
            _("No member is told of it any more, and whoever was told learns that it is gone."),
            _("The verdict on the case stays. To change that, bring the case back."),
        ],
        button=_("Retract record"),
        back_url=reverse("records"),
        is_grave=True,
    )

    def act(_reason: str) -> HttpResponse:
        retract_record(contribution, by=request.actor, now=clock.now())
        messages.success(request, _("The record is being retracted."))
        return redirect("records")

    return ask(request, question, act)
