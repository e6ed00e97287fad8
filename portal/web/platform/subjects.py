"""Pages of access and erasure: find somebody by what they are known by, hand out what is held, ask to erase it."""

import json
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Organization
from portal.accounts.queries import organizations
from portal.accounts.roles import Act
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.core.language import grouped
from portal.keys.models import Certificate
from portal.retention.operations.holds import hold_subject
from portal.retention.operations.subjects import ask_to_erase, export_subject, find_subject
from portal.retention.queries import is_held
from portal.retention.subjects import Subject, kind_of, subject_kinds, subject_with
from portal.web.forms import Form, Section, form_page
from portal.web.guards import require
from portal.web.navigation import Words
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest
from portal.web.trails import timeline
from portal.web.wording import moment

# What the names in an export are called on paper; one that is not here stands as it is.
NAMES: dict[str, Words] = {
    "account": gettext_lazy("Account"),
    "act": gettext_lazy("Act"),
    "acts": gettext_lazy("What was done here"),
    "address": gettext_lazy("Network address"),
    "at": gettext_lazy("When"),
    "balance": gettext_lazy("Balance"),
    "browser": gettext_lazy("Browser"),
    "campaign": gettext_lazy("Campaign"),
    "created_at": gettext_lazy("Added"),
    "devices": gettext_lazy("Devices"),
    "email": gettext_lazy("E-mail address"),
    "id": gettext_lazy("Id"),
    "language": gettext_lazy("Language"),
    "last_login": gettext_lazy("Last signed in"),
    "last_seen_at": gettext_lazy("Last seen"),
    "market": gettext_lazy("Market"),
    "may_sign_in": gettext_lazy("May sign in"),
    "member": gettext_lazy("Member"),
    "name": gettext_lazy("Name"),
    "on": gettext_lazy("On"),
    "organization": gettext_lazy("Organization"),
    "points": gettext_lazy("Points"),
    "redeemed_at": gettext_lazy("Redeemed"),
    "redemptions": gettext_lazy("Redemptions"),
    "reference": gettext_lazy("Reference"),
    "role": gettext_lazy("Role"),
    "roles": gettext_lazy("Roles"),
    "second_factors": gettext_lazy("Second factors"),
    "single_sign_on": gettext_lazy("Single sign-on"),
    "type": gettext_lazy("Kind"),
}


class FindForm(Form):
    """Whom to find."""

    button: ClassVar[Words] = gettext_lazy("Find")
    sections = (
        Section(
            gettext_lazy("Who"),
            gettext_lazy("The look-up is recorded; what you type is not kept."),
            ("kind", "organization", "reference"),
        ),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=())
    organization = forms.ModelChoiceField(
        label=gettext_lazy("Market"),
        queryset=Organization.objects.none(),
        required=False,
        help_text=gettext_lazy("For a member of a programme."),
    )
    reference = forms.CharField(
        label=gettext_lazy("Known by"),
        max_length=254,
        help_text=gettext_lazy(
            "A member: the reference in the brand's own system. Others: the e-mail address."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, request: PageRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, kind.title) for kind in subject_kinds()]  # type: ignore[attr-defined]
        places = organizations(request.actor, Act.SUBJECT_ACCESS, OrganizationKind.MARKET)
        self.fields["organization"].queryset = places  # type: ignore[attr-defined]


def _to_subjects() -> list[Crumb]:
    return [Crumb(_("Retention"), reverse("retention")), Crumb(_("Somebody's data"), reverse("subjects"))]


def _seen(request: PageRequest, public_id: str) -> Subject:
    subject = subject_with(public_id)
    if subject is None or not request.actor.may(Act.SUBJECT_ACCESS, subject.place):
        raise NotFoundError
    return subject


