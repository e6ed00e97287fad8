"""Pages of where institutions stand in the consortium: look-ups, records given for them, quotas."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.forms.records import QuotaForm
from fraud.models import Standing
from fraud.operations.standings import want_quota
from fraud.queries.disputes import canaries_met, standings
from fraud.queries.institutions import institutions
from fraud.rules.standing import reciprocity
from portal.accounts.roles import Act
from portal.core import clock
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest

STANDINGS = ListPage(
    name="consortium",
    columns=(
        Column("institution.name", gettext_lazy("Institution"), "fraud/cells/standing.html", is_main=True),
        Column("asked_today", gettext_lazy("Look-ups today"), sort="asked_today", is_number=True),
        Column("quota", gettext_lazy("Quota a day"), sort="quota", is_number=True, is_spare=True),
        Column("asked", gettext_lazy("Look-ups in 30 days"), sort="asked", is_number=True),
        Column("given", gettext_lazy("Records in 30 days"), sort="given", is_number=True),
        Column("ratio", gettext_lazy("Records for 1,000 look-ups"), "fraud/cells/ratio.html", is_number=True),
        Column("heard_at", gettext_lazy("Last heard"), "portal/cells/when.html", is_spare=True),
    ),
    empty=Empty(
        gettext_lazy("Nobody has asked yet"),
        gettext_lazy("An institution becomes a member with its first application, or its first record."),
        icon="building-store",
    ),
    search=("institution__name",),
    sort="-asked",
)


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Institutions"), reverse("institutions"))]


@require(Act.INSTITUTION_READ)
def standing_list(request: PageRequest) -> HttpResponseBase:
    """List what each member asked and gave."""
    rows = standings(request.actor)
    return STANDINGS.answer(request, rows, title=_("Consortium"), crumbs=_crumbs())


@require(Act.INSTITUTION_READ)
def standing(request: PageRequest, public_id: str) -> HttpResponse:
    """Show where one institution stands."""
    institution = found(institutions(request.actor), public_id)
    row = standings(request.actor).filter(pk=institution.pk).first() or Standing(institution=institution)
    # Who knows how many bait records were met could tell which ones they are.
    may_edit = request.actor.may(Act.INSTITUTION_EDIT, {})
    context = {
        "title": _("Consortium"),
        "crumbs": [*_crumbs(), Crumb(institution.name, reverse("institution", args=[public_id]))],
        "institution": institution,
        "standing": row,
        "share": min(100, round(100 * row.asked_today / row.quota)) if row.quota else 0,
        "ratio": reciprocity(row.asked, row.given),
        "may_edit": may_edit,
        "canaries": canaries_met(institution) if may_edit else None,
    }
    return render(request, "fraud/standing.html", context)


@require(Act.INSTITUTION_EDIT)
def quota(request: PageRequest, public_id: str) -> HttpResponse:
    """Set how much an institution may ask in a day."""
    institution = found(institutions(request.actor, Act.INSTITUTION_EDIT), public_id)
    row = Standing.objects.filter(institution=institution).first()
    form = QuotaForm(request.POST or None, initial={"quota": row.wanted_quota if row else None})

    def act() -> HttpResponse:
        want_quota(institution, quota=form.cleaned_data["quota"], by=request.actor, now=clock.now())
        messages.success(request, _("The quota is set. The consortium is told in a moment."))
        return redirect("standing", public_id)

    here = reverse("standing", args=[public_id])
    crumbs = [*_crumbs(), Crumb(institution.name, reverse("institution", args=[public_id]))]
    return form_page(request, form, act, title=_("Quota of look-ups"), crumbs=crumbs, back_url=here)
