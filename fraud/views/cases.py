"""Pages of cases: the queue, one case with its evidence, and who works on it."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fraud.forms.cases import NoteForm
from fraud.models import Case
from fraud.operations.cases.claiming import claim_case, claim_next_case, release_case
from fraud.operations.cases.noting import note_on_case
from fraud.operations.cases.opening import reopen_case
from fraud.queries.cases import all_cases, case_queue, cases, waiting_count
from fraud.views.case_filters import CaseFilters
from fraud.views.case_parts import case_context
from portal.accounts.roles import Act
from portal.audit.operations import record_reading
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.language import said
from portal.web.context import frame_of
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest

CASES = ListPage(
    name="cases",
    columns=(
        Column("priority", gettext_lazy("Score"), sort="priority", is_number=True),
        Column("application.reference", gettext_lazy("Application"), "fraud/cells/case.html", is_main=True),
        Column("reasons", gettext_lazy("Reasons"), "fraud/cells/reasons.html", is_exported=False),
        Column("institution.name", gettext_lazy("Institution"), sort="institution__name", is_spare=True),
        Column(
            "application.product",
            gettext_lazy("Product"),
            "fraud/cells/product.html",
            sort="application__product",
            is_spare=True,
        ),
        Column(
            "application.amount",
            gettext_lazy("Amount"),
            "fraud/cells/case_amount.html",
            sort="application__amount",
            is_number=True,
            is_spare=True,
        ),
        Column("tier", gettext_lazy("Known to others"), "fraud/cells/tier.html", is_spare=True),
        Column("waits_since", gettext_lazy("Since"), "portal/cells/when.html", sort="waits_since"),
        Column("state", gettext_lazy("State"), "fraud/cells/case_state.html", sort="state"),
    ),
    empty=Empty(
        gettext_lazy("No case waits"),
        gettext_lazy("An application that screening refers appears here at once, the highest score first."),
        icon="inbox",
    ),
    search=("public_id", "application__public_id", "application__reference"),
    search_label=gettext_lazy("Search cases"),
    filters=CaseFilters,
    sort="-priority",
)


@require(Act.CASE_READ)
def case_list(request: PageRequest) -> HttpResponseBase:
    """List the cases that are not decided; decided ones where a filter or a search asks for them."""
    is_wider = any(request.GET.get(name) for name in ("state", "verdict", "q"))
    rows = all_cases(request.actor) if is_wider else case_queue(request.actor)
    if scope := frame_of(request).scope:
        rows = rows.filter(institution=scope.pk)
    may_work = request.actor.may(Act.CASE_WORK)
    return CASES.answer(
        request,
        rows,
        template="fraud/cases.html",
        title=_("Cases"),
        may_work=may_work,
        waiting=waiting_count(request.actor) if may_work else 0,
        choices=_record_choices(request),
    )


def _record_choices(request: PageRequest) -> list[Choice]:
    if not request.actor.may(Act.RECORD_READ):
        return []
    records = Choice(_("Records"), reverse("records"), "shield-check")
    return [records, Choice(_("Disputes"), reverse("disputes"), "alert-triangle")]


@require(Act.CASE_WORK)
@require_POST
def claim_next(request: PageRequest) -> HttpResponse:
    """Take the next case and open it."""
    try:
        case = claim_next_case(by=request.actor, now=clock.now())
    except DomainError as error:
        messages.info(request, said(error.detail))
        return redirect("cases")
    return redirect("case", case.public_id)


@never_cache
@require(Act.CASE_READ)
def case_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a case: who is asked about, masked, why it is here, what others know, and what was done."""
    case = found(cases(request.actor), public_id)
    record_reading(request.actor, "case.read", case, now=clock.now())
    context = case_context(case, request) | {"form": NoteForm()}
    return render(request, "fraud/case.html", context)


@never_cache
@require(Act.CASE_WORK)
def note(request: PageRequest, public_id: str) -> HttpResponse:
    """Write a note on a case; what is refused comes back with the words in their field."""
    case = found(cases(request.actor, Act.CASE_WORK), public_id)
    form = NoteForm(request.POST or None)

    def act() -> HttpResponse:
        note_on_case(case, text=form.cleaned_data["text"], by=request.actor, now=clock.now())
        messages.success(request, _("The note was added."))
        return redirect("case", public_id)

    back = reverse("case", args=[public_id])
    crumbs = [Crumb(_("Cases"), reverse("cases")), Crumb(case.application.reference, back)]
    return form_page(request, form, act, title=_("Note on the case"), crumbs=crumbs, back_url=back)


@require(Act.CASE_WORK)
@require_POST
def claim(request: PageRequest, public_id: str) -> HttpResponse:
    """Take one case."""
    case = found(cases(request.actor, Act.CASE_WORK), public_id)
    claim_case(case, by=request.actor, now=clock.now())
    return redirect("case", public_id)


@require(Act.CASE_WORK)
def release(request: PageRequest, public_id: str) -> HttpResponse:
    """Give a case back to the queue, after asking."""
    case = found(cases(request.actor, Act.CASE_WORK), public_id)
    question = Question(
        title=_("Give the case of %(reference)s back?") % {"reference": case.application.reference},
        sentences=[_("It waits for the next analyst again. Your notes stay with it.")],
        button=_("Give back"),
        back_url=reverse("case", args=[public_id]),
    )

    def act(_reason: str) -> HttpResponse:
        release_case(case, by=request.actor, now=clock.now())
        messages.success(request, _("The case waits for another analyst."))
        return redirect("cases")

    return ask(request, question, act)


@require(Act.CASE_WORK)
def reopen(request: PageRequest, public_id: str) -> HttpResponse:
    """Bring a decided case back, after asking why."""
    case: Case = found(cases(request.actor, Act.CASE_WORK), public_id)
    question = Question(
        title=_("Bring the case of %(reference)s back?") % {"reference": case.application.reference},
        sentences=[
            _("It waits in the queue again. What was registered stays until another verdict says otherwise.")
        ],
        button=_("Bring back"),
        back_url=reverse("case", args=[public_id]),
        asks_reason=True,
        reason_help=_("Kept as a note on the case. Others will read it."),
    )

    def act(reason: str) -> HttpResponse:
        reopen_case(case, reason=reason, by=request.actor, now=clock.now())
        messages.success(request, _("The case is back in the queue."))
        return redirect("case", public_id)

    return ask(request, question, act)