@never_cache
@require(Act.SUBJECT_ACCESS)
def subjects(request: PageRequest) -> HttpResponse:
    """Find somebody by what they are known by."""
    form = FindForm(request, request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        kind = next(kind for kind in subject_kinds() if kind.name == given["kind"])
        organization = given["organization"] if kind.per else None
        subject = find_subject(
            kind, given["reference"], organization=organization, by=request.actor, now=now()
        )
        if not subject.public_id:
            form.add_error("reference", _("Nothing is held under this."))
            return render(request, "portal/form_page.html", {"form": form, **page}, status=404)
        return redirect("subject", subject.public_id)

    page: dict[str, Any] = {
        "title": _("What is held about somebody"),
        "crumbs": [Crumb(_("Retention"), reverse("retention"))],
        "back_url": reverse("retention"),
    }
    return form_page(request, form, act, **page)


@never_cache
@require(Act.SUBJECT_ACCESS)
def subject(request: PageRequest, public_id: str) -> HttpResponse:
    """Show that something is held about a person, and what can be done; none of it is read for that."""
    subject = _seen(request, public_id)
    held = is_held(subject)
    context = {
        "title": _("What is held about somebody"),
        "crumbs": _to_subjects(),
        "subject": subject,
        "kind": kind_of(subject).title,
        "is_held": held,
        "certificate": Certificate.objects.filter(subject=public_id).order_by("-pk").first(),
        "choices": _choices(subject, request, is_held=held),
        "events": timeline(subject),
    }
    return render(request, "portal/subject.html", context)


def _choices(subject: Subject, request: PageRequest, *, is_held: bool) -> list[Choice]:
    if is_held or subject.is_erased:
        return []
    found = []
    if request.actor.may(Act.RETENTION_EDIT, subject.place):
        url = reverse("subject-hold", args=[subject.public_id])
        found.append(Choice(_("Place a hold"), url, "lock", is_question=True))
    url = reverse("subject-erase", args=[subject.public_id])
    found.append(Choice(_("Ask to erase it"), url, "x", is_question=True, is_grave=True))
    return found


@never_cache
@require(Act.SUBJECT_ACCESS)
def export(request: PageRequest, public_id: str) -> HttpResponse:
    """Hand out all that is held, as a JSON file or as a page to print; only when asked by a form."""
    _seen(request, public_id)
    if request.method != "POST":
        return redirect("subject", public_id)
    held = export_subject(public_id, by=request.actor, now=now())
    if request.POST.get("as") == "page":
        parts = [_laid_out(name, part) for name, part in held.items() if isinstance(part, dict | list)]
        context = {"title": _("What is held about somebody"), "held": held, "parts": parts}
        return render(request, "portal/subject_print.html", {**context, "crumbs": _to_subjects()})
    text = json.dumps(held, indent=2, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{public_id}.json"'
    return answer


def _laid_out(name: str, part: dict[str, Any] | list[dict[str, Any]]) -> dict[str, Any]:
    """Lay a part of what is held out as a table; what is one thing has its facts as rows."""
    if isinstance(part, dict):
        rows = [[NAMES.get(key, key), _shown(key, value)] for key, value in part.items()]
        return {"name": NAMES.get(name, name), "heads": [], "rows": rows}
    heads = [NAMES.get(key, key) for key in part[0]] if part else []
    rows = [[_shown(key, value) for key, value in row.items()] for row in part]
    return {"name": NAMES.get(name, name), "heads": heads, "rows": rows}


def _shown(key: str, value: Any) -> Words:
    """Write a value for people: moments, numbers and yes or no in their language."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int):
        return grouped(value)
    is_moment = key == "at" or key.endswith(("_at", "_login"))
    return moment(datetime.fromisoformat(value)) if is_moment else str(value)


@require(Act.SUBJECT_ACCESS)
def erase(request: PageRequest, public_id: str) -> HttpResponse:
    """Ask to erase what is held; a second person approves."""
    subject = _seen(request, public_id)

    def act(_reason: str) -> HttpResponse:
        approval = ask_to_erase(subject.public_id, by=request.actor, now=now())
        messages.success(request, _("A second person has to approve it before anything is erased."))
        return redirect("request", approval.public_id)

    question = Question(
        title=_("Ask to erase what is held about this person?"),
        sentences=[
            _("Once a second person approves, the keys of this person's data are destroyed."),
            _("Nobody can bring it back. Codes stay spent, and the trail still verifies."),
        ],
        button=_("Ask to erase it"),
        back_url=reverse("subject", args=[public_id]),
        is_grave=True,
    )
    return ask(request, question, act)


@require(Act.RETENTION_EDIT)
def hold(request: PageRequest, public_id: str) -> HttpResponse:
    """Place a hold on everything about a person."""
    subject = _seen(request, public_id)

    def act(reason: str) -> HttpResponse:
        hold_subject(subject.public_id, place=subject.place, reason=reason, by=request.actor, now=now())
        messages.success(request, _("The hold is in place: nothing that it covers goes."))
        return redirect("subject", public_id)

    question = Question(
        title=_("Place a hold on this person's data?"),
        sentences=[_("Nothing about this person goes until two people have lifted it.")],
        button=_("Place hold"),
        back_url=reverse("subject", args=[public_id]),
        asks_reason=True,
        reason_help=_("Such as the number of the case; no names."),
    )
    return ask(request, question, act)
