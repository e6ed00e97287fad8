"""The page of a verdict: clear or unsure at once, fraud with what was found, for a second analyst."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from fraud.forms.cases import Named, VerdictForm, registrable
from fraud.models import Case
from fraud.operations.cases.deciding import decide_case, find_fraud
from fraud.queries.applicants import masked
from fraud.queries.cases import cases
from fraud.rules.cases import Verdict
from fraud.views.words import (
    FRAUD_TYPES,
    PROOFS,
    RECORD_ROLES,
    ROLES,
    VERDICTS,
    kind_words,
)
from portal.accounts.roles import Act
from portal.core import clock
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest


@never_cache
@require(Act.CASE_WORK)
def decide(request: PageRequest, public_id: str) -> HttpResponse:
    """Decide a case that one works on."""
    case = found(cases(request.actor, Act.CASE_WORK), public_id)
    form = VerdictForm(request.POST or None, named=_named(case), initial=_initial(case))

    def act() -> HttpResponse:
        verdict = Verdict(form.cleaned_data["verdict"])
        if verdict == Verdict.FRAUD:
            find_fraud(case, form.finding, by=request.actor, now=clock.now())
            messages.success(
                request, _("A second analyst was asked. Nothing is registered before they agree.")
            )
        else:
            decide_case(case, verdict=verdict, by=request.actor, now=clock.now())
            messages.success(request, _("The case is decided."))
        return redirect("case", public_id)

    here = reverse("case", args=[public_id])
    crumbs = [Crumb(_("Cases"), reverse("cases")), Crumb(case.application.reference, here)]
    return form_page(request, form, act, title=_("Decide the case"), crumbs=crumbs, back_url=here)


def _named(case: Case) -> dict[str, Named]:
    parties = masked(case.application)
    return {
        "verdict": list(VERDICTS.items()),
        "fraud_type": list(FRAUD_TYPES.items()),
        "role": list(RECORD_ROLES.items()),
        "proof": list(PROOFS.items()),
        "party": [
            (str(number), f"{ROLES[party.role]} · {party.fields[0][1]}")
            for number, party in enumerate(parties)
        ],
        "kinds": [(kind, kind_words(kind)) for kind in registrable(set())],
    }


def _initial(case: Case) -> dict[str, object]:
    """What the first analyst found before a second one would not confirm it."""
    kinds = case.kinds or registrable(set())
    facts = {"fraud_type": case.fraud_type, "role": case.fraud_role, "proof": case.proof}
    return {**facts, "party": str(case.party), "kinds": kinds}
