"""Acts on a rulebook that ask before they happen: publishing, going back, the run in the shadow, giving a draft up."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from fraud.models import Institution, RulebookVersion
from fraud.operations.rulebooks import (
    ask_to_publish_rulebook,
    discard_rulebook_draft,
    roll_back_rulebook,
)
from fraud.views.rulebook_drafts import working_on
from fraud.views.rulebooks import visible_version
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.errors import NotFoundError
from portal.web.guards import require
from portal.web.pieces import Question, ask
from portal.web.requests import PageRequest


def _draft(request: PageRequest, public_id: str) -> RulebookVersion:
    working = working_on(request, public_id)
    if working.draft is None:
        raise NotFoundError
    return working.draft


def _drafting(institution: Institution) -> str:
    return reverse("rulebook-draft", args=[institution.public_id])


@require(Act.RULEBOOK_EDIT)
def publish(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask a second person to publish the draft."""
    version = _draft(request, public_id)
    facts = {"number": version.number, "institution": version.institution.name}

    def act(_reason: str) -> HttpResponse:
        ask_to_publish_rulebook(version, by=request.actor, now=clock.now())
        messages.success(request, _("A second person has been asked to publish it."))
        return redirect("rulebook", public_id)

    question = Question(
        title=_("Ask for publishing version %(number)s?") % facts,
        sentences=[
            _("Once somebody else approves, it decides about every new application of %(institution)s.")
            % facts,
            _("What is decided already stays as it is."),
        ],
        button=_("Ask for publishing"),
        back_url=_drafting(version.institution),
    )
    return ask(request, question, act)


@require(Act.RULEBOOK_EDIT)
def discard(request: PageRequest, public_id: str) -> HttpResponse:
    """Throw the draft away."""
    version = _draft(request, public_id)

    def act(_reason: str) -> HttpResponse:
        discard_rulebook_draft(version, by=request.actor, now=clock.now())
        messages.success(request, _("The draft was discarded."))
        return redirect("rulebook", public_id)

    question = Question(
        title=_("Discard the draft?"),
        sentences=[_("Its rules and its backtests are gone. What decides stays as it is.")],
        button=_("Discard the draft"),
        back_url=_drafting(version.institution),
        is_grave=True,
    )
    return ask(request, question, act)


@require(Act.RULEBOOK_EDIT)
def roll_back(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask a second person to publish an older version again."""
    version = visible_version(request, public_id, Act.RULEBOOK_EDIT)
    institution = version.rulebook.institution

    def act(reason: str) -> HttpResponse:
        roll_back_rulebook(version, note=reason, by=request.actor, now=clock.now())
        messages.success(request, _("A second person has been asked to bring it back."))
        return redirect("rulebook", institution.public_id)

    question = Question(
        title=_("Go back to version %(number)s?") % {"number": version.number},
        sentences=[
            _("Its rules are published again as a new version once somebody else approves."),
            _("A draft that is being worked on stays untouched."),
        ],
        button=_("Ask for going back"),
        back_url=reverse("rulebook", args=[institution.public_id]),
        asks_reason=True,
    )
    return ask(request, question, act)
