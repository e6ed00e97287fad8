"""Pages of printers: their set-up with the layout of a row, and the test whether files would arrive."""

from typing import Any, TypeAlias

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.forms.printers import (
    COLUMNS,
    FIRST_COLUMNS,
    ColumnForm,
    PrinterForm,
    columns_of,
    kept_columns,
    read_layout,
)
from campaigns.models import Printer
from campaigns.operations.parties import change_printer, check_printer, create_printer
from campaigns.queries.figures import batch_figures
from campaigns.queries.parties import printers
from campaigns.queries.previews import sample_rows
from campaigns.rules.alphabets import UNAMBIGUOUS
from campaigns.rules.formats import CodeFormat
from campaigns.rules.layout import LayoutError, RowLayout
from campaigns.views.batch_list import BATCHES_OF_PRINTER
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.language import said
from portal.web.finding import fitted, found, offered
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb
from portal.web.requests import PageRequest
from portal.web.trails import timeline

# A printer serves many campaigns; its preview shows codes of the usual format.
USUAL_FORMAT = CodeFormat(UNAMBIGUOUS, 12, (4, 4, 4), has_check=True)
Columns: TypeAlias = "forms.BaseFormSet[ColumnForm]"

PRINTERS = ListPage(
    name="printers",
    columns=(
        Column("name", gettext_lazy("Printer"), "campaigns/cells/printer.html", sort="name", is_main=True),
        Column("test_passed", gettext_lazy("Test"), "campaigns/cells/tested.html", sort="test_passed"),
        Column(
            "tested_at", gettext_lazy("Tested"), "portal/cells/when.html", sort="tested_at", is_spare=True
        ),
        Column("bucket", gettext_lazy("Bucket"), "campaigns/cells/bucket.html", sort="bucket"),
        Column(
            "rows_per_file",
            gettext_lazy("Codes per file"),
            sort="rows_per_file",
            is_number=True,
            is_spare=True,
        ),
        Column("batch_count", gettext_lazy("Batches"), sort="batch_count", is_number=True),
    ),
    search=("name", "bucket", "contact_email"),
    search_label=gettext_lazy("Search printers"),
    sort="name",
    empty=Empty(
        gettext_lazy("No printer yet"),
        gettext_lazy(
            "A printer has a bucket, a public key and a layout of rows. Batches are delivered to one."
        ),
        reverse_lazy("printer-new"),
        gettext_lazy("New printer"),
        "printer",
    ),
)


def _to_printers() -> list[Crumb]:
    return [Crumb(_("Printers"), reverse("printers"))]


@require(Act.PRINTER_READ)
def printer_list(request: PageRequest) -> HttpResponseBase:
    """List the printers."""
    primary = offered(request, Act.PRINTER_EDIT, _("New printer"), reverse("printer-new"))
    page = fitted(PRINTERS, request, Act.PRINTER_EDIT)
    return page.answer(request, printers(request.actor), title=_("Printers"), primary=primary)


@require(Act.PRINTER_EDIT)
def new_printer(request: PageRequest) -> HttpResponse:
    """Set up a printer."""
    return _edit(request, None)


@require(Act.PRINTER_EDIT)
def edit_printer(request: PageRequest, public_id: str) -> HttpResponse:
    """Change a printer."""
    return _edit(request, found(printers(request.actor, Act.PRINTER_EDIT), public_id))


def _edit(request: PageRequest, printer: Printer | None) -> HttpResponse:
    form, columns = _forms(request.POST or None, printer)
    back_url = reverse("printer", args=[printer.public_id]) if printer else reverse("printers")
    context: dict[str, Any] = {
        "title": _("Edit %(name)s") % {"name": printer.name} if printer else _("New printer"),
        "crumbs": _to_printers(),
        "back_url": back_url,
        "columns": columns,
    }
    if "preview" in request.POST:
        form, columns, lines, problem = _previewed(request.POST)
        context |= {"form": form, "columns": columns, "lines": lines, "problem": problem}
        return render(request, "campaigns/printer_form.html", context)
    context["lines"], context["problem"] = _lines(form, columns, printer)

    def act() -> HttpResponse:
        facts = form.facts(columns)
        now = clock.now()
        if printer is None:
            saved = create_printer(facts, by=request.actor, now=now)
            messages.success(
                request, _("The printer %(name)s was set up. Test it next.") % {"name": saved.name}
            )
        else:
            saved = change_printer(printer, facts, by=request.actor, now=now)
            messages.success(request, _("The printer was changed. Test it again."))
        return redirect("printer", saved.public_id)

    return form_page(request, form, act, template="campaigns/printer_form.html", **context)


