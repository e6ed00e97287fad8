"""The page that shows what each role may do."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts.role_table import role_table
from portal.accounts.roles import FRESH, ROLE_NAMES, Act
from portal.web.guards import require
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest


@require(Act.PERSON_READ)
def roles(request: PageRequest) -> HttpResponse:
    """Show role × act."""
    context = {
        "title": _("Roles"),
        "names": list(ROLE_NAMES.values()),
        "lines": [(act, act in FRESH, held) for act, held in role_table()],
        "crumbs": [Crumb(_("People"), reverse("people"))],
    }
    return render(request, "portal/roles.html", context)
