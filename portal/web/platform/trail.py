"""Pages of the trail: search it, follow a thing or a person through it, and see how its chain is."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.queries import names
from portal.accounts.roles import Act
from portal.accounts.trail import matching, trail
from portal.audit.models import Entry, Link, LinkKind
from portal.audit.queries.canonical import sealed
from portal.audit.queries.health import anchored_at, chain_health
from portal.core.errors import NotFoundError
from portal.web.finding import offered
from portal.web.guards import require
from portal.web.lists import Column, Empty, Listing, ListPage
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest
from portal.web.trails import acts_in_words, told

# As many as can be counted in no time; whoever looks for older ones narrows the search.
MOST = 10_000


class TrailFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What to narrow the trail to."""

    act = django_filters.ChoiceFilter(label=gettext_lazy("What was done"), choices=acts_in_words)
    actor = django_filters.CharFilter(field_name="actor_id", label=gettext_lazy("By (id)"))
    subject = django_filters.CharFilter(field_name="subject_id", label=gettext_lazy("About (id)"))
    since = django_filters.DateFilter(method="from_day", label=gettext_lazy("From"))
    until = django_filters.DateFilter(method="to_day", label=gettext_lazy("To"))
    position = django_filters.NumberFilter(
        field_name="link__position", label=gettext_lazy("Position in the chain"), min_value=1
    )

    def from_day(self, rows: QuerySet[Entry], _name: str, day: Any) -> QuerySet[Entry]:
        return rows.filter(at__gte=_beginning(day))

    def to_day(self, rows: QuerySet[Entry], _name: str, day: Any) -> QuerySet[Entry]:
        return rows.filter(at__lt=_beginning(day + timedelta(days=1)))


def _beginning(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


TRAIL = ListPage(
    name="trail",
    columns=(
        Column("act", gettext_lazy("What"), template="portal/cells/entry.html", is_main=True),
        Column("subject_id", gettext_lazy("About"), template="portal/cells/entry_subject.html"),
        Column("at", gettext_lazy("When"), template="portal/cells/when.html"),
        Column("link", gettext_lazy("Sealed"), template="portal/cells/entry_link.html", is_spare=True),
    ),
    empty=Empty(
        gettext_lazy("Nothing has happened yet"),
        gettext_lazy("What people, programs and Countersign itself do appears here."),
        icon="history",
    ),
    search=("act",),
    search_label=gettext_lazy("Search by name, id or act"),
    filters=TrailFilter,
    most=MOST,
    is_exported=False,
)


class TrailListing(Listing):
    """The trail, searched by what people know: names and ids."""

    def _matching(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(matching(self.words)) if self.words else rows


@require(Act.TRAIL_READ)
def entries(request: PageRequest) -> HttpResponseBase:
    """Search the trail, newest first."""
    listing = TrailListing(TRAIL, request, trail(request.actor))
    _tell(listing.page.object_list)
    context = {
        "listing": listing,
        "title": _("Trail"),
        "most": MOST if listing.page.paginator.count == MOST else 0,
        "primary": offered(request, Act.TRAIL_EXPORT, _("Export"), reverse("trail-export-new"), "download"),
    }
    if request.htmx:
        return render(request, "parts/listing.html", context)
    return render(request, "portal/trail.html", context | {"health": chain_health()})


@require(Act.TRAIL_READ)
def entry(request: PageRequest, entry_id: int) -> HttpResponse:
    """Show one entry: in words, as it was sealed, and what else happened to the same thing."""
    rows = trail(request.actor)
    found = rows.filter(pk=entry_id).first()
    if found is None:
        raise NotFoundError
    related = list(rows.filter(Q(subject_id=found.subject_id), pk__lte=entry_id)[:20])
    _tell([found, *related])
    said = found.told  # type: ignore[attr-defined]
    context = {
        "title": f"{said.who} {said.what}",
        "crumbs": [Crumb(_("Trail"), reverse("trail"))],
        "entry": found,
        "facts": _facts(found.facts),
        "events": [row.told for row in related],  # type: ignore[attr-defined]
        **_proof(found),
    }
    return render(request, "portal/entry.html", context)


def _tell(rows: Iterable[Any]) -> None:
    """Say each entry in words, with all the names at once."""
    rows = list(rows)
    known = names({row.actor_id for row in rows} | {row.subject_id for row in rows})
    for row in rows:
        row.told = told(row, known)
        row.about = known.get(row.subject_id, "")


def _facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in facts.items()
    ]


def _proof(found: Entry) -> dict[str, Any]:
    """Gather what an entry's seal rests on: its link, the link before it, the text that was hashed."""
    link = Link.objects.filter(entry=found, kind=LinkKind.ENTRY).first()
    if link is None:
        return {"link": None}
    batch = sealed(link.position - 1, link.position)
    before = Link.objects.filter(position=link.position - 1).values_list("digest", flat=True).first()
    return {
        "link": link,
        "digest": bytes(link.digest).hex(),
        "before": bytes(before).hex() if before else "",
        "body": batch.bodies[0].decode(),
        "anchor": anchored_at(found),
    }
