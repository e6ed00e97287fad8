"""Pages of rulebooks: which one decides where, a rulebook with its rules in words, its versions side by side."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.models import Institution, Rulebook, RulebookVersion
from fraud.operations.rulebooks import RULEBOOK
from fraud.queries.institutions import institutions
from fraud.queries.rulebooks import document_of, draft_of, live_document, rulebooks, versions
from fraud.rules.rulebook import RulebookDocument, default_document
from fraud.rules.rulebook.states import VersionState
from fraud.views.publishing import publication_asked
from fraud.views.rulebook_pieces import (
    Difference,
    VersionLine,
    bands_picture,
    rule_lines,
    rulebook_differences,
)
from portal.accounts.roles import Act
from portal.web.finding import found
from portal.web.forms import Form, dress
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb
from portal.web.requests import PageRequest
from portal.web.trails import timeline

RULEBOOKS = ListPage(
    name="rulebooks",
    columns=(
        Column("name", gettext_lazy("Institution"), "fraud/cells/rulebook.html", sort="name", is_main=True),
        Column("rulebook.live", gettext_lazy("Decides"), "fraud/cells/rulebook_version.html"),
        Column("rulebook.shadow", gettext_lazy("In the shadow"), "fraud/cells/rulebook_shadow.html"),
        Column(
            "rulebook.live.published_at",
            gettext_lazy("Published"),
            "portal/cells/when.html",
            sort="rulebook__live__published_at",
            is_spare=True,
        ),
    ),
    search=("name", "public_id"),
    search_label=gettext_lazy("Search institutions"),
    sort="name",
    empty=Empty(
        gettext_lazy("No institution yet"),
        gettext_lazy("Every institution has a rulebook: the default that ships, until it publishes its own."),
        icon="adjustments",
    ),
    is_exported=False,
)


def to_rulebooks(institution: Institution | None = None) -> list[Crumb]:
    """Lead back to the list, or further to the rulebook of one institution."""
    crumbs = [Crumb(_("Rulebooks"), reverse("rulebooks"))]
    if institution is not None:
        crumbs.append(Crumb(institution.name, reverse("rulebook", args=[institution.public_id])))
    return crumbs


def rulebook_of(institution: Institution) -> Rulebook | None:
    """Give the rulebook of an institution; none before its first draft."""
    rows = Rulebook.objects.filter(institution=institution)
    return rows.select_related("institution", "live", "shadow").first()


@require(Act.RULEBOOK_READ)
def rulebook_list(request: PageRequest) -> HttpResponseBase:
    """List the institutions with what decides about their applications."""
    rows = institutions(request.actor, Act.RULEBOOK_READ)
    rows = rows.select_related("rulebook__live", "rulebook__shadow")
    return RULEBOOKS.answer(request, rows, title=_("Rulebooks"))


@require(Act.RULEBOOK_READ)
def rulebook_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show what decides now, what has been published before, and what else there is to look at."""
    institution = found(institutions(request.actor, Act.RULEBOOK_READ), public_id)
    rulebook, may_edit = rulebook_of(institution), request.actor.may(Act.RULEBOOK_EDIT, institution.place)
    editing = Choice(_("Edit rules"), reverse("rulebook-draft", args=[public_id]), "pencil")
    context = {
        "title": _("Rulebook of %(institution)s") % {"institution": institution.name},
        "crumbs": to_rulebooks(),
        "state": "live",
        "primary": editing if may_edit else None,
        **_told(institution, live_document(rulebook)),
    }
    if rulebook is not None:
        context |= _about(request, rulebook, may_edit=may_edit)
    return render(request, "fraud/rulebook.html", context)


def _told(institution: Institution, document: RulebookDocument) -> dict[str, Any]:
    return {
        "institution": institution,
        "zone": institution.time_zone,
        "bands": bands_picture(document.bands),
        "rules": rule_lines(document),
    }


def _about(request: PageRequest, rulebook: Rulebook, *, may_edit: bool) -> dict[str, Any]:
    here = [rulebook.institution.public_id]
    choices = [
        Choice(_("Compare versions"), reverse("rulebook-compare", args=here), "arrows-sort"),
        Choice(_("Backtests"), reverse("backtests", args=here), "test-pipe"),
    ]
    if rulebook.shadow:
        choices.append(Choice(_("The shadow run"), reverse("rulebook-shadow", args=here), "eye"))
    has_draft = may_edit and draft_of(rulebook) is not None
    return {
        "shown": rulebook.live,
        "draft_url": reverse("rulebook-draft", args=here) if has_draft else "",
        "shadow": rulebook.shadow,
        "shadow_url": reverse("rulebook-shadow", args=here) if rulebook.shadow else "",
        "versions": [_version_line(rulebook, version, may_edit=may_edit) for version in versions(rulebook)],
        "events": timeline(rulebook),
        "choices": choices,
        **publication_asked(request, RULEBOOK, _waiting(rulebook)),
    }


