"""How long a session lasts and what it may reach: idle and absolute limits, and a second factor where one is due."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from portal.accounts.operations.sessions import touch_session
from portal.accounts.operations.sign_ins import record_sign_out
from portal.accounts.queries import must_have_second_factor
from portal.core import clock
from portal.web.fresh import CONFIRM, SET_UP, has_second_factor, has_shown_second_factor, lead_to
from portal.web.origins import origin_of
from portal.web.requests import actor_behind

Next = Callable[[HttpRequest], HttpResponseBase]
SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
# Seconds between two notes of when a session was seen.
_PACE = 60


def begin(sender: object, request: HttpRequest, **_more: Any) -> None:
    """Note when a session begins; called for every way of signing in."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = clock.now().timestamp()


class SessionLimitsMiddleware:
    """End sessions at their limits, and lead to a second factor those who must have one.

    The API knows no sessions and is passed by.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_signed_in(request):
            return self.get_response(request)
        if problem := _over(request):
            _end(request, problem)
        else:
            _touch(request)
        response = self.get_response(request)
        # What somebody saw while signed in is not for whoever sits down at the device next.
        response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_arguments: Any
    ) -> HttpResponse | None:
        """Let somebody whose role needs a second factor reach nothing else before it was shown."""
        is_open = getattr(view, "guard", "") == "public" or getattr(view, "is_before_second_factor", False)
        if is_open or not _is_signed_in(request) or has_shown_second_factor(request):
            return None
        if not must_have_second_factor(actor_behind(request)):
            return None
        return lead_to(CONFIRM if has_second_factor(request) else SET_UP, request)


def _is_signed_in(request: HttpRequest) -> bool:
    if request.path.startswith("/api/") or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return request.user.is_authenticated


def _over(request: HttpRequest) -> str:
    """Name the limit that a session has passed, if any; a session without times has passed both."""
    now = clock.now().timestamp()
    if now - request.session.get(SIGNED_IN_AT, 0) >= settings.SESSION_COOKIE_AGE:
        return "too-old"
    return "idle" if now - request.session.get(SEEN_AT, 0) >= settings.SESSION_IDLE_SECONDS else ""


def _end(request: HttpRequest, problem: str) -> None:
    by = actor_behind(request)
    record_sign_out(request.user, method=problem, origin=origin_of(request), by=by, now=clock.now())  # type: ignore[arg-type]
    logout(request)
    request._actor = None  # type: ignore[attr-defined]
    words = {
        "idle": _("You were signed out because nothing happened for a while. Sign in again to go on."),
        "too-old": _(
            "You were signed out because every session ends after some hours. Sign in again to go on."
        ),
    }
    messages.info(request, words[problem])


def _touch(request: HttpRequest) -> None:
    now = clock.now()
    if now.timestamp() - request.session[SEEN_AT] < min(_PACE, settings.SESSION_IDLE_SECONDS / 10):
        return
    request.session[SEEN_AT] = now.timestamp()
    touch_session(request.session.session_key or "", now=now)
