"""Acts on a mapping that ask before they happen: publishing, going back, giving a draft up, taking out of use."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.models import MappingVersion
from fraud.operations.mappings.drafting import discard_mapping_draft
from fraud.operations.mappings.publishing import ask_to_publish_mapping, retire_mapping, roll_back_mapping
from fraud.queries.mappings import visible_mapping
from fraud.views.mappings import visible_mapping_version
from portal.accounts.roles import Act
from portal.core import clock
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
