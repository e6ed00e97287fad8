"""Pages of applications: all of them, one, who applied for those who may know, and finding somebody again."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from fraud.forms.cases import LookUpForm, RevealForm
from fraud.models import Application, Institution
from fraud.operations.cases.revealing import RevealReason, reveal_party
from fraud.operations.look_ups import look_up_applications
from fraud.queries.applications_listed import applications
from fraud.queries.institutions import institutions
from fraud.queries.typed import tokens_of_typed
from fraud.rules.decisions import Outcome
from fraud.rules.masking import open_fields
from fraud.views.case_parts import application_context
from fraud.views.words import FIELDS, PRODUCTS, ROLES, field_value
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.audit.operations import record_reading
from portal.core import clock
from portal.core.errors import InvalidError
from portal.keys.sealed import ErasedError
from portal.web.context import frame_of
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb
from portal.web.requests import PageRequest, actor_behind
from portal.web.states import look


def _institutions(request: HttpRequest) -> QuerySet[Institution]:
    return institutions(actor_behind(request), Act.APPLICATION_READ)


def _outcomes() -> list[tuple[str, Any]]:
    return [(outcome.value, look(outcome)[1]) for outcome in Outcome]


class ApplicationFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By the whole reference, outcome, institution and product."""

    reference = django_filters.CharFilter(label=gettext_lazy("Whole reference"), lookup_expr="exact")
    outcome = django_filters.ChoiceFilter(label=gettext_lazy("Outcome"), choices=_outcomes)
    institution = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Institution"), queryset=_institutions, to_field_name="public_id"
    )
    product = django_filters.ChoiceFilter(label=gettext_lazy("Product"), choices=list(PRODUCTS.items()))


APPLICATIONS = ListPage(
    name="applications",
    columns=(
        Column("reference", gettext_lazy("Application"), "fraud/cells/application.html", is_main=True),
        Column("outcome", gettext_lazy("Outcome"), "fraud/cells/outcome.html"),
        Column("score", gettext_lazy("Score"), "fraud/cells/score.html", is_number=True),
        Column("institution.name", gettext_lazy("Institution"), is_spare=True),
        Column("product", gettext_lazy("Product"), "fraud/cells/product.html", is_spare=True),
        Column("amount", gettext_lazy("Amount"), "fraud/cells/amount.html", is_number=True, is_spare=True),
        Column("arrived_at", gettext_lazy("Arrived"), "portal/cells/when.html"),
    ),
    empty=Empty(
        gettext_lazy("No application yet"),
        gettext_lazy("Applications arrive by the API, one by one, or in submissions."),
        icon="file-text",
    ),
    filters=ApplicationFilters,
    sort="-pk",
    most=10_000,
)


@require(Act.APPLICATION_READ)
def application_list(request: PageRequest) -> HttpResponseBase:
    """List the newest applications; a reference finds any."""
    rows = applications(request.actor)
    if scope := frame_of(request).scope:
        rows = rows.filter(institution=scope.pk)
    choice = Choice(_("Find somebody"), reverse("application-look-up"), "search")
    return APPLICATIONS.answer(request, rows, title=_("Applications"), primary=choice)


@never_cache
@require(Act.APPLICATION_READ)
def application_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show an application, its people behind masks; who opened the page is written down."""
    application = found(applications(request.actor), public_id)
    record_reading(request.actor, "application.read", application, now=clock.now())
    context = application_context(application, request) | {
        "title": application.reference,
        "crumbs": _crumbs(),
        "case": _case_of(application, request.actor),
        "choices": _choices(application, request.actor),
    }
    return render(request, "fraud/application.html", context)


def _case_of(application: Application, actor: Actor) -> object:
    may_see = actor.may(Act.CASE_READ, application.place)
    return getattr(application, "case", None) if may_see else None


def _crumbs(application: Application | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Applications"), reverse("applications"))]
    if application is not None:
        here = reverse("application", args=[application.public_id])
        crumbs.append(Crumb(application.reference, here))
    return crumbs


def _choices(application: Application, actor: Actor) -> list[Choice]:
    found_choices = []
    if actor.may(Act.TRAIL_READ, application.place):
        url = f"{reverse('trail')}?subject={application.public_id}"
        found_choices.append(Choice(_("History in the trail"), url, "history"))
    if actor.may(Act.SUBJECT_ACCESS, application.place):
        url = reverse("subject", args=[application.public_id])
        found_choices.append(Choice(_("Hand out or erase what is held"), url, "file-text"))
    return found_choices


@never_cache
@require(Act.APPLICANT_REVEAL)
def reveal(request: PageRequest, public_id: str, party: int) -> HttpResponse:
    """Show who applied, this once, after asking why; no redirect could carry it."""
    application = found(applications(request.actor, Act.APPLICANT_REVEAL), public_id)
    if application.erased_at is not None:
        raise ErasedError
    form = RevealForm(request.POST or None)

    def act() -> HttpResponse:
        reason = RevealReason(form.cleaned_data["reason"])
        person = reveal_party(application, party, reason=reason, by=request.actor, now=clock.now())
        fields = [(FIELDS[name], field_value(name, value)) for name, value in open_fields(person)]
        shown = {"application": application, "fields": fields, "role": ROLES[person.role]}
        shown |= {"title": _("Who applied"), "crumbs": _crumbs(application)}
        return render(request, "fraud/application_revealed.html", shown)

    back = reverse("application", args=[public_id])
    return form_page(
        request, form, act, title=_("See who applied"), crumbs=_crumbs(application), back_url=back
    )


@never_cache
@require(Act.APPLICATION_READ)
def look_up(request: PageRequest) -> HttpResponse:
    """Find applications by a number or address; it travels in the body of a POST, so that no log keeps it."""
    form = LookUpForm(request.POST or None, initial={"case": request.GET.get("case", "")[:40]})

    def act() -> HttpResponse:
        given = form.cleaned_data
        places = list(institutions(request.actor, Act.APPLICATION_READ))
        tokens = tokens_of_typed(places, given["what"], given["value"])
        if not tokens:
            raise InvalidError.of("value", _("This cannot be one. Check it, digit by digit."))
        rows = look_up_applications(
            tokens, kind=given["what"], case=given["case"], by=request.actor, now=clock.now()
        )
        shown = {"title": _("Applications found"), "crumbs": _crumbs(), "rows": rows}
        return render(request, "fraud/applications_found.html", shown)

    return form_page(
        request,
        form,
        act,
        template="fraud/look_up.html",
        title=_("Find somebody"),
        crumbs=_crumbs(),
        back_url=reverse("applications"),
    )
