"""Pages of disputes: raised from a case about what was told, received about a record of one's own, and answered."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.forms.records import DISPUTE_REASONS, CorrectionForm, DisputeForm
from fraud.models import Application, Dispute
from fraud.operations.disputes import answer_dispute, raise_dispute
from fraud.queries.cases import cases
from fraud.queries.disputes import disputes
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.disputes import DisputeAnswer, DisputeReason, DisputeSide, DisputeState
from fraud.views.records import NAMED
from fraud.views.words import FRAUD_TYPES, RECORD_ROLES
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.errors import NotFoundError
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Crumb, Question, ask
from portal.web.requests import PageRequest
from portal.web.trails import timeline

DISPUTES = ListPage(
    name="disputes",
    columns=(
        Column("fraud_type", gettext_lazy("Fraud"), "fraud/cells/dispute.html", is_main=True),
        Column("side", gettext_lazy("Whose record"), "fraud/cells/dispute_side.html", sort="side"),
        Column("state", gettext_lazy("State"), "fraud/cells/dispute_state.html", sort="state"),
        Column("due_on", gettext_lazy("Answer until"), sort="due_on"),
        Column("institution.name", gettext_lazy("Institution"), is_spare=True),
        Column("made_at", gettext_lazy("Since"), "portal/cells/when.html", sort="made_at", is_spare=True),
    ),
    empty=Empty(
        gettext_lazy("Nothing is disputed"),
        gettext_lazy(
            "A hit is disputed from the page of its case; disputes of your own records come by themselves."
        ),
        icon="alert-triangle",
    ),
    search=("public_id", "record", "application__public_id"),
    sort="-pk",
)


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Records"), reverse("records")), Crumb(_("Disputes"), reverse("disputes"))]


@require(Act.RECORD_READ)
def dispute_list(request: PageRequest) -> HttpResponseBase:
    """List disputes of both sides."""
    return DISPUTES.answer(request, disputes(request.actor), title=_("Disputes"), crumbs=_crumbs()[:1])


@require(Act.RECORD_READ)
def dispute_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a dispute, and what may be answered."""
    dispute: Dispute = found(disputes(request.actor), public_id)
    is_ours = dispute.side == DisputeSide.RECEIVED and dispute.state == DisputeState.ASKED
    context = {
        "title": FRAUD_TYPES[dispute.fraud_type],
        "crumbs": _crumbs(),
        "dispute": dispute,
        "role": RECORD_ROLES[dispute.role],
        "reason": DISPUTE_REASONS[dispute.reason],
        "is_received": dispute.side == DisputeSide.RECEIVED,
        "may_answer": is_ours and request.actor.may(Act.RECORD_EDIT, dispute.place),
        "case": getattr(dispute.application, "case", None) or getattr(dispute.contribution, "case", None),
        "events": timeline(dispute),
    }
    return render(request, "fraud/dispute.html", context)


@require(Act.CASE_WORK)
def raise_from_case(request: PageRequest, public_id: str, fraud_type: str, role: str) -> HttpResponse:
    """Dispute what the consortium told of a case."""
    application: Application = found(cases(request.actor, Act.CASE_WORK), public_id).application
    if fraud_type not in FRAUD_TYPES or role not in RECORD_ROLES:
        raise NotFoundError(_("There is no such record."))
    form = DisputeForm(request.POST or None)

    def act() -> HttpResponse:
        raise_dispute(
            application,
            fraud_type=FraudType(fraud_type),
            role=RecordRole(role),
            reason=DisputeReason(form.cleaned_data["reason"]),
            by=request.actor,
            now=clock.now(),
        )
        messages.success(request, _("It is disputed. What becomes of it appears on this page."))
        return redirect("case", public_id)

    here = reverse("case", args=[public_id])
    crumbs = [Crumb(_("Cases"), reverse("cases")), Crumb(application.reference, here)]
    title = _("Dispute: %(fraud)s") % {"fraud": FRAUD_TYPES[fraud_type]}
    return form_page(request, form, act, title=title, crumbs=crumbs, back_url=here)


@require(Act.RECORD_EDIT)
def uphold(request: PageRequest, public_id: str) -> HttpResponse:
    """Confirm a disputed record, after asking."""
    question = Question(
        title=_("Confirm this record?"),
        sentences=[
            _("It stays as it is. Whoever disputes it learns that it was confirmed, and not by whom.")
        ],
        button=_("Confirm record"),
        back_url=reverse("dispute", args=[public_id]),
    )
    return _answered(request, public_id, question, DisputeAnswer.UPHELD)


@require(Act.RECORD_EDIT)
def retract(request: PageRequest, public_id: str) -> HttpResponse:
    """Retract a disputed record, after asking."""
    question = Question(
        title=_("Retract this record?"),
        sentences=[_("No member is told of it any more, and whoever was told learns that it is gone.")],
        button=_("Retract record"),
        back_url=reverse("dispute", args=[public_id]),
        is_grave=True,
    )
    return _answered(request, public_id, question, DisputeAnswer.RETRACTED)


@require(Act.RECORD_EDIT)
def correct(request: PageRequest, public_id: str) -> HttpResponse:
    """Correct a disputed record."""
    dispute: Dispute = found(disputes(request.actor, Act.RECORD_EDIT), public_id)
    proof = dispute.contribution.proof if dispute.contribution else ""
    facts = {"fraud_type": dispute.fraud_type, "role": dispute.role, "proof": proof}
    form = CorrectionForm(request.POST or None, named=NAMED, initial=facts)

    def act() -> HttpResponse:
        answer, given = DisputeAnswer.CORRECTED, form.correction
        answer_dispute(dispute, answer=answer, correction=given, by=request.actor, now=clock.now())
        messages.success(request, _("The record is being corrected. Whoever was told of it is told again."))
        return redirect("dispute", public_id)

    back = reverse("dispute", args=[public_id])
    return form_page(request, form, act, title=_("Correct the record"), crumbs=_crumbs(), back_url=back)


def _answered(
    request: PageRequest, public_id: str, question: Question, answer: DisputeAnswer
) -> HttpResponse:
    dispute: Dispute = found(disputes(request.actor, Act.RECORD_EDIT), public_id)

    def act(_reason: str) -> HttpResponse:
        answer_dispute(dispute, answer=answer, by=request.actor, now=clock.now())
        messages.success(request, _("The dispute is answered."))
        return redirect("dispute", public_id)

    return ask(request, question, act)
