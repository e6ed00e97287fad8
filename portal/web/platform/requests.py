"""Pages of requests for a second signature: what waits for me, what I asked for, what was decided."""

from collections.abc import Callable

import django_filters
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.actors import permit
from portal.accounts.queries import names, who_may
from portal.accounts.roles import FRESH, Act
from portal.approvals import queries
from portal.approvals.kinds import kind_named
from portal.approvals.models import Approval, ApprovalState
from portal.approvals.operations import approve_request, refuse_request, renew_request, withdraw_request
from portal.core.clock import now
from portal.core.language import said
from portal.web.finding import found
from portal.web.fresh import demand_fresh
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.navigation import Words
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.platform.waiting import deciding_url
from portal.web.requests import PageRequest
from portal.web.states import look
from portal.web.trails import timeline

S = ApprovalState
MOST_OPEN = 20
MOST_DECIDERS = 5


class RequestFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What to narrow the list of requests to."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=lambda: [(state.value, look(state)[1]) for state in S]
    )


REQUESTS = ListPage(
    name="requests",
    columns=(
        Column("title", gettext_lazy("What"), template="portal/cells/request.html", is_main=True),
        Column("state", gettext_lazy("State"), template="portal/cells/state.html", sort="state"),
        Column("asked_at", gettext_lazy("Asked"), template="portal/cells/when.html", sort="asked_at"),
        Column("decided_at", gettext_lazy("Decided"), template="portal/cells/when.html", sort="decided_at"),
        Column("reason", gettext_lazy("Reason"), is_spare=True),
    ),
    empty=Empty(
        gettext_lazy("Nobody has asked for anything yet"),
        gettext_lazy(
            "What needs a second person, such as a batch of codes, is asked for where it is planned."
        ),
        icon="shield-check",
    ),
    search=("title", "subject_id", "public_id"),
    search_label=gettext_lazy("Search requests"),
    filters=RequestFilter,
    sort="-asked_at",
)


@require(Act.REQUEST_READ)
def requests(request: PageRequest) -> HttpResponseBase:
    """List the requests of this person's places: those to decide first, then their own, then all."""
    actor, moment = request.actor, now()
    own = queries.requests(actor).filter(state=S.PENDING, asked_by=actor.id)
    return REQUESTS.answer(
        request,
        queries.requests(actor),
        template="portal/requests.html",
        title=_("Requests"),
        to_decide=[
            (row, deciding_url(row)) for row in queries.requests_to_decide(actor, now=moment)[:MOST_OPEN]
        ],
        own=own[:MOST_OPEN],
    )


@require(Act.REQUEST_READ)
def request(request: PageRequest, public_id: str) -> HttpResponse:
    """Show one request: what was asked for, by whom, and how it was decided."""
    approval = found(queries.requests(request.actor), public_id)
    kind = kind_named(approval.kind)
    people = names({approval.asked_by, approval.decided_by, approval.subject_id})
    deciders = who_may(kind.decide_act, approval.place).exclude(public_id__in=approval.askers)
    choices = _choices(approval, request)
    # What ends a request is nobody's next step.
    primary = choices[0] if choices and not choices[0].is_grave else None
    context = {
        "title": said(approval.title),
        "crumbs": [Crumb(_("Requests"), reverse("requests"))],
        "approval": approval,
        "state": S.EXPIRED if _is_overdue(approval) else S(approval.state),
        "sentences": kind.told(approval),
        "subject_url": reverse(kind.page, args=[approval.subject_id]) if kind.page else "",
        "asker": people.get(approval.asked_by, _("Countersign")),
        "decider": people.get(approval.decided_by, approval.decided_by),
        "deciders": list(deciders[:MOST_DECIDERS]) if approval.is_open(now()) else [],
        "about": people.get(approval.subject_id, "") if request.actor.may(Act.PERSON_READ) else "",
        "is_own": approval.is_asked_by(request.actor),
        "events": timeline(approval),
        "primary": primary,
        "choices": choices[1:] if primary else choices,
    }
    return render(request, "portal/request.html", context)


def _is_overdue(approval: Approval) -> bool:
    return approval.state == S.PENDING and not approval.is_open(now())


