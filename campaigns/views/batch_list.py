"""Lists of batches: all of them, and those of one campaign or printer."""

from dataclasses import replace

from django.http import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.queries.figures import batch_figures
from campaigns.views.filters import BatchesOfOneFilters, BatchFilters
from portal.accounts.roles import Act
from portal.web.context import frame_of
from portal.web.finding import fitted, offered
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.requests import PageRequest

_COLUMNS = (
    Column("public_id", gettext_lazy("Batch"), "campaigns/cells/batch.html", sort="pk", is_main=True),
    Column("state", gettext_lazy("State"), "portal/cells/state.html", sort="state"),
    Column("printer.name", gettext_lazy("Printer"), sort="printer__name", is_spare=True),
    Column("lot", gettext_lazy("Lot"), "campaigns/cells/plain.html", sort="lot", is_spare=True),
    Column("quantity", gettext_lazy("Codes"), sort="quantity", is_number=True),
    Column("file_count", gettext_lazy("Files"), is_number=True, is_spare=True),
    Column(
        "delivered_at",
        gettext_lazy("Delivered"),
        "portal/cells/when.html",
        sort="delivered_at",
        is_spare=True,
    ),
    Column(
        "redeemed", gettext_lazy("Redeemed"), "campaigns/cells/redeemed.html", sort="redeemed", is_number=True
    ),
)

BATCHES = ListPage(
    name="batches",
    columns=_COLUMNS,
    search=("public_id", "campaign__name", "campaign__slug", "printer__name", "lot"),
    search_label=gettext_lazy("Search batches"),
    filters=BatchFilters,
    sort="-pk",
    empty=Empty(
        gettext_lazy("No batch yet"),
        gettext_lazy(
            "A batch is an order of codes for one printer. A second person approves it before anything is made."
        ),
        reverse_lazy("batch-new"),
        gettext_lazy("Order codes"),
        "packages",
    ),
)
# What consumers do with the codes is not the printer's business; its rows are out of a printer's reach.
BATCHES_FOR_PRINTERS = replace(BATCHES, columns=_COLUMNS[:-1])
BATCHES_OF_PRINTER = replace(BATCHES, filters=BatchesOfOneFilters)
_ID = Column("public_id", gettext_lazy("Batch"), "campaigns/cells/batch_id.html", sort="pk", is_main=True)
BATCHES_OF_CAMPAIGN = replace(BATCHES_OF_PRINTER, columns=(_ID, *_COLUMNS[1:]))


@require(Act.BATCH_READ)
def batch_list(request: PageRequest) -> HttpResponseBase:
    """List the batches, within the chosen market."""
    rows = batch_figures(request.actor)
    if scope := frame_of(request).scope:
        rows = rows.filter(campaign__market=scope.pk)
    primary = offered(request, Act.BATCH_PLAN, _("Order codes"), reverse("batch-new"))
    page = BATCHES if request.actor.may(Act.CAMPAIGN_READ) else BATCHES_FOR_PRINTERS
    page = fitted(page, request, Act.BATCH_PLAN)
    return page.answer(request, rows, title=_("Batches"), primary=primary)
