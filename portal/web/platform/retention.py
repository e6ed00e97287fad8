"""Pages of retention: what will go when, what is held, what runs, and certificates of what went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Organization
from portal.accounts.queries import organizations
from portal.accounts.roles import Act
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.core.language import grouped, said
from portal.core.phrases import Phrase
from portal.retention import queries
from portal.retention.models import LegalHold, RetentionRun
from portal.retention.operations.holds import ask_to_lift, hold_organization
from portal.retention.operations.periods import ask_for_days
from portal.retention.policies import Action, RetentionPolicy, policies
from portal.web.finding import found, offered
from portal.web.forms import CountField, Form, form_page
from portal.web.guards import require
from portal.web.navigation import Words
from portal.web.pieces import Chart, Choice, Crumb, Progress, Question, Series, ask
from portal.web.requests import PageRequest
from portal.web.states import look

MONTHS = 6
MOST_RUNS = 15
ACTION_NAMES: dict[str, Words] = {
    Action.DELETE: gettext_lazy("is deleted"),
    Action.REDACT: gettext_lazy("is blanked"),
    Action.SHRED: gettext_lazy("is shredded with its key"),
}


def _to_retention() -> list[Crumb]:
    return [Crumb(_("Retention"), reverse("retention"))]


@require(Act.RETENTION_READ)
def retention(request: PageRequest) -> HttpResponse:
    """Show every policy with what it will take in the coming months, the holds, and the last runs."""
    actor, moment = request.actor, now()
    months = [_later(moment, number) for number in range(MONTHS + 1)]
    rows = [_line(policy, request, months) for policy in policies()]
    context = {
        "title": _("Retention"),
        "rows": rows,
        "chart": _chart(rows, months),
        "holds": queries.holds(actor).filter(lifted_at=None),
        "runs": [(run, _title_of(run), progress_of(run)) for run in queries.runs(actor)[:MOST_RUNS]],
        "may_edit": actor.may(Act.RETENTION_EDIT),
        "primary": offered(request, Act.RETENTION_EDIT, _("Place a hold"), reverse("hold-new"), "lock"),
        "choices": _choices(request),
    }
    return render(request, "portal/retention.html", context)


def _later(moment: datetime, months: int) -> datetime:
    """Give the same moment some months later; the last days of a month count as its 28th."""
    years, month = divmod(moment.month - 1 + months, 12)
    return (
        moment.replace(year=moment.year + years, month=month + 1, day=min(moment.day, 28))
        if months
        else moment
    )


def _choices(request: PageRequest) -> list[Choice]:
    if not request.actor.may(Act.SUBJECT_ACCESS):
        return []
    return [Choice(_("Find what is held about somebody"), reverse("subjects"), "search")]


def _line(policy: RetentionPolicy, request: PageRequest, months: list[datetime]) -> dict[str, Any]:
    """Give one policy as the table and the chart show it."""
    places = queries.places_seen(policy, request.actor)
    counts = queries.forecast(policy, months, places)
    return {
        "policy": policy,
        "title": said(Phrase(policy.title)),
        "what": said(Phrase(policy.what)),
        "action": ACTION_NAMES[policy.action],
        "kept": _kept(policy, places),
        "counts": counts,
        "due": counts[0],
        "later": sum(counts[1:]),
        "may_edit": any(_may_edit(request, place) for place in places),
    }


def _kept(policy: RetentionPolicy, places: Sequence[Organization | None]) -> list[tuple[str, str]]:
    """Say for how long, and where if that differs from place to place."""
    found: dict[int, list[str]] = {}
    for place in places:
        found.setdefault(queries.days_kept(policy, place), []).append(place.name if place else "")
    names = [(in_days(days), ", ".join(where)) for days, where in sorted(found.items())]
    return names if len(names) > 1 else [(days, "") for days, _where in names] or [(in_days(policy.days), "")]


def in_days(days: int) -> str:
    """Say how many days, in days however many."""
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": grouped(days)}


def _may_edit(request: PageRequest, place: Organization | None) -> bool:
    where = {OrganizationKind(place.kind): place.pk} if place else {}
    return request.actor.may(Act.RETENTION_EDIT, where)


def _chart(rows: list[dict[str, Any]], months: list[datetime]) -> Chart:
    named = [formats.date_format(month, "M Y") for month in months[1:]]
    return Chart(
        name="forecast",
        question=_("What will go in the next six months?"),
        categories=[_("Due now"), *named],
        series=[Series(row["title"], row["counts"]) for row in rows if any(row["counts"])],
        unit=_("until"),
        is_stacked=True,
    )


def progress_of(run: RetentionRun) -> Progress:
    """Say how far a run is."""
    doing = _("%(done)s of %(total)s") % {"done": grouped(run.done), "total": grouped(run.total)}
    return Progress(
        done=run.done,
        total=max(run.total, run.done),
        unit=_("rows"),
        family=look(run.state)[0],
        doing=doing,
        is_finished=run.finished_at is not None,
        heard_at=run.heard_at,
    )


class DaysForm(Form):
    """How long the things of one policy are kept."""

    button: ClassVar[Words] = gettext_lazy("Ask for it")
    units: ClassVar[dict[str, Words]] = {"days": gettext_lazy("days")}
    organization = forms.ModelChoiceField(label=gettext_lazy("Where"), queryset=Organization.objects.none())
    days = CountField(label=gettext_lazy("Keep for"), min_value=1)

    def __init__(self, request: PageRequest, policy: RetentionPolicy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        says = _("Between %(least)s and %(most)s days; without a change of yours it is %(days)s.")
        bounds = {
            "least": grouped(policy.floor),
            "most": grouped(policy.ceiling),
            "days": grouped(policy.days),
        }
        self.fields["days"].help_text = says % bounds
        if policy.per is None:
            del self.fields["organization"]
        else:
            places = organizations(request.actor, Act.RETENTION_EDIT, policy.per)
            self.fields["organization"].queryset = places  # type: ignore[attr-defined]


@require(Act.RETENTION_EDIT)
def change(request: PageRequest, name: str) -> HttpResponse:
    """Ask to keep the things of a policy for longer or shorter; a second person approves."""
    policy = next((policy for policy in policies() if policy.name == name), None)
    if policy is None:
        raise NotFoundError
    form = DaysForm(request, policy, request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        approval = ask_for_days(
            policy, organization=given.get("organization"), days=given["days"], by=request.actor, now=now()
        )
        messages.success(request, _("A second person has to approve it before it counts."))
        return redirect("request", approval.public_id)

    title = _("How long to keep: %(what)s") % {"what": said(Phrase(policy.title))}
    return form_page(request, form, act, title=title, crumbs=_to_retention(), back_url=reverse("retention"))


class HoldForm(Form):
    """A legal hold on everything of an organization."""

    button: ClassVar[Words] = gettext_lazy("Place hold")
    organization = forms.ModelChoiceField(
        label=gettext_lazy("Organization"),
        queryset=Organization.objects.none(),
        help_text=gettext_lazy("A hold on the operator keeps everything there is."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Such as the number of the case; no names."),
    )

    def __init__(self, request: PageRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = organizations(request.actor, Act.RETENTION_EDIT, *OrganizationKind)
        self.fields["organization"].queryset = places  # type: ignore[attr-defined]


@require(Act.RETENTION_EDIT)
def new_hold(request: PageRequest) -> HttpResponse:
    """Place a hold on an organization, at once."""
    form = HoldForm(request, request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        hold_organization(given["organization"], reason=given["reason"], by=request.actor, now=now())
        messages.success(request, _("The hold is in place: nothing that it covers goes."))
        return redirect("retention")

    return form_page(
        request, form, act, title=_("Place a hold"), crumbs=_to_retention(), back_url=reverse("retention")
    )


@require(Act.RETENTION_EDIT)
def lift(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask to lift a hold; a second person approves."""
    hold = found(queries.holds(request.actor), public_id)

    def act(_reason: str) -> HttpResponse:
        approval = ask_to_lift(hold, by=request.actor, now=now())
        messages.success(request, _("A second person has to approve it before it counts."))
        return redirect("request", approval.public_id)

    return ask(request, _lifting(hold), act)


def _lifting(hold: LegalHold) -> Question:
    return Question(
        title=_("Ask to lift the hold on %(on)s?") % {"on": hold.on_what},
        sentences=[
            _("It stays until a second person approves."),
            _("What is due then goes with the next run, and cannot be brought back."),
        ],
        button=_("Ask to lift it"),
        back_url=reverse("retention"),
        is_grave=True,
    )


def _policy_of(run: RetentionRun) -> RetentionPolicy | None:
    """Find the policy of a run; one from long ago may be on the list no more."""
    return next((policy for policy in policies() if policy.name == run.policy), None)


def _title_of(run: RetentionRun) -> str:
    policy = _policy_of(run)
    return said(Phrase(policy.title)) if policy else run.policy
