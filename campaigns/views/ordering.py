"""Ordering codes: the form, and beside it what the order comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.forms.batches import OrderForm
from campaigns.models import Campaign, Printer
from campaigns.operations.planning import MOST_CODES, plan_batch
from campaigns.queries.batches import codes_ordered
from campaigns.queries.campaigns import campaigns
from campaigns.queries.parties import printers
from campaigns.queries.previews import sample_rows
from campaigns.rules.layout import LayoutError, RowLayout
from campaigns.views.meter import Meter, measured
from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.accounts.queries import who_may
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.language import said
from portal.web.forms import CountField, form_page
from portal.web.guards import require
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest


@dataclass(frozen=True, slots=True)
class Review:
    """What an order comes to, as far as the form is filled in."""

    campaign: Campaign | None = None
    printer: Printer | None = None
    quantity: int = 0
    meter: Meter | None = None
    lines: tuple[str, ...] = ()
    problem: str = ""
    files: int = 0
    approvers: tuple[User, ...] = ()


@require(Act.BATCH_PLAN)
def new_batch(request: PageRequest) -> HttpResponse:
    """Plan a batch, with its review beside the form."""
    values = request.POST or request.GET
    is_preview = "preview" in request.POST
    bound = request.POST if request.POST and not is_preview else None
    form = OrderForm(bound, initial=values.dict(), actor=request.actor)
    context = {
        "title": _("Order codes"),
        "crumbs": [Crumb(_("Batches"), reverse("batches"))],
        "back_url": reverse("batches"),
        "review": review_of(values, request.actor),
    }
    if is_preview:
        return render(request, "campaigns/batch_form.html", {"form": form, **context})

    def act() -> HttpResponse:
        campaign = form.cleaned_data["campaign"]
        batch = plan_batch(campaign, form.order(), by=request.actor, now=clock.now())
        messages.success(
            request, _("The batch is planned. Somebody else has to approve it before anything is made.")
        )
        return redirect("batch", batch.public_id)

    return form_page(request, form, act, template="campaigns/batch_form.html", **context)


@require(Act.BATCH_PLAN)
def review(request: PageRequest) -> HttpResponse:
    """Show what the order comes to with what stands in the form at this moment."""
    return render(request, "campaigns/parts/review.html", {"review": review_of(request.GET, request.actor)})


def review_of(values: Mapping[str, Any], actor: Actor) -> Review:
    """Work out the meter, the first rows, the files and the approvers of an order."""
    campaign = campaigns(actor, Act.BATCH_PLAN).filter(public_id=values.get("campaign") or "").first()
    printer = printers(actor).filter(public_id=values.get("printer") or "").first()
    quantity = _quantity(values)
    if campaign is None:
        return Review(printer=printer, quantity=quantity)
    lines, problem = _lines(campaign, printer, str(values.get("lot", "")))
    return Review(
        campaign=campaign,
        printer=printer,
        quantity=quantity,
        meter=measured(campaign.format, codes_ordered(campaign) + quantity, campaign.market),
        lines=lines,
        problem=problem,
        files=-(-quantity // printer.rows_per_file) if printer else 0,
        approvers=tuple(who_may(Act.BATCH_APPROVE, campaign.place).exclude(public_id=actor.person)[:5]),
    )


def _quantity(values: Mapping[str, Any]) -> int:
    try:
        quantity = CountField(required=False).clean(values.get("quantity")) or 0
    except ValidationError:
        return 0
    return quantity if 0 < quantity <= MOST_CODES else 0


def _lines(campaign: Campaign, printer: Printer | None, lot: str) -> tuple[tuple[str, ...], str]:
    if printer is None:
        return (), ""
    try:
        layout = RowLayout.from_json(printer.layout)
        return tuple(sample_rows(layout, campaign.format, campaign=campaign, lot=lot)), ""
    except LayoutError as error:
        return (), said(error)