def _forms(posted: QueryDict | None, printer: Printer | None) -> tuple[PrinterForm, Columns]:
    form = PrinterForm(posted, initial=PrinterForm.initial_of(printer) if printer else None)
    columns = COLUMNS(posted, initial=columns_of(printer) if printer else FIRST_COLUMNS, prefix="column")
    return form, columns


def _lines(form: PrinterForm, columns: Columns, printer: Printer | None) -> tuple[list[str], str]:
    """Show the rows of a form as it stands; a layout that makes no sense is refused beside its field."""
    if not form.is_bound:
        return _shown(RowLayout.from_json(printer.layout)) if printer else ([], "")
    form.is_valid()
    try:
        return _shown(read_layout(form, columns))
    except LayoutError as error:
        form.add_error("url_template" if error.field == "url_template" else None, said(error))
        return [], said(error)


def _shown(layout: RowLayout) -> tuple[list[str], str]:
    try:
        return sample_rows(layout, USUAL_FORMAT, lot="LOT-0001"), ""
    except LayoutError as error:
        return [], said(error)


def _previewed(posted: QueryDict) -> tuple[PrinterForm, Columns, list[str], str]:
    """Read a form that is still being filled in: nothing is refused, and empty rows for columns are added."""
    form, columns = _forms(posted, None)
    form.is_valid()
    lines: list[str] = []
    try:
        lines, problem = _shown(read_layout(form, columns))
    except LayoutError as error:
        problem = said(error)
    kept = kept_columns(columns) if columns.is_valid() else FIRST_COLUMNS
    initial = {**posted.dict(), "header": "header" in posted}
    return PrinterForm(initial=initial), COLUMNS(initial=kept, prefix="column"), lines, problem


@require(Act.PRINTER_EDIT, is_preview=True)
@require_POST
def preview(request: PageRequest) -> HttpResponse:
    """Show the first rows that the layout in the form would give."""
    _form, _columns, lines, problem = _previewed(request.POST)
    return render(request, "campaigns/parts/rows.html", {"lines": lines, "problem": problem})


@require(Act.PRINTER_READ)
def printer_detail(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Show a printer, its last test, and its batches."""
    printer = found(printers(request.actor), public_id)
    edit = Choice(_("Edit printer"), reverse("printer-edit", args=[public_id]), "pencil")
    layout = RowLayout.from_json(printer.layout)
    lines, problem = _shown(layout)
    return fitted(BATCHES_OF_PRINTER, request, Act.BATCH_PLAN).answer(
        request,
        batch_figures(request.actor).filter(printer=printer),
        template="campaigns/printer.html",
        title=printer.name,
        printer=printer,
        layout=layout,
        lines=lines,
        problem=problem,
        crumbs=_to_printers(),
        events=timeline(printer),
        choices=[edit] if request.actor.may(Act.PRINTER_EDIT) else [],
        may_test=request.actor.may(Act.PRINTER_READ, {Printer.KIND: printer.pk}),
    )


@require(Act.PRINTER_READ)
@require_POST
def test(request: PageRequest, public_id: str) -> HttpResponse:
    """Try the printer's bucket, and say how each step went."""
    printer = found(printers(request.actor), public_id)
    problem = ""
    try:
        check_printer(printer, by=request.actor, now=clock.now())
    except DomainError as error:
        problem = said(error.detail)
    if not request.htmx:
        if problem:
            messages.error(request, problem)
        return redirect("printer", public_id)
    tested = found(printers(request.actor), public_id)
    context = {"printer": tested, "problem": problem, "may_test": True}
    return render(request, "campaigns/parts/printer_test.html", context)
