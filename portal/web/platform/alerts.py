"""Pages of alerts: what detectors found, who looks into it, and how the streams of events do."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from portal.accounts.roles import Act
from portal.audit.queries import history
from portal.core.clock import now
from portal.security import queries, words
from portal.security.models import Alert, AlertState
from portal.security.operations.alerts import acknowledge_alert, close_alert, note_on_alert, reopen_alert
from portal.security.queries import DETECTORS_CURSOR, Health
from portal.web.finding import found
from portal.web.forms import Form, form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.navigation import Words
from portal.web.pieces import Crumb, Event, Question, ask
from portal.web.requests import PageRequest
from portal.web.states import look
from portal.web.trails import MOST_EVENTS, all_told, words_of_act
from portal.web.wording import zone_name

S = AlertState
# What the facts of an alert are called, in the order in which they are shown.
FACTS: dict[str, Words] = {
    "times": gettext_lazy("Times"),
    "accounts": gettext_lazy("Accounts"),
    "minutes": gettext_lazy("Within minutes"),
    "act": gettext_lazy("Act"),
    "new": gettext_lazy("New"),
    "country": gettext_lazy("Country"),
    "clock": gettext_lazy("Local time"),
    "zone": gettext_lazy("Time zone"),
}
NEW: dict[str, Words] = {"device": gettext_lazy("device"), "country": gettext_lazy("country")}


class AlertFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state, severity and detector."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=lambda: [(state.value, look(state)[1]) for state in S]
    )
    severity = django_filters.ChoiceFilter(
        label=gettext_lazy("Severity"),
        choices=lambda: [(grade.value, name) for grade, name in words.SEVERITIES.items()],
    )
    detector = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"),
        choices=lambda: [(name, said[0]) for name, said in words.DETECTORS.items()],
    )


ALERTS = ListPage(
    name="alerts",
    columns=(
        Column(
            "title", gettext_lazy("Alert"), template="portal/cells/alert.html", sort="detector", is_main=True
        ),
        Column("state", gettext_lazy("State"), template="portal/cells/state.html", sort="state"),
        Column("severity_name", gettext_lazy("Severity"), sort="severity"),
        Column("actor_name", gettext_lazy("About"), sort="actor_name"),
        Column("times", gettext_lazy("Times"), sort="times", is_number=True, is_spare=True),
        Column("holder.name", gettext_lazy("With"), sort="holder__name", is_spare=True),
        Column("opened_at", gettext_lazy("Opened"), template="portal/cells/when.html", sort="opened_at"),
    ),
    empty=Empty(
        gettext_lazy("No alert"),
        gettext_lazy("The detectors read the trail as it is sealed; what looks wrong to them appears here."),
        icon="shield-check",
    ),
    search=("public_id", "actor_name", "subject_id"),
    search_label=gettext_lazy("Search alerts"),
    filters=AlertFilter,
    sort="-opened_at",
)


class NoteForm(Form):
    """A note below an alert."""

    button: ClassVar[Words] = gettext_lazy("Write note")
    text = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("What you found or did. It stays with the alert and out of the trail."),
    )


def _to_alerts() -> list[Crumb]:
    return [Crumb(_("Alerts"), reverse("alerts"))]


@require(Act.ALERT_READ)
def alerts(request: PageRequest) -> HttpResponseBase:
    """List alerts; those whose role holds everywhere also see the streams and the canaries."""
    actor = request.actor
    context: dict[str, object] = {"title": _("Alerts")}
    if actor.may(Act.ALERT_READ, {}):
        context["streams"] = [_named(health) for health in queries.stream_health(now=now())]
    if actor.may(Act.ALERT_EDIT, {}):
        context["canaries"] = queries.canaries()
    return ALERTS.answer(request, queries.alerts(actor), template="portal/alerts.html", **context)


def _named(health: Health) -> Health:
    return replace(health, name=_("Detectors")) if health.name == DETECTORS_CURSOR else health


@require(Act.ALERT_READ)
def alert(request: PageRequest, public_id: str) -> HttpResponse:
    """Show an alert with what led to it and what was done about it."""
    return _alert_page(request, found(queries.alerts(request.actor), public_id))


@require(Act.ALERT_EDIT)
def new_note(request: PageRequest, public_id: str) -> HttpResponse:
    """Write a note below an alert."""
    return _alert_page(request, found(queries.alerts(request.actor), public_id))


def _alert_page(request: PageRequest, alert: Alert) -> HttpResponse:
    form = NoteForm(request.POST or None)

    def act() -> HttpResponse:
        note_on_alert(alert, **form.cleaned_data, by=request.actor, now=now())
        messages.success(request, _("The note was written."))
        return redirect("alert", alert.public_id)

    entries = list(queries.entries_of(alert))
    return form_page(
        request,
        form,
        act,
        template="portal/alert.html",
        title=alert.title,
        crumbs=_to_alerts(),
        alert=alert,
        facts=_facts(alert),
        entries=list(zip(entries, all_told(entries), strict=True)),
        events=_events(alert),
        is_about_me=request.actor.person in alert.about,
        may_handle=queries.may_handle(alert, request.actor),
        may_read_trail=request.actor.may(Act.TRAIL_READ),
    )


def _facts(alert: Alert) -> list[tuple[Words, object]]:
    facts: dict[str, Any] = dict(alert.facts)
    if "new" in facts:
        facts["new"] = ", ".join(str(NEW[name]) for name in facts["new"])
    if "act" in facts:
        facts["act"] = words_of_act(facts["act"])
    if "zone" in facts:
        facts["zone"] = zone_name(facts["zone"])
    return [(name, facts[key]) for key, name in FACTS.items() if facts.get(key)]


def _events(alert: Alert) -> list[Event]:
    """Tell what was done about an alert, with the notes themselves."""
    entries = list(history(alert)[:MOST_EVENTS])
    notes = dict(alert.notes.values_list("public_id", "text"))
    return [
        replace(event, more=notes.get(entry.facts.get("note", ""), ""))
        for entry, event in zip(entries, all_told(entries), strict=True)
    ]


@require(Act.ALERT_EDIT)
@require_POST
def acknowledge(request: PageRequest, public_id: str) -> HttpResponse:
    """Take an alert in hand."""
    acknowledge_alert(found(queries.alerts(request.actor), public_id), by=request.actor, now=now())
    messages.success(request, _("You have this alert in hand. Write down what you find."))
    return redirect("alert", public_id)


@require(Act.ALERT_EDIT)
def close(request: PageRequest, public_id: str) -> HttpResponse:
    """Close an alert, after asking why."""
    alert = found(queries.alerts(request.actor), public_id)
    question = Question(
        title=_("Close this alert?"),
        sentences=[_("It no longer waits for anybody. The same thing later opens it again, or a new one.")],
        button=_("Close alert"),
        back_url=reverse("alert", args=[public_id]),
        asks_reason=True,
        reason_help=_("What it was, and what was done. It stays with the alert and out of the trail."),
    )
    return _asked(request, question, alert, close_alert, _("The alert was closed."))


@require(Act.ALERT_EDIT)
def reopen(request: PageRequest, public_id: str) -> HttpResponse:
    """Open a closed alert again, after asking why."""
    alert = found(queries.alerts(request.actor), public_id)
    question = Question(
        title=_("Reopen this alert?"),
        sentences=[_("It waits for everybody who handles alerts again.")],
        button=_("Reopen alert"),
        back_url=reverse("alert", args=[public_id]),
        asks_reason=True,
        reason_help=_("It stays with the alert and out of the trail."),
    )
    return _asked(request, question, alert, reopen_alert, _("The alert was reopened."))


def _asked(
    request: PageRequest, question: Question, alert: Alert, operation: Callable[..., object], done: str
) -> HttpResponse:
    def act(reason: str) -> HttpResponse:
        operation(alert, reason=reason, by=request.actor, now=now())
        messages.success(request, done)
        return redirect("alert", alert.public_id)

    return ask(request, question, act)
