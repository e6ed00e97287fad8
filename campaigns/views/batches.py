"""Pages of one batch: its delivery as it happens, its files, its receipt, its manifest, and who did what."""

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from campaigns.models import Batch, BatchFile
from campaigns.operations.approving import BATCH
from campaigns.operations.delivery import file_name
from campaigns.operations.manifests import manifest_public_key
from campaigns.queries import batches as queries
from campaigns.queries.batches import batches
from campaigns.queries.previews import sample_rows
from campaigns.rules.layout import RowLayout
from campaigns.rules.states import BatchState, FileState
from campaigns.views.batch_choices import choices_for, primary_for
from portal.accounts.queries import names, who_may
from portal.accounts.roles import Act
from portal.approvals.models import Approval
from portal.approvals.queries import may_decide, request_about
from portal.core import clock
from portal.core.errors import NotFoundError
from portal.core.language import grouped, said
from portal.web.finding import found
from portal.web.guards import require
from portal.web.pieces import Choice, Crumb, Progress
from portal.web.requests import PageRequest
from portal.web.states import look
from portal.web.trails import timeline

FILES_PER_PAGE = 50
MOST_VOID_RANGES = 100
S = BatchState
# The states in which the delivery is shown as it happens.
WORKING = frozenset({S.APPROVED, S.DELIVERING})
_ON_THE_WAY = WORKING | {S.PAUSED}


