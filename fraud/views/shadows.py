"""The run of a version in the shadow of the one in force: how the two compare so far, its beginning and its end."""

from dataclasses import replace

import django_filters
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.forms.rulebooks import OUTCOME_NAMES
from fraud.models import Rulebook
from fraud.operations.rulebooks import RULEBOOK, clear_shadow, set_shadow
from fraud.queries.institutions import institutions
from fraud.queries.rulebooks import shadow_differences, shadow_shifts, shadow_verdicts
from fraud.rules.rulebook.states import VersionState
from fraud.views.backtest_pieces import SoFar, measured
from fraud.views.publishing import publication_asked
from fraud.views.rulebook_pieces import Shifts
from fraud.views.rulebooks import rulebook_of, to_rulebooks, version_name, visible_version
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.errors import NotFoundError
from portal.web.finding import found
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Question, ask
from portal.web.requests import PageRequest


class DifferenceFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By what was decided, and what the shadow would have."""

    outcome = django_filters.ChoiceFilter(label=gettext_lazy("Decided"), choices=list(OUTCOME_NAMES.items()))
    shadow_outcome = django_filters.ChoiceFilter(
        label=gettext_lazy("Shadow"), choices=list(OUTCOME_NAMES.items())
    )


DIFFERENCES = ListPage(
    name="shadow-differences",
    columns=(
        Column(
            "application.reference", gettext_lazy("Application"), "fraud/cells/changed.html", is_main=True
        ),
        Column("outcome", gettext_lazy("Decided"), "fraud/cells/outcome.html", sort="outcome"),
        Column("score", gettext_lazy("Score"), sort="score", is_number=True, is_spare=True),
        Column("shadow_outcome", gettext_lazy("Shadow"), "fraud/cells/outcome.html", sort="shadow_outcome"),
        Column("shadow_score", gettext_lazy("Its score"), sort="shadow_score", is_number=True),
        Column("screened_at", gettext_lazy("Screened"), "portal/cells/when.html", is_spare=True),
    ),
    empty=Empty(
        gettext_lazy("They agree so far"),
        gettext_lazy("Applications on which the shadow disagrees with what was decided appear here."),
        icon="check",
    ),
    filters=DifferenceFilters,
    sort="-screened_at",
    most=10_000,
)


def _running(request: PageRequest, public_id: str, act: Act) -> Rulebook:
    """Find a rulebook of which a version runs in the shadow.

    :raises NotFoundError: none does, or it is somebody else's
    """
    rulebook = rulebook_of(found(institutions(request.actor, act), public_id))
    if rulebook is None or rulebook.shadow is None:
        raise NotFoundError
    return rulebook


@require(Act.RULEBOOK_READ)
def shadow(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Show what the shadow would have decided since it runs, and on which applications they disagree."""
    rulebook = _running(request, public_id, Act.RULEBOOK_READ)
    institution, version = rulebook.institution, rulebook.shadow
    may_edit = request.actor.may(Act.RULEBOOK_EDIT, institution.place)
    so_far = SoFar(Shifts(shadow_shifts(rulebook)), measured(*shadow_verdicts(rulebook)), [])
    return DIFFERENCES.answer(
        request,
        shadow_differences(rulebook),
        template="fraud/shadow.html",
        title=_("Shadow run"),
        crumbs=to_rulebooks(institution),
        institution=institution,
        zone=institution.time_zone,
        rulebook=rulebook,
        version=version,
        so_far=so_far,
        version_name=version_name(version.number) if version else "",
        may_open=request.actor.may(Act.APPLICATION_READ, institution.place),
        primary=_promoting(rulebook) if may_edit else None,
        choices=_choices(rulebook, may_edit=may_edit),
        **publication_asked(request, RULEBOOK, version),
    )


def _promoting(rulebook: Rulebook) -> Choice | None:
    """Offer to publish what runs in the shadow: a draft as it is, an older version again."""
    version, here = rulebook.shadow, [rulebook.institution.public_id]
    if version is None or version.state == VersionState.WAITING:
        return None
    if version.state == VersionState.DRAFT:
        return Choice(
            _("Ask for publishing"), reverse("rulebook-publish", args=here), "send", is_question=True
        )
    back = reverse("rulebook-roll-back", args=[version.public_id])
    return Choice(_("Ask for going back"), back, "send", is_question=True)


def _choices(rulebook: Rulebook, *, may_edit: bool) -> list[Choice]:
    here = [rulebook.institution.public_id]
    version, live = rulebook.shadow, rulebook.live
    if version is None:
        return []
    compare = (
        f"{reverse('rulebook-compare', args=here)}?old={live.number if live else 0}&new={version.number}"
    )
    choices = [Choice(_("Compare with what decides"), compare, "arrows-sort")]
    if may_edit:
        end = reverse("rulebook-shadow-off", args=here)
        choices.append(Choice(_("End the shadow run"), end, "x", is_question=True))
    return choices


@require(Act.RULEBOOK_EDIT)
def shadow_on(request: PageRequest, public_id: str) -> HttpResponse:
    """Let a version run beside what decides."""
    version = visible_version(request, public_id, Act.RULEBOOK_EDIT)
    institution = version.rulebook.institution

    def act(_reason: str) -> HttpResponse:
        set_shadow(version, by=request.actor, now=clock.now())
        messages.success(request, _("It runs in the shadow from the next application on."))
        return redirect("rulebook-shadow", institution.public_id)

    question = Question(
        title=_("Run version %(number)s in the shadow?") % {"number": version.number},
        sentences=[
            _("It decides beside the version in force; what it would say is kept and compared."),
            _("Nobody is told its outcome. A draft cannot be changed while it runs."),
        ],
        button=_("Run it in the shadow"),
        back_url=reverse("rulebook-version", args=[public_id]),
    )
    replaced = version.rulebook.shadow
    if replaced is not None and replaced.pk != version.pk:
        words = _("Version %(number)s, which runs there now, ends its run.") % {"number": replaced.number}
        question = replace(question, sentences=[*question.sentences, words])
    return ask(request, question, act)


@require(Act.RULEBOOK_EDIT)
def shadow_off(request: PageRequest, public_id: str) -> HttpResponse:
    """End the run in the shadow."""
    rulebook = _running(request, public_id, Act.RULEBOOK_EDIT)

    def act(_reason: str) -> HttpResponse:
        clear_shadow(rulebook, by=request.actor, now=clock.now())
        messages.success(request, _("The run in the shadow has ended."))
        return redirect("rulebook", public_id)

    question = Question(
        title=_("End the run in the shadow?"),
        sentences=[_("What was kept of it stays with the screenings.")],
        button=_("End the shadow run"),
        back_url=reverse("rulebook-shadow", args=[public_id]),
    )
    return ask(request, question, act)
