"""Pages of institutions."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.forms.institutions import InstitutionForm, WebhookForm
from fraud.models import Institution, WebhookEndpoint
from fraud.operations.institutions import change_institution, create_institution
from fraud.operations.webhooks import set_webhook
from fraud.queries.feeds import shown_feeds
from fraud.queries.institutions import institutions
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.language import said
from portal.core.phrases import Phrase
from portal.retention.policies import policies
from portal.retention.queries import days_kept
from portal.web.finding import fitted, found, offered
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb
from portal.web.requests import PageRequest
from portal.web.trails import timeline

INSTITUTIONS = ListPage(
    name="institutions",
    columns=(
        Column(
            "name", gettext_lazy("Institution"), "fraud/cells/institution.html", sort="name", is_main=True
        ),
        Column("code", gettext_lazy("Code"), sort="code", is_spare=True),
        Column("time_zone", gettext_lazy("Time zone"), "fraud/cells/zone.html", sort="time_zone"),
        Column("currency", gettext_lazy("Currency"), sort="currency"),
        Column("time_budget", gettext_lazy("Time budget, ms"), sort="time_budget", is_number=True),
    ),
    search=("name", "code"),
    search_label=gettext_lazy("Search institutions"),
    sort="name",
    empty=Empty(
        gettext_lazy("No institution yet"),
        gettext_lazy("An institution sends applications, and is a member of the consortium."),
        reverse_lazy("institution-new"),
        gettext_lazy("New institution"),
        "building-store",
    ),
)


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Institutions"), reverse("institutions"))]


@require(Act.INSTITUTION_READ)
def institution_list(request: PageRequest) -> HttpResponseBase:
    """List the institutions."""
    primary = offered(request, Act.INSTITUTION_EDIT, _("New institution"), reverse("institution-new"))
    page = fitted(INSTITUTIONS, request, Act.INSTITUTION_EDIT)
    choices = [Choice(_("Consortium"), reverse("standings"), "shield-check")]
    rows = institutions(request.actor)
    return page.answer(request, rows, title=_("Institutions"), primary=primary, choices=choices)


@require(Act.INSTITUTION_EDIT)
def new_institution(request: PageRequest) -> HttpResponse:
    """Set up an institution."""
    form = InstitutionForm(request.POST or None)

    def act() -> HttpResponse:
        institution = create_institution(form.facts(), by=request.actor, now=clock.now())
        messages.success(request, _("The institution %(name)s was set up.") % {"name": institution.name})
        return redirect("institution", institution.public_id)

    back = reverse("institutions")
    return form_page(request, form, act, title=_("New institution"), crumbs=_crumbs(), back_url=back)


@require(Act.INSTITUTION_READ)
def institution_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show an institution: how it is answered, and how long what it sends is kept."""
    institution = found(institutions(request.actor), public_id)
    may_edit = request.actor.may(Act.INSTITUTION_EDIT, {})
    context = {
        "title": institution.name,
        "crumbs": _crumbs(),
        "institution": institution,
        "periods": _periods(institution),
        "events": timeline(institution),
        "edit_url": reverse("institution-edit", args=[public_id]) if may_edit else "",
        "webhook": WebhookEndpoint.objects.filter(institution=institution).first(),
        "feeds": shown_feeds(institution),
        "choices": _choices(institution, request.actor),
    }
    return render(request, "fraud/institution.html", context)


def _periods(institution: Institution) -> list[tuple[str, int]]:
    own = [policy for policy in policies() if policy.per == Institution.KIND]
    return [(said(Phrase(policy.title)), days_kept(policy, institution)) for policy in own]


def _choices(institution: Institution, actor: Actor) -> list[Choice]:
    deliveries = reverse("institution-deliveries", args=[institution.public_id])
    key = reverse("institution-intake-key", args=[institution.public_id])
    found_choices = [
        Choice(_("Consortium"), reverse("standing", args=[institution.public_id]), "shield-check"),
        Choice(_("Deliveries"), deliveries, "file-text"),
        Choice(_("Key for encrypted files"), key, "lock"),
    ]
    if actor.may(Act.INSTITUTION_EDIT, institution.place):
        url = reverse("institution-webhook", args=[institution.public_id])
        found_choices.append(Choice(_("Webhook"), url, "link"))
        feed = reverse("case-feed-new", args=[institution.public_id])
        found_choices.append(Choice(_("Feed a case system"), feed, "send"))
        layouts = reverse("institution-layouts", args=[institution.public_id])
        found_choices.append(Choice(_("Default layouts"), layouts, "file-text"))
    if actor.may(Act.CLIENT_READ):
        found_choices.append(Choice(_("Clients and keys"), reverse("clients"), "key"))
    if actor.may(Act.RETENTION_READ):
        found_choices.append(Choice(_("Retention"), reverse("retention"), "clock"))
    return found_choices


@require(Act.INSTITUTION_EDIT)
def webhook(request: PageRequest, public_id: str) -> HttpResponse:
    """Say where an institution listens for what is decided later."""
    institution = found(institutions(request.actor, Act.INSTITUTION_EDIT), public_id)
    here = reverse("institution", args=[public_id])
    known = WebhookEndpoint.objects.filter(institution=institution).first()
    form = WebhookForm(request.POST or None, initial={"url": known.url if known else ""})

    def act() -> HttpResponse:
        set_webhook(institution, url=form.cleaned_data["url"], by=request.actor, now=clock.now())
        messages.success(request, _("The institution is told there from now on."))
        return redirect(here)

    return form_page(request, form, act, title=_("Webhook"), crumbs=_crumbs(), back_url=here)


@require(Act.INSTITUTION_EDIT)
def edit_institution(request: PageRequest, public_id: str) -> HttpResponse:
    """Change an institution."""
    institution = found(institutions(request.actor, Act.INSTITUTION_EDIT), public_id)
    form = InstitutionForm(request.POST or None, initial=InstitutionForm.initial_of(institution))
    here = reverse("institution", args=[public_id])

    def act() -> HttpResponse:
        change_institution(institution, form.facts(), by=request.actor, now=clock.now())
        messages.success(request, _("The institution was changed."))
        return redirect(here)

    title = _("Edit %(name)s") % {"name": institution.name}
    return form_page(request, form, act, title=title, crumbs=_crumbs(), back_url=here)
