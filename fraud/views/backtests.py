"""Pages of backtests: asking for one, watching it, what it says, and which applications it would decide otherwise."""

from dataclasses import replace
from typing import Any

import django_filters
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from fraud.forms.rulebooks import OUTCOME_NAMES, BacktestForm
from fraud.models import Backtest, Institution
from fraud.operations.backtests import cancel_backtest, start_backtest
from fraud.queries.backtests import backtests, changes_of
from fraud.queries.institutions import institutions
from fraud.queries.rulebooks import versions
from fraud.rules.cases import Verdict
from fraud.rules.rulebook.states import BACKTEST_OPEN
from fraud.views.backtest_pieces import found_so_far, score_chart, under_way
from fraud.views.rulebooks import rulebook_of, to_rulebooks, version_name
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.errors import NotFoundError
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest
from portal.web.states import look
from portal.web.trails import timeline

BACKTESTS = ListPage(
    name="backtests",
    columns=(
        Column("started_at", gettext_lazy("Started"), "fraud/cells/backtest.html", sort="pk", is_main=True),
        Column("version.number", gettext_lazy("Version"), "fraud/cells/backtest_version.html"),
        Column("state", gettext_lazy("State"), "portal/cells/state.html", sort="state"),
        Column("days", gettext_lazy("Days"), sort="days", is_number=True),
        Column("done", gettext_lazy("Applications"), sort="done", is_number=True),
        Column(
            "results",
            pgettext_lazy("decided", "Otherwise"),
            "fraud/cells/backtest_changed.html",
            is_number=True,
        ),
        Column("finished_at", gettext_lazy("Ended"), "portal/cells/when.html", is_spare=True),
    ),
    empty=Empty(
        gettext_lazy("No backtest yet"),
        gettext_lazy(
            "A backtest says what a version would have decided about the applications of the past days."
        ),
        icon="test-pipe",
    ),
    sort="-pk",
    is_exported=False,
)


def _verdicts() -> list[tuple[str, Any]]:
    return [(verdict.value, look(verdict)[1]) for verdict in Verdict]


class ChangeFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By what was decided, what would have been, and what an analyst found."""

    outcome = django_filters.ChoiceFilter(label=gettext_lazy("Decided"), choices=list(OUTCOME_NAMES.items()))
    other_outcome = django_filters.ChoiceFilter(
        label=gettext_lazy("Would be"), choices=list(OUTCOME_NAMES.items())
    )
    verdict = django_filters.ChoiceFilter(label=gettext_lazy("Verdict"), choices=_verdicts)


CHANGES = ListPage(
    name="backtest-changes",
    columns=(
        Column(
            "application.reference", gettext_lazy("Application"), "fraud/cells/changed.html", is_main=True
        ),
        Column("outcome", gettext_lazy("Decided"), "fraud/cells/outcome.html", sort="outcome"),
        Column("score", gettext_lazy("Score"), sort="score", is_number=True, is_spare=True),
        Column("other_outcome", gettext_lazy("Would be"), "fraud/cells/outcome.html", sort="other_outcome"),
        Column("other_score", gettext_lazy("Its score"), sort="other_score", is_number=True),
        Column("verdict", gettext_lazy("Verdict"), "fraud/cells/verdict.html", sort="verdict"),
    ),
    empty=Empty(
        gettext_lazy("Nothing would be decided otherwise"),
        gettext_lazy("Every application of these days keeps its outcome under this version."),
        icon="check",
    ),
    filters=ChangeFilters,
    sort="-other_score",
)


def _crumbs(institution: Institution) -> list[Crumb]:
    here = reverse("backtests", args=[institution.public_id])
    return [*to_rulebooks(institution), Crumb(_("Backtests"), here)]


@require(Act.RULEBOOK_READ)
def backtest_list(request: PageRequest, public_id: str) -> HttpResponseBase:
    """List the backtests of an institution's versions."""
    institution = found(institutions(request.actor, Act.RULEBOOK_READ), public_id)
    rows = backtests(request.actor).filter(institution=institution)
    start = _beginning(request, institution)
    empty = BACKTESTS.empty if start is None else replace(BACKTESTS.empty, url=start.url, button=start.title)
    return replace(BACKTESTS, empty=empty).answer(
        request,
        rows,
        title=_("Backtests"),
        crumbs=to_rulebooks(institution),
        primary=start,
    )