def _waiting(rulebook: Rulebook) -> RulebookVersion | None:
    return versions(rulebook).filter(state=VersionState.WAITING).first()


def _version_line(rulebook: Rulebook, version: RulebookVersion, *, may_edit: bool) -> VersionLine:
    is_live = version.pk == rulebook.live_id
    is_old = version.state == VersionState.PUBLISHED and not is_live
    back = reverse("rulebook-roll-back", args=[version.public_id])
    return VersionLine(
        number=version.number,
        state="live" if is_live else version.state,
        published_at=version.published_at,
        checksum=version.checksum,
        url=reverse("rulebook-version", args=[version.public_id]),
        compare_url="" if is_live else _comparing(rulebook, version),
        roll_back_url=back if is_old and may_edit else "",
    )


def _comparing(rulebook: Rulebook, version: RulebookVersion) -> str:
    url = reverse("rulebook-compare", args=[rulebook.institution.public_id])
    old = rulebook.live.number if rulebook.live else 0
    first, second = sorted((old, version.number))
    return f"{url}?old={first}&new={second}"


def visible_version(request: PageRequest, public_id: str, act: Act = Act.RULEBOOK_READ) -> RulebookVersion:
    """Find a version by its id.

    :raises NotFoundError: there is none, or it is somebody else's
    """
    rows = RulebookVersion.objects.filter(rulebook__in=rulebooks(request.actor, act))
    return found(rows.select_related("rulebook__institution", "rulebook__live", "institution"), public_id)


@require(Act.RULEBOOK_READ)
def rulebook_version(request: PageRequest, public_id: str) -> HttpResponse:
    """Show one version as it was written."""
    version = visible_version(request, public_id)
    rulebook = version.rulebook
    context = {
        "title": _("Version %(number)s") % {"number": version.number},
        "crumbs": to_rulebooks(rulebook.institution),
        "state": "live" if version.pk == rulebook.live_id else version.state,
        "shown": version,
        "choices": _version_choices(request, rulebook, version),
        **publication_asked(request, RULEBOOK, version),
        **_told(rulebook.institution, document_of(version)),
    }
    return render(request, "fraud/rulebook.html", context)


def _version_choices(request: PageRequest, rulebook: Rulebook, version: RulebookVersion) -> list[Choice]:
    choices = [Choice(_("Compare versions"), _comparing(rulebook, version), "arrows-sort")]
    if not request.actor.may(Act.RULEBOOK_EDIT, rulebook.place):
        return choices
    new = reverse("backtest-new", args=[rulebook.institution.public_id])
    choices.append(Choice(_("Try it on the past"), f"{new}?version={version.number}", "test-pipe"))
    if version.pk not in {rulebook.live_id, rulebook.shadow_id}:
        shadow = reverse("rulebook-shadow-on", args=[version.public_id])
        choices.append(Choice(_("Run it in the shadow"), shadow, "eye", is_question=True))
    return choices


class CompareForm(Form):
    """Which two versions to lay side by side; 0 is the default that ships."""

    def __init__(self, numbers: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in {"old": _("Before"), "new": _("After")}.items():
            self.fields[name] = forms.TypedChoiceField(label=label, coerce=int, choices=numbers)
        dress(self)


@require(Act.RULEBOOK_READ)
def compare(request: PageRequest, public_id: str) -> HttpResponse:
    """Lay two versions side by side."""
    institution = found(institutions(request.actor, Act.RULEBOOK_READ), public_id)
    rulebook = rulebook_of(institution)
    known = {version.number: version for version in versions(rulebook)} if rulebook else {}
    names = [(0, _("Default that ships")), *((number, version_name(number)) for number in sorted(known))]
    newest = max(known, default=0)
    form = CompareForm(
        names, request.GET if "old" in request.GET else {"old": max(newest - 1, 0), "new": newest}
    )
    context = {
        "title": _("Compare versions"),
        "crumbs": to_rulebooks(institution),
        "form": form,
        "differences": _differences(form, known) if form.is_valid() else [],
    }
    return render(request, "fraud/compare.html", context, status=422 if form.errors else 200)


def _differences(form: CompareForm, known: dict[int, RulebookVersion]) -> list[Difference]:
    old, new = (known.get(form.cleaned_data[name]) for name in ("old", "new"))
    pair = [document_of(version) if version else default_document() for version in (old, new)]
    return rulebook_differences(*pair)


def version_name(number: int) -> str:
    """Call a version by its number."""
    return _("Version %(number)s") % {"number": number}
