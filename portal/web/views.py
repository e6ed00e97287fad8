"""The pages that belong to no domain: signing in, what waits for me, search, and how the portal looks."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from portal.web.context import SCOPE, THEME_COOKIE, THEMES, frame_of
from portal.web.forms import PageRenderer, dress
from portal.web.guards import public, signed_in
from portal.web.lists import words_asked
from portal.web.navigation import figures_for, found
from portal.web.requests import PageRequest

YEAR = 365 * 24 * 3600


class SignInForm(AuthenticationForm):
    """The e-mail address and the password."""

    default_renderer = PageRenderer()
    error_messages = {
        "invalid_login": _("The address and the password do not belong together. Check both and try again."),
        "inactive": _("This person may not sign in any more. An operator can change that."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        address = self.fields["username"].widget
        address.attrs |= {"autocomplete": "username", "autofocus": True}
        address.input_type = "email"
        dress(self)

    def clean_username(self) -> str:
        # PostgreSQL has no text with a zero byte in it, and nobody such an address.
        return str(self.cleaned_data["username"]).replace("\x00", "").strip()


class SignInView(LoginView):
    """Sign in with an e-mail address; somebody who is signed in already goes on."""

    template_name = "portal/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context = {"title": _("Sign in")}

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


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
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # What does not begin with a slash would be taken for the name of a view.
    return redirect(wanted if is_ours and wanted.startswith("/") else "home")
