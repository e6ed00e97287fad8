"""Pages of mappings: whose layouts there are, one with its versions and tests, two versions side by side."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.forms.mappings import NewMappingForm
from fraud.models import Mapping, MappingVersion
from fraud.operations.mappings.drafting import create_mapping
from fraud.operations.mappings.publishing import MAPPING
from fraud.queries.institutions import institutions
from fraud.queries.mappings import (
    drift_warnings,
    golden_samples,
    history,
    mappings,
    open_version,
    visible_mapping,
)
from fraud.rules.mapping_states import VersionState
from fraud.rules.translation import Direction, Kind, Layout, MappingDocument
from fraud.rules.translation.document import to_json
from fraud.views.mapping_pieces import mapping_differences, shown_fields
from fraud.views.publishing import publication_asked
from fraud.views.rulebook_pieces import VersionLine
from fraud.views.rulebooks import CompareForm
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.language import said
from portal.web.finding import fitted, found, offered
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb
from portal.web.requests import PageRequest
from portal.web.trails import timeline

MAPPINGS = ListPage(
    name="mappings",
    columns=(
        Column("name", gettext_lazy("Mapping"), "fraud/cells/mapping.html", sort="name", is_main=True),
        Column("institution.name", gettext_lazy("Institution"), sort="institution__name"),
        Column("direction", gettext_lazy("Translates"), "fraud/cells/direction.html", is_spare=True),
        Column("live", gettext_lazy("In use"), "fraud/cells/mapping_version.html"),
        Column("live.published_at", gettext_lazy("Published"), "portal/cells/when.html", is_spare=True),
        Column(
            "version_count", gettext_lazy("Versions"), sort="version_count", is_number=True, is_spare=True
        ),
    ),
    search=("name", "institution__name", "public_id"),
    search_label=gettext_lazy("Search mappings"),
    sort="institution__name",
    empty=Empty(
        gettext_lazy("No mapping yet"),
        gettext_lazy("Institutions that send our own JSON need none. A mapping translates any other layout."),
        reverse_lazy("mapping-new"),
        gettext_lazy("New mapping"),
        "table",
    ),
)


def to_mappings(mapping: Mapping | None = None) -> list[Crumb]:
    """Lead back to the list, or further to one mapping."""
    crumbs = [Crumb(_("Mappings"), reverse("mappings"))]
    if mapping is not None:
        crumbs.append(Crumb(mapping.name, reverse("mapping", args=[mapping.public_id])))
    return crumbs


@require(Act.MAPPING_READ)
def mapping_list(request: PageRequest) -> HttpResponseBase:
    """List the mappings that are in use or being made."""
    primary = offered(request, Act.MAPPING_EDIT, _("New mapping"), reverse("mapping-new"))
    page = fitted(MAPPINGS, request, Act.MAPPING_EDIT)
    return page.answer(request, mappings(request.actor), title=_("Mappings"), primary=primary)


@require(Act.MAPPING_EDIT)
def new_mapping(request: PageRequest) -> HttpResponse:
    """Set up a layout of an institution."""
    form = NewMappingForm(request.POST or None, institutions=institutions(request.actor, Act.MAPPING_EDIT))

    def act() -> HttpResponse:
        given = form.cleaned_data
        mapping = create_mapping(
            given["institution"],
            name=given["name"],
            direction=Direction(given["direction"] or Direction.INBOUND),
            by=request.actor,
            now=clock.now(),
        )
        messages.success(request, _("The mapping was set up. Paste a sample next."))
        return redirect("mapping-draft", mapping.public_id)

    return form_page(
        request, form, act, title=_("New mapping"), crumbs=to_mappings(), back_url=reverse("mappings")
    )


def document_to_edit(mapping: Mapping) -> tuple[MappingDocument, MappingVersion | None]:
    """Give what is edited: the draft, else a copy of what is in use, else an empty one."""
    version = open_version(mapping)
    if version is not None:
        return version.parsed, version
    if mapping.live is not None:
        return mapping.live.parsed, None
    empty = MappingDocument(
        direction=Direction(mapping.direction),
        layout=Layout(kind=Kind.CSV if mapping.direction == Direction.INBOUND else Kind.JSONL),
        time_zone=mapping.institution.time_zone,
    )
    return empty, None


@require(Act.MAPPING_READ)
def mapping_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a mapping: its fields, its versions, its tests, and what drifted."""
    mapping = visible_mapping(request.actor, public_id)
    may_edit = request.actor.may(Act.MAPPING_EDIT, mapping.place) and mapping.retired_at is None
    document, opened = document_to_edit(mapping)
    shown = mapping.live or opened
    drafting = Choice(_("Open the studio"), reverse("mapping-draft", args=[public_id]), "pencil")
    context: dict[str, Any] = {
        "title": mapping.name,
        "crumbs": to_mappings(),
        "state": "live" if mapping.live else "draft",
        "fields": shown_fields(shown.parsed) if shown else [],
        "layout": (shown.parsed if shown else document).layout,
        "shown": shown,
        "opened": opened,
        "draft_url": drafting.url if opened and may_edit else "",
        "versions": [_version_line(mapping, version, may_edit=may_edit) for version in history(mapping)],
        "samples": golden_samples(mapping),
        "may_edit": may_edit,
        "warnings": _warnings(mapping),
        "primary": drafting if may_edit else None,
        "choices": _choices(mapping, may_edit=may_edit),
        "events": timeline(mapping),
        **_about(mapping),
        **publication_asked(request, MAPPING, opened),
    }
    return render(request, "fraud/mapping.html", context)