@require(Act.BATCH_READ)
def batch_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a batch."""
    batch = found(batches(request.actor), public_id)
    campaign, layout = batch.campaign, RowLayout.from_json(batch.layout)
    people = names({batch.planned_by, batch.approved_by})
    approval = request_about(BATCH, batch) if batch.state == S.PLANNED else None
    may_approve = approval is not None and may_decide(approval, request.actor, now=clock.now())
    context = {
        "title": _("Batch of %(name)s") % {"name": campaign.name},
        "crumbs": [Crumb(_("Batches"), reverse("batches"))],
        "batch": batch,
        "campaign": campaign,
        "zone": campaign.market.time_zone,
        "layout": layout,
        "lines": sample_rows(layout, campaign.format, campaign=campaign, lot=batch.lot),
        "planner": people.get(batch.planned_by, batch.planned_by),
        "approver": people.get(batch.approved_by, batch.approved_by),
        "events": timeline(batch),
        "void_ranges": _void_ranges(batch),
        "differences": _differences(batch),
        "redeemed": queries.redeemed_count(batch) if request.actor.may(Act.CAMPAIGN_READ) else None,
        "primary": primary_for(batch, request.actor, may_approve=may_approve),
        "choices": choices_for(batch, request.actor, may_approve=may_approve),
        "asked": approval,
        **_waiting_for_whom(batch, approval, request),
        **_delivery(batch, request),
    }
    return render(request, "campaigns/batch.html", context)


@require(Act.BATCH_READ)
def delivery(request: PageRequest, public_id: str) -> HttpResponse:
    """Show how far the delivery is; once its state has moved on, the whole page comes anew."""
    batch = found(batches(request.actor), public_id)
    if request.GET.get("state") != batch.state:
        return HttpResponseClientRefresh()
    return render(request, "campaigns/parts/delivery.html", {"batch": batch, **_delivery(batch, request)})


def _delivery(batch: Batch, request: PageRequest) -> dict[str, object]:
    page = Paginator(queries.files(batch), FILES_PER_PAGE).get_page(request.GET.get("page", "1"))
    address = reverse("batch-delivery", args=[batch.public_id])
    return {
        "files": _named(batch, page),
        "progress": _progress(batch, request) if batch.state in _ON_THE_WAY else None,
        "delivery_url": f"{address}?state={batch.state}&page={page.number}" if batch.state in WORKING else "",
    }


def _named(batch: Batch, page: Page[BatchFile]) -> Page[BatchFile]:
    for file in page:
        file.batch = batch
        file.name = file_name(file)  # type: ignore[attr-defined]
    return page


def _void_ranges(batch: Batch) -> list[dict[str, object]]:
    """Give the void serials with both ends included, as people count."""
    return [
        {
            "first": row.serials.lower,
            "last": row.serials.upper - 1,
            "reason": row.reason,
            "voided_at": row.voided_at,
        }
        for row in batch.void_ranges.order_by("serials", "pk")[:MOST_VOID_RANGES]
    ]


def _differences(batch: Batch) -> list[tuple[str, str, str]]:
    """Give what differs between receipt and delivery: counts grouped, files and hashes as they are."""
    found = []
    for row in batch.differences:
        if row["what"] == "count":
            found.append((_("Codes"), grouped(int(row["sent"])), grouped(int(row["received"]))))
        else:
            found.append((row["what"], row["sent"], row["received"]))
    return found


def _progress(batch: Batch, request: PageRequest) -> Progress:
    far = queries.progress(batch, now=clock.now())
    may_mend = request.actor.may(Act.BATCH_PLAN, batch.place)
    mend = Choice(_("Try the failed files again"), reverse("batch-retry", args=[batch.public_id]))
    doing = _("%(state)s: %(done)s of %(all)s files") % {
        "state": look(batch.state)[1],
        "done": far.files_done,
        "all": far.files,
    }
    return Progress(
        done=far.codes_done,
        total=far.codes,
        unit=_("codes"),
        family=look("failed")[0] if far.files_failed else look(batch.state)[0],
        doing=doing,
        rate=far.rate,
        seconds_left=far.seconds_left,
        heard_at=far.heard_at,
        trouble=_trouble(batch, far.files_failed),
        mend=mend if far.files_failed and may_mend else None,
    )


def _trouble(batch: Batch, files_failed: int) -> str:
    if not files_failed:
        return said(batch.problem)
    first = (
        batch.files.filter(state=FileState.FAILED)
        .order_by("number")
        .values_list("problem", flat=True)
        .first()
    )
    says = _("%(count)s files could not be delivered: %(problem)s Mend that, then have them tried again.")
    return says % {"count": files_failed, "problem": said(first or "")}


def _waiting_for_whom(batch: Batch, approval: Approval | None, request: PageRequest) -> dict[str, object]:
    """Name those who may give the second signature, as long as it is missing."""
    if approval is None:
        return {}
    approvers = who_may(Act.BATCH_APPROVE, batch.place).exclude(public_id__in=approval.askers)
    return {
        "approvers": list(approvers[:5]),
        "is_planner": approval.is_asked_by(request.actor),
        "may_approve": request.actor.may(Act.BATCH_APPROVE, batch.place)
        and not approval.is_renewed_by(request.actor),
        "has_expired": not approval.is_open(clock.now()),
        "may_ask_again": request.actor.may(Act.BATCH_PLAN, batch.place),
        "sees_requests": request.actor.may(Act.REQUEST_READ),
    }


@require(Act.BATCH_READ)
def manifest(request: PageRequest, public_id: str) -> HttpResponse:
    """Hand out the manifest, exactly the bytes that were signed."""
    batch = found(batches(request.actor), public_id)
    return _download(batch, batch.manifest, "manifest.json", "application/json")


@require(Act.BATCH_READ)
def signature(request: PageRequest, public_id: str) -> HttpResponse:
    """Hand out the signature of the manifest."""
    batch = found(batches(request.actor), public_id)
    return _download(batch, batch.manifest_signature, "manifest.json.sig", "text/plain")


@require(Act.BATCH_READ)
def manifest_key(request: PageRequest) -> HttpResponse:
    """Hand out the public key with which printers verify every manifest, as PEM."""
    response = HttpResponse(manifest_public_key(), content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="countersign.pem"'
    return response


def _download(batch: Batch, content: str, name: str, content_type: str) -> HttpResponse:
    if not content:
        raise NotFoundError(_("The manifest is made once the last file has been delivered."))
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{batch.public_id}-{name}"'
    return response
