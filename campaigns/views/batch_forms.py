"""Acts on a batch that need more than a yes: a receipt, a time, serials, codes."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.forms.batches import AcknowledgeForm, ScheduleForm, VoidCodesForm, VoidRangeForm
from campaigns.models import Batch
from campaigns.operations.activation import schedule_activation
from campaigns.operations.receipts import acknowledge_batch
from campaigns.operations.voiding import void_codes, void_serials
from campaigns.queries.batches import batches
from campaigns.rules.states import BatchState
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.language import grouped
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest


def _around(batch: Batch, title: str, sentence: str) -> dict[str, Any]:
    here = reverse("batch", args=[batch.public_id])
    return {
        "title": title,
        "sentence": sentence,
        "crumbs": [
            Crumb(_("Batches"), reverse("batches")),
            Crumb(_("Batch of %(name)s") % {"name": batch.campaign.name}, here),
        ],
        "back_url": here,
        "template": "campaigns/batch_act.html",
        "batch": batch,
    }


@require(Act.BATCH_ACKNOWLEDGE)
def acknowledge(request: PageRequest, public_id: str) -> HttpResponse:
    """Take the printer's receipt."""
    batch = found(batches(request.actor, Act.BATCH_ACKNOWLEDGE), public_id)
    form = AcknowledgeForm(request.POST or None, request.FILES or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        done = acknowledge_batch(
            batch, sha256=given["sha256"], count=given["count"], by=request.actor, now=clock.now()
        )
        if done.state == BatchState.DISPUTED:
            messages.error(
                request, _("What was received is not what was sent; the batch shows the differences.")
            )
        else:
            messages.success(request, _("The delivery was acknowledged: count and hashes agree."))
        return redirect("batch", public_id)

    sentence = _(
        "Count and hashes are compared with what was sent. Where they differ, the batch is disputed."
    )
    return form_page(request, form, act, **_around(batch, _("Acknowledge delivery"), sentence))


@require(Act.BATCH_ACTIVATE)
def schedule(request: PageRequest, public_id: str) -> HttpResponse:
    """Set the time at which the batch becomes active by itself."""
    batch = found(batches(request.actor, Act.BATCH_ACTIVATE), public_id)
    zone = ZoneInfo(batch.campaign.market.time_zone)
    planned = batch.activates_at and batch.activates_at.astimezone(zone).replace(tzinfo=None)
    form = ScheduleForm(request.POST or None, initial={"activates_at": planned}, batch=batch)

    def act() -> HttpResponse:
        wanted = form.cleaned_data["activates_at"]
        schedule_activation(batch, activates_at=wanted, by=request.actor, now=clock.now())
        messages.success(request, _("The activation was scheduled."))
        return redirect("batch", public_id)

    sentence = _("Once acknowledged, %(count)s codes become redeemable at this time without anybody's doing.")
    title = _("Schedule activation")
    return form_page(
        request, form, act, **_around(batch, title, sentence % {"count": grouped(batch.quantity)})
    )


@require(Act.BATCH_RECALL)
def void_range(request: PageRequest, public_id: str) -> HttpResponse:
    """Make a run of serials void."""
    batch = found(batches(request.actor, Act.BATCH_RECALL), public_id)
    form = VoidRangeForm(request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        first, last = given["first_serial"], given["last_serial"]
        void_serials(batch, first=first, last=last, reason=given["reason"], by=request.actor, now=clock.now())
        messages.success(request, _("%(count)s serials are void.") % {"count": grouped(last - first + 1)})
        return redirect("batch", public_id)

    sentence = _(
        "Codes of these serials can never be redeemed again; it cannot be taken back. "
        "This batch holds the serials %(first)s to %(last)s."
    ) % {"first": grouped(batch.first_serial), "last": grouped(batch.end_serial - 1)}
    return form_page(request, form, act, **_around(batch, _("Void a range of serials"), sentence))


@require(Act.BATCH_RECALL)
def void_given_codes(request: PageRequest, public_id: str) -> HttpResponse:
    """Make codes void that were given back."""
    batch = found(batches(request.actor, Act.BATCH_RECALL), public_id)
    form = VoidCodesForm(request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        voided = void_codes(
            batch, codes=given["codes"], reason=given["reason"], by=request.actor, now=clock.now()
        )
        # A code may have been given twice: what counts is what became void.
        count = sum(row.serials.upper - row.serials.lower for row in voided)
        messages.success(request, _("%(count)s codes are void.") % {"count": grouped(count)})
        return redirect("batch", public_id)

    sentence = _(
        "These codes can never be redeemed again; it cannot be taken back. All of them must be of this batch."
    )
    return form_page(request, form, act, **_around(batch, _("Void codes given back"), sentence))