def _about(mapping: Mapping) -> dict[str, Any]:
    institution = mapping.institution
    return {"mapping": mapping, "institution": institution, "zone": institution.time_zone}


def _warnings(mapping: Mapping) -> list[str]:
    return [said(warning.words) for warning in drift_warnings(mapping, clock.now().date())]


def _choices(mapping: Mapping, *, may_edit: bool) -> list[Choice]:
    here = [mapping.public_id]
    choices = [Choice(_("Compare versions"), reverse("mapping-compare", args=here), "arrows-sort")]
    if may_edit:
        url = reverse("mapping-retire", args=here)
        choices.append(Choice(_("Take out of use"), url, "ban", is_question=True, is_grave=True))
    return choices


def _version_line(mapping: Mapping, version: MappingVersion, *, may_edit: bool) -> VersionLine:
    is_live = version.pk == mapping.live_id
    is_old = version.state == VersionState.PUBLISHED and not is_live
    back = reverse("mapping-roll-back", args=[version.public_id])
    return VersionLine(
        number=version.number,
        state="live" if is_live else version.state,
        published_at=version.published_at,
        checksum=version.checksum,
        url=reverse("mapping-version", args=[version.public_id]),
        compare_url="" if is_live else _comparing(mapping, version),
        roll_back_url=back if is_old and may_edit else "",
    )


def _comparing(mapping: Mapping, version: MappingVersion) -> str:
    old = mapping.live.number if mapping.live else version.number
    first, second = sorted((old, version.number))
    return f"{reverse('mapping-compare', args=[mapping.public_id])}?old={first}&new={second}"


def visible_mapping_version(
    request: PageRequest, public_id: str, act: Act = Act.MAPPING_READ
) -> MappingVersion:
    """Find a version by its id.

    :raises NotFoundError: there is none, or it is somebody else's
    """
    rows = MappingVersion.objects.filter(request.actor.scope(act, institution="institution"))
    return found(rows.select_related("mapping__institution", "mapping__live"), public_id)


@require(Act.MAPPING_READ)
def mapping_version(request: PageRequest, public_id: str) -> HttpResponse:
    """Show one version as it was written."""
    version = visible_mapping_version(request, public_id)
    context = {
        "title": _("Version %(number)s") % {"number": version.number},
        "crumbs": to_mappings(version.mapping),
        "state": "live" if version.pk == version.mapping.live_id else version.state,
        "shown": version,
        "fields": shown_fields(version.parsed),
        "layout": version.parsed.layout,
        "choices": [
            Choice(_("Compare versions"), _comparing(version.mapping, version), "arrows-sort"),
            Choice(_("Document as JSON"), reverse("mapping-document", args=[public_id]), "download"),
        ],
        **_about(version.mapping),
        **publication_asked(request, MAPPING, version),
    }
    return render(request, "fraud/mapping.html", context)


@require(Act.MAPPING_READ)
def mapping_document(request: PageRequest, public_id: str) -> HttpResponse:
    """Give the document of a version as JSON, for whoever keeps it or sets a service up with it."""
    version = visible_mapping_version(request, public_id)
    name = f"{version.mapping.name}-{version.number}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(to_json(version.parsed), content_type="application/json", headers=headers)


@require(Act.MAPPING_READ)
def compare(request: PageRequest, public_id: str) -> HttpResponse:
    """Lay two versions side by side."""
    mapping = visible_mapping(request.actor, public_id)
    known = {version.number: version for version in history(mapping)}
    names = [(number, _("Version %(number)s") % {"number": number}) for number in sorted(known)]
    newest = max(known, default=0)
    asked = {"old": max(newest - 1, 1), "new": newest}
    form = CompareForm(names, request.GET if "old" in request.GET else asked)
    context: dict[str, Any] = {
        "title": _("Compare versions"),
        "crumbs": to_mappings(mapping),
        "form": form,
        "differences": [],
    }
    if form.is_valid():
        pair = [known[form.cleaned_data[name]].parsed for name in ("old", "new")]
        context["differences"] = mapping_differences(*pair)
    return render(request, "fraud/compare.html", context, status=422 if known and form.errors else 200)
