"""Pages about the files that an institution sends: layouts that count by default, and the key to encrypt them to."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from fraud.forms.files import DefaultLayoutsForm, ReplaceKeyForm
from fraud.models import Institution, IntakeKey
from fraud.operations.institutions import set_default_layouts
from fraud.operations.submissions.keys import make_intake_key, replace_intake_key
from fraud.queries.institutions import institutions, intake_keys
from fraud.queries.layouts import client_layouts, layouts_of
from portal.accounts.roles import Act
from portal.core import clock
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest


def _crumbs(institution: Institution) -> list[Crumb]:
    here = reverse("institution", args=[institution.public_id])
    return [Crumb(_("Institutions"), reverse("institutions")), Crumb(institution.name, here)]


@require(Act.INSTITUTION_EDIT)
def default_layouts(request: PageRequest, public_id: str) -> HttpResponse:
    """Say by which mappings files are read whose sender names none."""
    institution = found(institutions(request.actor, Act.INSTITUTION_EDIT), public_id)
    here = reverse("institution", args=[public_id])
    form = DefaultLayoutsForm(
        layouts_of(institution),
        client_layouts(institution),
        request.POST or None,
        initial={"layout": institution.default_layout},
    )

    def act() -> HttpResponse:
        chosen, by_client = form.cleaned_data["layout"], form.by_client()
        set_default_layouts(institution, chosen, by_client, by=request.actor, now=clock.now())
        messages.success(request, _("Files without a layout are read this way from now on."))
        return redirect(here)

    return form_page(
        request, form, act, title=_("Default layouts"), crumbs=_crumbs(institution), back_url=here
    )


@require(Act.INSTITUTION_READ)
def intake_key(request: PageRequest, public_id: str) -> HttpResponse:
    """Show the key to which an institution encrypts its files, how to use it, and the ones before."""
    institution = found(institutions(request.actor), public_id)
    keys, now = list(intake_keys(institution)), clock.now()
    current = next((key for key in keys if key.closes_at is None), None)
    context = {
        "title": _("Key for encrypted files"),
        "crumbs": _crumbs(institution),
        "institution": institution,
        "zone": institution.time_zone,
        "current": current,
        "earlier": [(key, _state(key, now)) for key in keys if key.closes_at is not None],
        "choices": _choices(institution, current, request),
        "make_url": _make_url(institution, current, request),
    }
    return render(request, "fraud/intake_key.html", context)


def _state(key: IntakeKey, now: object) -> str:
    if key.erased_at is not None:
        return "erased"
    return "open" if key.closes_at is not None and key.closes_at > now else "closed"  # type: ignore[operator]


def _choices(institution: Institution, current: IntakeKey | None, request: PageRequest) -> list[Choice]:
    if current is None or not request.actor.may(Act.INSTITUTION_EDIT, institution.place):
        return []
    url = reverse("institution-intake-key-replace", args=[institution.public_id])
    return [Choice(_("Replace key"), url, "refresh")]


def _make_url(institution: Institution, current: IntakeKey | None, request: PageRequest) -> str:
    if current is not None or not request.actor.may(Act.INSTITUTION_EDIT, institution.place):
        return ""
    return reverse("institution-intake-key-make", args=[institution.public_id])


@require(Act.INSTITUTION_EDIT)
def make_key(request: PageRequest, public_id: str) -> HttpResponse:
    """Make the key to which an institution encrypts its files."""
    institution = found(institutions(request.actor, Act.INSTITUTION_EDIT), public_id)
    here = reverse("institution-intake-key", args=[public_id])

    def carry_out(_reason: str) -> HttpResponse:
        make_intake_key(institution, by=request.actor, now=clock.now())
        messages.success(request, _("The key was made. Its secret half never leaves this system."))
        return redirect(here)

    sentence = _("Files that are encrypted to it can be sent through each door and are opened here alone.")
    return ask(request, Question(_("Make a key for files?"), [sentence], _("Make key"), here), carry_out)


@require(Act.INSTITUTION_EDIT)
def replace_key(request: PageRequest, public_id: str) -> HttpResponse:
    """Make a new key; the one until now opens files for some days more."""
    institution = found(institutions(request.actor, Act.INSTITUTION_EDIT), public_id)
    here = reverse("institution-intake-key", args=[public_id])
    form = ReplaceKeyForm(request.POST or None)

    def act() -> HttpResponse:
        days = form.cleaned_data["overlap_days"]
        replace_intake_key(institution, overlap_days=days, by=request.actor, now=clock.now())
        messages.success(request, _("The key was replaced. Hand the new one to whoever sends files."))
        return redirect(here)

    return form_page(request, form, act, title=_("Replace key"), crumbs=_crumbs(institution), back_url=here)