def _choices(approval: Approval, request: PageRequest) -> list[Choice]:
    """List what this person may do with a request, the most likely first."""

    def choice(title: Words, name: str, icon: str, *, is_grave: bool = False) -> Choice:
        url = reverse(name, args=[approval.public_id])
        return Choice(title, url, icon, is_question=True, is_grave=is_grave)

    if queries.may_decide(approval, request.actor, now=now()):
        return [
            choice(_("Approve"), "request-approve", "check"),
            choice(_("Refuse"), "request-refuse", "x", is_grave=True),
        ]
    may_ask = request.actor.may(kind_named(approval.kind).ask_act, approval.place)
    found = []
    if may_ask and (approval.state == S.EXPIRED or _is_overdue(approval)):
        found.append(choice(_("Ask again"), "request-renew", "refresh"))
    is_undecided = approval.state in {S.PENDING, S.EXPIRED}
    if is_undecided and (may_ask or approval.is_asked_by(request.actor)):
        found.append(choice(_("Take back"), "request-withdraw", "x", is_grave=True))
    return found


def _asking(
    request: PageRequest,
    public_id: str,
    question_of: Callable[[Approval], Question],
    act: Callable[[Approval, str], object],
    done: str,
    *,
    is_decision: bool = False,
) -> HttpResponse:
    approval = found(queries.requests(request.actor), public_id)
    if is_decision:
        _check_decider(approval, request)

    def carry_out(reason: str) -> HttpResponse:
        act(approval, reason)
        messages.success(request, done)
        return redirect("request", public_id)

    return ask(request, question_of(approval), carry_out)


def _check_decider(approval: Approval, request: PageRequest) -> None:
    """Let those go on who may decide requests of this kind, whose act says whether a second factor is due."""
    act = kind_named(approval.kind).decide_act
    permit(request.actor, act, approval.place)
    if act in FRESH and request.method == "POST":
        demand_fresh(request)


@require(Act.REQUEST_READ)
def approve(request: PageRequest, public_id: str) -> HttpResponse:
    """Approve what somebody asked for, after asking."""

    def act(approval: Approval, _reason: str) -> object:
        return approve_request(approval, by=request.actor, now=now())

    done = _("The request was approved and is carried out.")
    return _asking(request, public_id, _approving, act, done, is_decision=True)


@require(Act.REQUEST_READ)
def refuse(request: PageRequest, public_id: str) -> HttpResponse:
    """Refuse what somebody asked for, with a reason."""

    def act(approval: Approval, reason: str) -> object:
        return refuse_request(approval, reason=reason, by=request.actor, now=now())

    return _asking(request, public_id, _refusing, act, _("The request was refused."), is_decision=True)


@require(Act.REQUEST_READ)
def withdraw(request: PageRequest, public_id: str) -> HttpResponse:
    """Take a request back."""

    def act(approval: Approval, reason: str) -> object:
        return withdraw_request(approval, reason=reason, by=request.actor, now=now())

    return _asking(request, public_id, _withdrawing, act, _("The request was taken back."))


@require(Act.REQUEST_READ)
def renew(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask again for what nobody decided in time."""

    def act(approval: Approval, _reason: str) -> object:
        return renew_request(approval, by=request.actor, now=now())

    return _asking(request, public_id, _renewing, act, _("The request was made again."))


def _here(approval: Approval) -> str:
    return reverse("request", args=[approval.public_id])


def _told(approval: Approval) -> list[Words]:
    return [said(sentence) for sentence in kind_named(approval.kind).told(approval)]


def _approving(approval: Approval) -> Question:
    return Question(
        title=_("Approve this request?"),
        sentences=[
            said(approval.title),
            *_told(approval),
            _("It is carried out at once, in your name as well."),
        ],
        button=_("Approve request"),
        back_url=_here(approval),
    )


def _refusing(approval: Approval) -> Question:
    return Question(
        title=_("Refuse this request?"),
        sentences=[said(approval.title), *_told(approval), _("Nothing of it is carried out.")],
        button=_("Refuse request"),
        back_url=_here(approval),
        asks_reason=True,
        is_grave=True,
        reason_help=_("Whoever asked will read it."),
    )


def _withdrawing(approval: Approval) -> Question:
    return Question(
        title=_("Take this request back?"),
        sentences=[said(approval.title), _("Nobody can approve it any more.")],
        button=_("Take back"),
        back_url=_here(approval),
        asks_reason=True,
        is_grave=True,
    )


def _renewing(approval: Approval) -> Question:
    return Question(
        title=_("Ask again?"),
        sentences=[
            said(approval.title),
            _("Neither whoever asked first nor whoever asks again can decide it."),
        ],
        button=_("Ask again"),
        back_url=_here(approval),
    )
