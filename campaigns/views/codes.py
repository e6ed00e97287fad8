"""Looking up a code for somebody who rings: a code goes in, its state comes out; none is ever given out."""

from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.forms.batches import CodeForm
from campaigns.queries.campaigns import campaigns
from campaigns.queries.disclosure import Disclosed, checked_code
from campaigns.rules.refusals import Verdict
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.audit.operations import record_reading
from portal.core import clock
from portal.core.errors import DomainError
from portal.web.guards import require
from portal.web.requests import PageRequest
from portal.web.states import Family

_FINE = frozenset({Verdict.REDEEMABLE})
_WAITS = frozenset({Verdict.DORMANT, Verdict.UPCOMING, Verdict.PAUSED})
_OVER = frozenset(
    {Verdict.SPENT_BY_ANOTHER, Verdict.SPENT_BY_MEMBER, Verdict.ENDED, Verdict.CLOSED, Verdict.TEST}
)


@dataclass(frozen=True, slots=True)
class Code:
    """A code that belongs to no campaign that its reader may see, as the trail names it."""

    public_id: str = "unknown"


@require(Act.CODE_CHECK)
def look_up(request: PageRequest) -> HttpResponse:
    """Say what a code is worth; it travels in the body of a POST, so that no log and no history keeps it."""
    form = CodeForm(request.POST or None, actor=request.actor)
    context: dict[str, object] = {"title": _("Check a code"), "form": form}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            context |= _answered(form, request.actor)
        status = 422 if form.errors else 200
    return render(request, "campaigns/code.html", context, status=status)


def _answered(form: CodeForm, actor: Actor) -> dict[str, object]:
    chosen = form.cleaned_data["campaign"]
    try:
        answer = checked_code(
            actor, form.cleaned_data["code"], campaign=chosen.public_id if chosen else "", now=clock.now()
        )
    except DomainError as error:
        form.refuse(error)
        return {}
    if answer.verdict is Verdict.NEVER_ORDERED and chosen is None:
        # It was tried against several campaigns: naming one of them would point the wrong way.
        answer = replace(
            answer, campaign="", detail=_("No batch of any campaign that you may see has this code.")
        )
    campaign = campaigns(actor).filter(slug=answer.campaign).first() if answer.campaign else None
    # Neither the code nor what it is worth: how often somebody asks is what a detector looks at.
    record_reading(actor, "code.looked_up", campaign or Code(), now=clock.now())
    return {
        "answer": answer,
        "family": family_of(answer.verdict),
        "headline": headline(answer),
        "campaign": campaign,
        "batch_url": reverse("batch", args=[answer.batch])
        if answer.batch and actor.may(Act.BATCH_READ)
        else "",
    }


def family_of(verdict: Verdict) -> Family:
    """Tell the colour of a verdict."""
    if verdict in _FINE:
        return Family.LIVE
    if verdict in _WAITS:
        return Family.WAITS
    return Family.PLANNED if verdict in _OVER else Family.FAILED


def headline(answer: Disclosed) -> str:
    """Say in one line what to tell the caller."""
    words = {
        "redeemable": _("This code is live: it can be redeemed."),
        "malformed": _("This is not a code as it is printed."),
        "unknown": _("This code is not known."),
        "not-active": _("This code cannot be redeemed yet."),
        "expired": _("The time of this code is over."),
        "void": _("This code no longer counts."),
        "redeemed": _("This code was redeemed already."),
        "already-redeemed": _("This code was redeemed already."),
        "already-yours": _("This code was redeemed already."),
    }
    return words.get(answer.status, answer.detail)
