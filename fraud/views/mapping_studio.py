"""The mapping studio: fields beside the sample's columns, each record beside what becomes of it, and tests to keep."""

from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from fraud.forms.mappings import FieldLine, open_targets
from fraud.forms.studio import Studio, studio_of, studio_posted
from fraud.models import Mapping, MappingVersion
from fraud.operations.mappings.drafting import SavedMeanwhileError, add_golden_sample, save_mapping_draft
from fraud.queries.mappings import golden_samples, sample_results, started_from, visible_mapping
from fraud.rules.translation import MappingDocument, Problem, checksum, validate_mapping
from fraud.views.mapping_pieces import mapping_differences, other_problems, shown_fields, sides
from fraud.views.mappings import document_to_edit, to_mappings
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.errors import STATUS, DomainError, InvalidError, NotFoundError, WrongStateError
from portal.core.language import said
from portal.web.guards import require
from portal.web.pieces import Choice
from portal.web.requests import PageRequest

TEMPLATE = "fraud/mapping_studio.html"


@never_cache
@require(Act.MAPPING_EDIT)
def draft(request: PageRequest, public_id: str) -> HttpResponse:
    """Edit the draft of a mapping; what is pasted stays in the page, until a record of it is kept as a test."""
    mapping = visible_mapping(request.actor, public_id, Act.MAPPING_EDIT)
    document, version = document_to_edit(mapping)
    if request.method != "POST":
        return _page(request, mapping, version, studio_of(document))
    studio = studio_posted(document, request.POST, request.FILES)
    act, _colon, rest = request.POST.get("do", "").partition(":")
    try:
        if act in {"save", "replace"} and studio.are_steps_valid:
            base = rest if act == "replace" else request.POST.get("based_on", "")
            return _saved(request, mapping, studio, base)
        if act == "keep":
            return _kept(request, mapping, version, studio, rest)
    except SavedMeanwhileError as error:
        return _page(request, mapping, version, studio, status=STATUS[error.kind], other=document)
    except DomainError as error:
        studio.layout.is_valid()
        studio.layout.add_error(None, said(error.detail))
        return _page(request, mapping, version, studio, status=STATUS[error.kind])
    return _page(request, mapping, version, studio, status=200 if studio.are_steps_valid else 422)


def _saved(request: PageRequest, mapping: Mapping, studio: Studio, base: str) -> HttpResponse:
    document = studio.document
    if document is None:
        raise InvalidError(studio.problem or _("The layout is not complete; see the fields marked below."))
    saved = save_mapping_draft(mapping, document, base=base, by=request.actor, now=clock.now())
    messages.success(request, _("The draft was saved."))
    # The sample stays in the page, so the page is answered and no address is left to go to.
    return (
        _page(request, mapping, saved, studio, based_on=saved.checksum)
        if studio.text
        else redirect("mapping-draft", mapping.public_id)
    )


def _kept(
    request: PageRequest, mapping: Mapping, version: MappingVersion | None, studio: Studio, rest: str
) -> HttpResponse:
    records, document = studio.sample.records, studio.document
    if version is None or document is None or checksum(document) != version.checksum:
        raise WrongStateError(_("Save the draft first: a test keeps what the saved draft makes of a record."))
    place = int(rest) - 1 if rest.isdecimal() and len(rest) < 4 else -1
    if not 0 <= place < len(records):
        raise NotFoundError
    name = request.POST.get("sample_name", "").strip() or _("Record %(number)s") % {"number": rest}
    add_golden_sample(version, records[place], name=name, by=request.actor, now=clock.now())
    messages.success(request, _("The record is kept, sealed, as a test."))
    return _page(request, mapping, version, studio)


def _page(
    request: PageRequest,
    mapping: Mapping,
    version: MappingVersion | None,
    studio: Studio,
    *,
    status: int = 200,
    based_on: str | None = None,
    other: MappingDocument | None = None,
) -> HttpResponse:
    """Show the studio; *other*: what somebody else saved since the page was opened, shown beside what is in it."""
    document = studio.document
    problems = validate_mapping(document) if document is not None else []
    context: dict[str, Any] = {
        "title": _("Studio: %(name)s") % {"name": mapping.name},
        "crumbs": to_mappings(mapping),
        "mapping": mapping,
        "institution": mapping.institution,
        "zone": mapping.institution.time_zone,
        "draft": version,
        "based_on": _based_on(request, mapping) if based_on is None else based_on,
        "is_saved": document is not None and version is not None and checksum(document) == version.checksum,
        "studio": studio,
        "form": studio.layout,
        "problem": studio.problem,
        "is_late": other is not None,
        "there": started_from(mapping),
        "differences": mapping_differences(other, document) if other and document else [],
        **_tried(mapping, studio, document, problems),
        **_acts(mapping, version),
    }
    return render(request, TEMPLATE, context, status=status)


def _based_on(request: PageRequest, mapping: Mapping) -> str:
    """Say what the page began with: whatever was pressed since, that stays until it is saved."""
    return request.POST.get("based_on", "")[:64] if request.method == "POST" else started_from(mapping)


def _tried(
    mapping: Mapping, studio: Studio, document: MappingDocument | None, problems: list[Problem]
) -> dict[str, Any]:
    """Say the fields with their problems, and show what becomes of the sample and of the tests."""
    base = document or msgspec.structs.replace(studio.base, fields=())
    sample, sound = studio.sample, document if document is not None and not problems else None
    has_lists = not base.layout.kind.is_flat
    return {
        "fields": shown_fields(base, problems, studio.confidence),
        "problems": other_problems(problems),
        "sample": sample,
        "sample_problem": said(sample.problem) if sample.problem else "",
        "columns": sample.columns,
        "sides": sides(sample.records, sound),
        "is_sound": sound is not None,
        "targets": open_targets(_filled(studio), has_lists=has_lists),
        "results": sample_results(mapping, sound) if sound is not None else [],
        "samples": golden_samples(mapping),
    }


def _filled(studio: Studio) -> list[FieldLine]:
    """Give the lines by the canonical fields that they fill, or outbound, that they are filled from."""
    return [FieldLine(line.source) for line in studio.lines] if studio.is_outbound else studio.lines


def _acts(mapping: Mapping, version: MappingVersion | None) -> dict[str, Any]:
    if version is None:
        return {}
    publish, discard = (
        reverse(f"mapping-{name}", args=[version.public_id]) for name in ("publish", "discard")
    )
    return {
        "choices": [
            Choice(_("Ask for publishing"), publish, "send", is_question=True),
            Choice(
                _("Compare versions"), reverse("mapping-compare", args=[mapping.public_id]), "arrows-sort"
            ),
            Choice(_("Discard the draft"), discard, "trash", is_question=True, is_grave=True),
        ]
    }
