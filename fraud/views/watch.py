"""Pages of watch lists: what an institution watches for, by kind and reason; the values are nowhere."""

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from fraud.forms.watch import LISTS, WatchForm
from fraud.models import Institution, WatchEntry
from fraud.operations.watch_lists import add_to_watch_list, remove_watch_entry
from fraud.queries.institutions import institutions
from fraud.queries.rulebooks import watch_entries
from fraud.queries.typed import WATCHED, tokens_of_fields
from fraud.rules.elements import ElementKind, bare
from fraud.rules.watching import WatchList, WatchReason
from fraud.views.words import kind_words
from portal.accounts.roles import Act
from portal.core import clock
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest, actor_behind


def _institutions(request: HttpRequest) -> QuerySet[Institution]:
    return institutions(actor_behind(request), Act.WATCH_EDIT)


class WatchFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By list and institution."""

    listed = django_filters.ChoiceFilter(label=gettext_lazy("List"), choices=list(LISTS.items()))
    institution = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Institution"), queryset=_institutions, to_field_name="public_id"
    )


ENTRIES = ListPage(
    name="watch-lists",
    columns=(
        Column("kind", gettext_lazy("What"), "fraud/cells/kind.html", is_main=True),
        Column("listed", gettext_lazy("List"), "fraud/cells/listed.html", sort="listed"),
        Column("reason", gettext_lazy("Reason"), "fraud/cells/watch_reason.html", sort="reason"),
        Column("institution.name", gettext_lazy("Institution"), is_spare=True),
        Column("added_at", gettext_lazy("Since"), "portal/cells/when.html", sort="added_at"),
        Column("public_id", gettext_lazy("Remove"), "fraud/cells/watch_remove.html", is_exported=False),
    ),
    empty=Empty(
        gettext_lazy("Nothing is watched for"),
        gettext_lazy("What is put here is seen by screening when it comes again."),
        reverse_lazy("watch-new"),
        gettext_lazy("Watch for something"),
        "eye",
    ),
    filters=WatchFilters,
    sort="-pk",
    most=10_000,
)


@require(Act.WATCH_EDIT)
def watch_list(request: PageRequest) -> HttpResponseBase:
    """List what is watched for."""
    primary = Choice(_("Watch for something"), reverse("watch-new"), "plus")
    return ENTRIES.answer(request, watch_entries(request.actor), title=_("Watch lists"), primary=primary)


@never_cache
@require(Act.WATCH_EDIT)
def new_entry(request: PageRequest) -> HttpResponse:
    """Put something on a list; what is typed travels in the body of a POST and becomes a token."""
    kind = _kind(request.GET.get("what", ""))
    form = WatchForm(request.POST or None, actor=request.actor, kind=kind)

    def act() -> HttpResponse:
        given: dict[str, Any] = form.cleaned_data
        institution = given["institution"]
        tokens = tokens_of_fields(institution, kind, form.typed)
        add_to_watch_list(
            institution,
            [(str(kind), token) for token in sorted(tokens)],
            listed=WatchList(given["listed"]),
            reason=WatchReason(given["reason"]),
            by=request.actor,
            now=clock.now(),
        )
        messages.success(request, _("It is watched for from now on."))
        return redirect("watch-lists")

    back = reverse("watch-lists")
    crumbs = [Crumb(_("Watch lists"), back)]
    return form_page(
        request,
        form,
        act,
        template="fraud/watch_new.html",
        title=_("Watch for something"),
        crumbs=crumbs,
        back_url=back,
        kinds=[(bare(each), kind_words(each), each is kind) for each in WATCHED],
    )


def _kind(name: str) -> ElementKind:
    """Read the kind to watch for out of the address; a social insurance number where it names none."""
    return next((kind for kind in WATCHED if bare(kind) == name), ElementKind.SIN)


@require(Act.WATCH_EDIT)
def remove(request: PageRequest, public_id: str) -> HttpResponse:
    """Take something off its list, after asking."""
    entry: WatchEntry = found(watch_entries(request.actor), public_id)
    question = Question(
        title=_("Take this off the list?"),
        sentences=[
            _("Screening sees it no more when it comes again. To put it back, it has to be typed again.")
        ],
        button=_("Take off"),
        back_url=reverse("watch-lists"),
    )

    def act(_reason: str) -> HttpResponse:
        remove_watch_entry(entry, by=request.actor, now=clock.now())
        messages.success(request, _("It is no longer watched for."))
        return redirect("watch-lists")

    return ask(request, question, act)
