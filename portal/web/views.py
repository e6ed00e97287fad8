"""The pages that belong to no domain: what waits for me, search, and how the portal looks."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.web.context import SCOPE, THEME_COOKIE, THEMES, frame_of
from portal.web.guards import public, signed_in
from portal.web.lists import words_asked
from portal.web.navigation import figures_for, found
from portal.web.requests import PageRequest, own_path

YEAR = 365 * 24 * 3600


@signed_in
def home(request: PageRequest) -> HttpResponse:
    """Show what waits for this person, and the ways on from here."""
    return render(request, "portal/home.html", {"title": _("Home"), "figures": figures_for(request.actor)})


@signed_in
def search(request: PageRequest) -> HttpResponse:
    """Show what the domains find for the words in the search field."""
    words = words_asked(request)
    hits = found(request.actor, words) if words else []
    return render(request, "portal/search.html", {"title": _("Search"), "words": words, "hits": hits})


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember on this device how the portal shall look."""
    response = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SECURE_COOKIES
        )
    return response


@signed_in
@require_POST
def scope(request: PageRequest) -> HttpResponse:
    """Narrow the portal to one market, or widen it to all."""
    chosen = request.POST.get("scope", "")
    mine = {market.public_id for market in frame_of(request).scopes}
    request.session[SCOPE] = chosen if chosen in mine else ""
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Go back to the page that was open, as long as it is one of ours."""
    return redirect(own_path(request, request.POST.get("next", "")) or "home")
