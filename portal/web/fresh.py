"""Whether this session has shown a second factor, and lately enough for what a stolen session must not do."""

from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from portal.accounts.operations.second_factors import FACTORS
from portal.core import clock

# How sessions call what was shown; other ways of signing in that count as a second factor use the same word.
SECOND_FACTOR = "mfa"
# The pages where a second factor is shown, and where one is set up.
CONFIRM, SET_UP = "confirm", "account"


class ConfirmationNeededError(Exception):
    """Ask for a second factor first: `portal.web.middleware` leads the person to the page named `place`."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether the person has an app or a passkey."""
    return bool(Authenticator.objects.filter(user=request.user, type__in=FACTORS).exists())


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Say whether this session has seen a second factor at all."""
    return any(record.get("method") == SECOND_FACTOR for record in _records(request))


def is_fresh(request: HttpRequest, *, method: str = SECOND_FACTOR) -> bool:
    """Say whether the person showed a second factor (or, with an empty method, anything) within STEP_UP_SECONDS."""
    shown = [record["at"] for record in _records(request) if record.get("method") == method or not method]
    return clock.now().timestamp() - max(shown, default=0.0) < settings.STEP_UP_SECONDS


def demand_fresh(request: HttpRequest) -> None:
    """Let pass who has shown a second factor lately.

    :raises ConfirmationNeededError: the person must show one first, or set one up
    """
    if not is_fresh(request):
        raise ConfirmationNeededError(CONFIRM if has_second_factor(request) else SET_UP)


def demand_self(request: HttpRequest) -> None:
    """Let pass who has lately shown the best that they have: a second factor, or where there is none, anything.

    :raises ConfirmationNeededError: the person must show it first
    """
    if not is_fresh(request) and (has_second_factor(request) or not is_fresh(request, method="")):
        raise ConfirmationNeededError(CONFIRM)


def lead_to(place: str, request: HttpRequest) -> HttpResponse:
    """Send the person to show a second factor, or to set one up, and say that nothing was done yet."""
    words = {
        CONFIRM: _("Nothing was changed yet. Confirm that it is you, then do it again."),
        SET_UP: _("This needs a second factor. Set one up, then do it again."),
    }
    messages.warning(request, words[place])
    address = f"{reverse(place)}?{urlencode({'next': page_of(request)})}"
    return (
        HttpResponseClientRedirect(address)
        if "HX-Request" in request.headers
        else HttpResponseRedirect(address)
    )


def page_of(request: HttpRequest) -> str:
    """Give the address of the page that a request came from: the form's, the list's, or the one it asked for."""
    sent_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    own = {request.get_host()}
    if sent_from and url_has_allowed_host_and_scheme(sent_from, own, require_https=request.is_secure()):
        parts = urlsplit(sent_from)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_safe_to_repeat = request.method in {"GET", "HEAD"} and "export" not in request.GET
    return request.get_full_path() if is_safe_to_repeat else request.path


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", get_authentication_records(request, request.user))
