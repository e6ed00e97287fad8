"""Pages of the records kept as tests of a mapping: by their shape, whole after saying so, and their removal."""

from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from fraud.forms.samples import flat
from fraud.models import GoldenSample
from fraud.operations.mappings.drafting import remove_golden_sample
from fraud.queries.mappings import opened_sample
from fraud.rules.masking import masked_shape
from fraud.rules.translation import Direction
from fraud.views.mapping_pieces import Side, canonical_lines, is_personal
from fraud.views.mappings import to_mappings
from portal.accounts.roles import Act
from portal.audit.operations import record_reading
from portal.core import clock
from portal.web.finding import found
from portal.web.guards import require
from portal.web.pieces import Question, ask
from portal.web.requests import PageRequest


def _sample(request: PageRequest, public_id: str, act: Act) -> GoldenSample:
    rows = GoldenSample.objects.filter(request.actor.scope(act, institution="institution"))
    return found(rows.select_related("mapping__institution", "institution"), public_id)


@never_cache
@require(Act.MAPPING_READ)
def show_sample(request: PageRequest, public_id: str) -> HttpResponse:
    """Show the shape of a kept test: letters and digits behind masks, so that formats can be read and nobody known."""
    sample = _sample(request, public_id, Act.MAPPING_READ)
    record, expected = opened_sample(sample)
    about = {"sample": sample.public_id}
    record_reading(request.actor, "golden_sample.read", sample.mapping, now=clock.now(), **about)
    became = flat(msgspec.json.decode(expected))
    if sample.mapping.direction == Direction.INBOUND:
        lines = canonical_lines((path, _shown(path, value)) for path, value in became)
    else:
        # What the receiver calls a field says nothing about what is in it.
        lines = [(path, masked_shape(value)) for path, value in became]
    side = Side(1, tuple((name, masked_shape(value)) for name, value in flat(record)), tuple(lines))
    may_reveal = request.actor.may(Act.APPLICANT_REVEAL, sample.place)
    return _page(request, sample, side, is_masked=True, may_reveal=may_reveal)


def _shown(path: str, value: Any) -> Any:
    return masked_shape(value) if is_personal(path) else value


@never_cache
@require(Act.APPLICANT_REVEAL)
def reveal_sample(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask before a kept test is shown whole, and show it this once; who looked is written down."""
    sample = _sample(request, public_id, Act.APPLICANT_REVEAL)

    def act(_reason: str) -> HttpResponse:
        record, expected = opened_sample(sample)
        about = {"sample": sample.public_id}
        record_reading(request.actor, "golden_sample.revealed", sample.mapping, now=clock.now(), **about)
        became = flat(msgspec.json.decode(expected))
        if sample.mapping.direction == Direction.INBOUND:
            became = canonical_lines(became)
        return _page(request, sample, Side(1, tuple(flat(record)), tuple(became)))

    question = Question(
        title=_("Show the test %(name)s?") % {"name": sample.name},
        sentences=[_("It holds details of a person. That you looked is written down.")],
        button=_("Show it"),
        back_url=reverse("mapping-sample", args=[public_id]),
    )
    return ask(request, question, act)


def _page(
    request: PageRequest,
    sample: GoldenSample,
    side: Side,
    *,
    is_masked: bool = False,
    may_reveal: bool = False,
) -> HttpResponse:
    context = {
        "title": sample.name,
        "crumbs": to_mappings(sample.mapping),
        "side": side,
        "sample": sample,
        "is_masked": is_masked,
        "may_reveal": may_reveal,
    }
    return render(request, "fraud/mapping_sample.html", context)


@require(Act.MAPPING_EDIT)
def remove_sample(request: PageRequest, public_id: str) -> HttpResponse:
    """Remove a kept test."""
    sample = _sample(request, public_id, Act.MAPPING_EDIT)

    def act(_reason: str) -> HttpResponse:
        remove_golden_sample(sample, by=request.actor, now=clock.now())
        messages.success(request, _("The test was removed, and its key destroyed."))
        return redirect("mapping", sample.mapping.public_id)

    question = Question(
        title=_("Remove the test %(name)s?") % {"name": sample.name},
        sentences=[_("Later versions need not pass it. The record is gone for good.")],
        button=_("Remove test"),
        back_url=reverse("mapping", args=[sample.mapping.public_id]),
        is_grave=True,
    )
    return ask(request, question, act)