def _beginning(request: PageRequest, institution: Institution) -> Choice | None:
    """Offer a backtest; where nothing has been written yet, to write something first."""
    here = [institution.public_id]
    if not request.actor.may(Act.RULEBOOK_EDIT, institution.place):
        return None
    if rulebook_of(institution) is None:
        return Choice(_("Edit rules"), reverse("rulebook-draft", args=here), "pencil")
    return Choice(_("Start a backtest"), reverse("backtest-new", args=here), "test-pipe")


@require(Act.RULEBOOK_EDIT)
def new_backtest(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask for a backtest of a version, over so many days."""
    institution = found(institutions(request.actor, Act.RULEBOOK_EDIT), public_id)
    rulebook = rulebook_of(institution)
    known = {version.number: version for version in versions(rulebook)} if rulebook else {}
    if not known:
        raise NotFoundError
    asked = request.GET.get("version", "")
    form = BacktestForm(
        [(number, version_name(number)) for number in sorted(known, reverse=True)],
        request.POST or None,
        initial={"version": asked if asked.isdecimal() else max(known)},
    )

    def act() -> HttpResponse:
        version = known[form.cleaned_data["version"]]
        started = start_backtest(version, days=form.cleaned_data["days"], by=request.actor, now=clock.now())
        return redirect("backtest", started.public_id)

    back = reverse("backtests", args=[public_id])
    return form_page(
        request, form, act, title=_("Start a backtest"), crumbs=_crumbs(institution), back_url=back
    )


@require(Act.RULEBOOK_READ)
def backtest_detail(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Show how far a backtest is and what it says; once it has ended, which applications change as well."""
    backtest = found(backtests(request.actor), public_id)
    is_open = backtest.state in BACKTEST_OPEN
    context = {
        "title": _("Backtest of version %(number)s") % {"number": backtest.version.number},
        "crumbs": _crumbs(backtest.institution),
        "backtest": backtest,
        "zone": backtest.institution.time_zone,
        "events": timeline(backtest),
        "choices": _choices(request, backtest, is_open=is_open),
        "may_open": request.actor.may(Act.APPLICATION_READ, backtest.place),
        "chart": None if is_open else score_chart(backtest),
        **_so_far(backtest),
    }
    return CHANGES.answer(request, changes_of(backtest), template="fraud/backtest.html", **context)


def _so_far(backtest: Backtest) -> dict[str, Any]:
    is_open = backtest.state in BACKTEST_OPEN
    url = f"{reverse('backtest-progress', args=[backtest.public_id])}?state={backtest.state}"
    return {
        "backtest": backtest,
        "progress": under_way(backtest, now=clock.now()) if is_open else None,
        "refresh_url": url if is_open else "",
        "so_far": found_so_far(backtest),
        "version_name": version_name(backtest.version.number),
    }


@require(Act.RULEBOOK_READ)
def backtest_progress(request: PageRequest, public_id: str) -> HttpResponse:
    """Show how far it is; once its state has moved on, the whole page comes anew."""
    backtest = found(backtests(request.actor), public_id)
    if request.GET.get("state") != backtest.state:
        return HttpResponseClientRefresh()
    return render(request, "fraud/parts/backtest_under_way.html", _so_far(backtest))


def _choices(request: PageRequest, backtest: Backtest, *, is_open: bool) -> list[Choice]:
    version, here = backtest.version, backtest.institution.public_id
    choices = [Choice(_("The version"), reverse("rulebook-version", args=[version.public_id]), "file-text")]
    if not request.actor.may(Act.RULEBOOK_EDIT, backtest.place):
        return choices
    if is_open:
        cancel = reverse("backtest-cancel", args=[backtest.public_id])
        return [*choices, Choice(_("Cancel the backtest"), cancel, "x", is_question=True, is_grave=True)]
    again = f"{reverse('backtest-new', args=[here])}?version={version.number}"
    return [*choices, Choice(_("Start another backtest"), again, "test-pipe")]


@require(Act.RULEBOOK_EDIT)
def cancel(request: PageRequest, public_id: str) -> HttpResponse:
    """Stop a backtest."""
    backtest = found(backtests(request.actor, Act.RULEBOOK_EDIT), public_id)

    def act(_reason: str) -> HttpResponse:
        cancel_backtest(backtest, by=request.actor, now=clock.now())
        messages.success(request, _("The backtest was cancelled."))
        return redirect("backtest", public_id)

    question = Question(
        title=_("Cancel the backtest?"),
        sentences=[_("What it found so far stays, and cannot be carried on.")],
        button=_("Cancel the backtest"),
        back_url=reverse("backtest", args=[public_id]),
    )
    return ask(request, question, act)
