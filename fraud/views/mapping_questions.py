"""Acts on a mapping that ask before they happen: publishing, going back, giving a draft up, taking out of use."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from fraud.forms.samples import flat
from fraud.models import GoldenSample, MappingVersion
from fraud.operations.mappings.drafting import discard_mapping_draft, remove_golden_sample
from fraud.operations.mappings.publishing import ask_to_publish_mapping, retire_mapping, roll_back_mapping
from fraud.queries.mappings import opened_sample, visible_mapping
from fraud.views.mapping_pieces import Side, canonical_lines
from fraud.views.mappings import to_mappings, visible_mapping_version
from portal.accounts.roles import Act
from portal.audit.operations import record_reading
from portal.core import clock
from portal.web.finding import found
from portal.web.guards import View, require
from portal.web.navigation import Words
from portal.web.pieces import Question, ask
from portal.web.requests import PageRequest


def _asking(
    question_of: Callable[[MappingVersion], Question], operation: Callable[..., object], done: Words
) -> View:
    """Make the page of an act on a version: find it, ask, carry out, say that it is done."""

    @require(Act.MAPPING_EDIT)
    def view(request: PageRequest, public_id: str) -> HttpResponse:
        version = visible_mapping_version(request, public_id, Act.MAPPING_EDIT)

        def act(_reason: str) -> HttpResponse:
            operation(version, by=request.actor, now=clock.now())
            messages.success(request, str(done))
            return redirect("mapping", version.mapping.public_id)

        return ask(request, question_of(version), act)

    return view


def _here(version: MappingVersion) -> str:
    return reverse("mapping", args=[version.mapping.public_id])


def _publishing(version: MappingVersion) -> Question:
    facts = {"number": version.number, "name": version.mapping.name}
    return Question(
        title=_("Ask for publishing version %(number)s of %(name)s?") % facts,
        sentences=[
            _("Once somebody else approves, every new record of this layout is translated by it."),
            _("It must translate every kept test to what it was; that is checked now and then again."),
        ],
        button=_("Ask for publishing"),
        back_url=_here(version),
    )


def _going_back(version: MappingVersion) -> Question:
    return Question(
        title=_("Go back to version %(number)s?") % {"number": version.number},
        sentences=[_("Its fields are published again as a new version once somebody else approves.")],
        button=_("Ask for going back"),
        back_url=_here(version),
    )


def _discarding(version: MappingVersion) -> Question:
    return Question(
        title=_("Discard the draft?"),
        sentences=[_("What is in use stays as it is, and so do the kept tests.")],
        button=_("Discard the draft"),
        back_url=_here(version),
        is_grave=True,
    )


publish = _asking(
    _publishing, ask_to_publish_mapping, gettext_lazy("A second person has been asked to publish it.")
)
roll_back = _asking(
    _going_back, roll_back_mapping, gettext_lazy("A second person has been asked to bring it back.")
)
discard = _asking(_discarding, discard_mapping_draft, gettext_lazy("The draft was discarded."))


@require(Act.MAPPING_EDIT)
def retire(request: PageRequest, public_id: str) -> HttpResponse:
    """Take a mapping out of use."""
    mapping = visible_mapping(request.actor, public_id, Act.MAPPING_EDIT)

    def act(_reason: str) -> HttpResponse:
        retire_mapping(mapping, by=request.actor, now=clock.now())
        messages.success(request, _("The mapping was taken out of use."))
        return redirect("mappings")

    question = Question(
        title=_("Take %(name)s out of use?") % {"name": mapping.name},
        sentences=[_("Records of this layout are refused from now on; its name is free again.")],
        button=_("Take out of use"),
        back_url=reverse("mapping", args=[public_id]),
        is_grave=True,
    )
    return ask(request, question, act)


def _sample(request: PageRequest, public_id: str, act: Act) -> GoldenSample:
    rows = GoldenSample.objects.filter(request.actor.scope(act, institution="institution"))
    return found(rows.select_related("mapping__institution", "institution"), public_id)


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


@never_cache
@require(Act.APPLICANT_REVEAL)
def show_sample(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask before a kept test is opened, and show it this once; who looked is written down."""
    sample = _sample(request, public_id, Act.APPLICANT_REVEAL)

    def act(_reason: str) -> HttpResponse:
        record, expected = opened_sample(sample)
        record_reading(
            request.actor, "golden_sample.read", sample.mapping, now=clock.now(), sample=sample.public_id
        )
        shown = Side(1, tuple(flat(record)), tuple(canonical_lines(expected)))
        context = {
            "title": sample.name,
            "crumbs": to_mappings(sample.mapping),
            "side": shown,
            "sample": sample,
        }
        return render(request, "fraud/mapping_sample.html", context)

    question = Question(
        title=_("Show the test %(name)s?") % {"name": sample.name},
        sentences=[_("It holds details of a person. That you looked is written down.")],
        button=_("Show it"),
        back_url=reverse("mapping", args=[sample.mapping.public_id]),
    )
    return ask(request, question, act)
