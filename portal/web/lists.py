"""Lists: search, filters kept in the address, sort, pages, count and export, from one description."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MethodType
from typing import Any

import django_filters
from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.web.exports import csv_answer, record_export
from portal.web.forms import dress
from portal.web.fresh import demand_fresh
from portal.web.navigation import Words

PAGE_SIZES = (25, 50, 100)
LONGEST_SEARCH = 200
SEARCH = _("Search")
ALL = pgettext_lazy("filter", "All")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `name` is a path of attributes (`campaign.name`) or a method without arguments; `template` draws the cell
    from `row` and `value` where plain text is not enough. `sort` is the ORM path to sort by. `is_spare`
    columns are left out on a phone, where a row is a card with the facts that matter.
    """

    name: str
    title: Words
    template: str = ""
    sort: str = ""
    is_number: bool = False
    is_main: bool = False
    is_spare: bool = False
    is_exported: bool = True

    def value(self, row: object) -> Any:
        """Read this column's value from a row."""
        found: Any = row
        for part in self.name.split("."):
            found = getattr(found, part, None)
            # A related manager can be called too, but is no method.
            if isinstance(found, MethodType):
                found = found()
        return found


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says: a sentence, and the next step."""

    title: Words
    sentence: Words
    url: Words = ""
    button: Words = ""
    icon: str = "inbox"


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in use, and the address without it."""

    label: str
    url: str


@dataclass(frozen=True)
class ListPage:
    """The description of a list; `answer` shows it as a page, a fragment or a CSV file."""

    name: str
    columns: Sequence[Column]
    empty: Empty
    search: Sequence[str] = ()
    search_label: Words = SEARCH
    filters: type[django_filters.FilterSet] | None = None
    sort: str = "-pk"
    # A table without end shows only so many of its newest rows, since to count all of them would take too long.
    most: int = 0
    is_exported: bool = True

    def answer(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        *,
        template: str = "portal/list_page.html",
        **context: object,
    ) -> HttpResponseBase:
        """Answer with the page; with its table alone when htmx asks; with CSV for `?export=csv`."""
        listing = Listing(self, request, rows)
        if self.is_exported and request.GET.get("export") == "csv":
            demand_fresh(request)
            exported = [column for column in self.columns if column.is_exported]
            titles = [str(column.title) for column in exported]
            lines = ([column.value(row) for column in exported] for row in listing.rows.iterator(2000))
            record_export(request, self.name, rows=listing.page.paginator.count)
            return csv_answer(f"{self.name}.csv", titles, lines)
        if getattr(request, "htmx", False):
            return render(request, "parts/listing.html", {"listing": listing, **context})
        return render(request, template, {"listing": listing, **context})


def words_asked(request: HttpRequest) -> str:
    """Read what was typed into a search field."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]


class Listing:
    """One list as one request asked for it: what templates/parts/listing.html shows.

    Costs two queries (count and page), and one for each filter that chooses among rows.
    """

    def __init__(self, page: ListPage, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.description = page
        self.path = request.path
        self.asked = request.GET
        self.words = words_asked(request)
        self.filterset = page.filters(request.GET, queryset=rows, request=request) if page.filters else None
        if self.filterset is not None:
            dress(self.filterset.form, nothing_chosen=ALL)
            rows = self.filterset.qs
        self.rows = self._sorted(self._matching(rows))

    def _matching(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        wanted = Q()
        for path in self.description.search if self.words else ():
            wanted |= Q(**{f"{path}__icontains": self.words})
        return rows.filter(wanted)

    def _sorted(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        # The key makes the order total, so that no row is on two pages.
        return rows.order_by(self.sort, "-pk") if self.sort.lstrip("-") != "pk" else rows.order_by(self.sort)

    @property
    def sort(self) -> str:
        """Return the path to sort by: the one asked for when a column offers it."""
        wanted = self.asked.get("sort", "")
        offered = {column.sort for column in self.description.columns if column.sort}
        return wanted if wanted.removeprefix("-") in offered else self.description.sort

    @cached_property
    def page(self) -> Page[Any]:
        rows = self.rows[: self.description.most] if self.description.most else self.rows
        return Paginator(rows, self.size).get_page(self.asked.get("page", "1"))

    @property
    def size(self) -> int:
        wanted = self.asked.get("size", "")
        return int(wanted) if wanted in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[0]

    @property
    def sizes(self) -> list[tuple[int, str, bool]]:
        return [(size, self.url(size=str(size), page=None), size == self.size) for size in PAGE_SIZES]

    @property
    def headings(self) -> Iterator[tuple[Column, str, str]]:
        """Give each column, its address to sort by ("" when it cannot), and its aria-sort."""
        for column in self.description.columns:
            if not column.sort:
                yield column, "", ""
                continue
            up, down = column.sort, f"-{column.sort}"
            turned = down if self.sort == up else up
            state = {up: "ascending", down: "descending"}.get(self.sort, "none")
            yield column, self.url(sort=turned, page=None), state

    @property
    def cells(self) -> Iterator[tuple[Any, list[tuple[Column, Any]]]]:
        """Give each row of the page with its columns and values."""
        for row in self.page:
            yield row, [(column, column.value(row)) for column in self.description.columns]

    @cached_property
    def chips(self) -> list[Chip]:
        """Return the filters in use, each with the address without it."""
        chips = [Chip(f"“{self.words}”", self.url(q=None, page=None))] if self.words else []
        if self.filterset is None or not self.filterset.form.is_valid():
            return chips
        for name, value in self.filterset.form.cleaned_data.items():
            if value in (None, "", []) or not self.asked.get(name):
                continue
            field = self.filterset.form.fields[name]
            # A row that was chosen is there already; its field's choices would fetch all the others.
            names = {} if isinstance(value, Model) else dict(getattr(field, "choices", ()))
            shown = names.get(value, value)
            chips.append(Chip(f"{field.label}: {shown}", self.url(**{name: None, "page": None})))
        return chips

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chips)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return what a search or filter form must carry along in hidden fields."""
        return [(name, self.asked[name]) for name in ("sort", "size") if name in self.asked]

    @property
    def export_url(self) -> str:
        return self.url(export="csv", page=None) if self.description.is_exported else ""

    @property
    def pages(self) -> list[tuple[str, str, bool]]:
        """Return the numbers of the pages nearby with their addresses; an empty address is a gap."""
        numbers = self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)
        now = self.page.number
        return [(str(n), self.url(page=str(n)) if isinstance(n, int) else "", n == now) for n in numbers]

    @property
    def previous_url(self) -> str:
        return self.url(page=str(self.page.number - 1)) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self.url(page=str(self.page.number + 1)) if self.page.has_next() else ""

    def url(self, **changes: str | None) -> str:
        """Return the address of this list with some of its parameters changed or, with None, left out."""
        wanted = QueryDict(mutable=True)
        wanted.update(self.asked)
        wanted.pop("export", None)
        for name, value in changes.items():
            wanted.pop(name, None)
            if value is not None:
                wanted[name] = value
        return f"{self.path}?{wanted.urlencode()}" if wanted else self.path
