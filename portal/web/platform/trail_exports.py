"""Pages for taking the trail away: ask for a stretch of it, and download it once somebody else has allowed that."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Act
from portal.accounts.trail import export_scope
from portal.approvals import queries
from portal.approvals.models import Approval
from portal.approvals.trail_exports import TRAIL_EXPORT, TrailExport, ask_for_export, may_download
from portal.audit.operations import record_reading
from portal.audit.queries.exporting import export_lines
from portal.audit.queries.health import last_position
from portal.core.clock import now
from portal.core.errors import NotFoundError, WrongStateError
from portal.core.language import said
from portal.web.forms import Form, Section, form_page
from portal.web.guards import require
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest


class ExportForm(Form):
    """Which positions of the chain to take away."""

    button = gettext_lazy("Ask for the export")
    sections = (
        Section(
            gettext_lazy("Which part"),
            gettext_lazy("Positions are those of the chain. Leave the last one empty for all up to now."),
            ("first", "last"),
        ),
    )
    first = forms.IntegerField(label=gettext_lazy("First position"), min_value=1, initial=1)
    last = forms.IntegerField(label=gettext_lazy("Last position"), min_value=1, required=False)


@require(Act.TRAIL_EXPORT)
def new_export(request: PageRequest) -> HttpResponse:
    """Ask for an export; another person decides."""
    form = ExportForm(request.POST or None)
    form.fields["last"].help_text = _("The chain has %(count)s links now.") % {"count": last_position()}

    def act() -> HttpResponse:
        chosen = form.cleaned_data
        approval = ask_for_export(chosen["first"], chosen["last"], by=request.actor, now=now())
        messages.success(request, _("Another person decides; then you can download it for a week."))
        return redirect("request", approval.public_id)

    return form_page(
        request,
        form,
        act,
        title=_("Export the trail"),
        crumbs=[Crumb(_("Trail"), reverse("trail"))],
        back_url=reverse("trail"),
    )


@require(Act.TRAIL_EXPORT)
def export(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Show an export that was asked for; download it by pressing its button."""
    approval = _found(request, public_id)
    if request.method == "POST":
        return _download(request, approval)
    context = {
        "title": said(approval.title),
        "crumbs": [Crumb(_("Trail"), reverse("trail"))],
        "approval": approval,
        "may_download": may_download(approval, request.actor, now=now()),
        "hides": export_scope(request.actor) is not None,
    }
    return render(request, "portal/trail_export.html", context)


def _found(request: PageRequest, public_id: str) -> Approval:
    rows = queries.requests(request.actor).filter(kind=TRAIL_EXPORT.name, subject_id=public_id)
    approval = rows.order_by("-pk").first()
    if approval is None:
        raise NotFoundError
    return approval


def _download(request: PageRequest, approval: Approval) -> HttpResponseBase:
    if not may_download(approval, request.actor, now=now()):
        raise WrongStateError(_("Only whoever asked can download it, within a week of its approval."))
    first, last = int(approval.facts["first"]), int(approval.facts["last"])
    record_reading(
        request.actor, "trail.exported", TrailExport(approval.subject_id), now=now(), first=first, last=last
    )
    answer = StreamingHttpResponse(
        export_lines(first, last, within=export_scope(request.actor)), content_type="application/jsonl"
    )
    answer["Content-Disposition"] = f'attachment; filename="trail-{first}-{last}.jsonl"'
    return answer
