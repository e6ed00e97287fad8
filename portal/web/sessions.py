"""How long a session lasts: idle and absolute limits, by times kept in the session itself."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from portal.core import clock

Next = Callable[[HttpRequest], HttpResponseBase]
SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"


def begin(sender: object, request: HttpRequest, **_more: Any) -> None:
    """Note when a session begins; called for every way of signing in."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = clock.now().timestamp()


class SessionLimitsMiddleware:
    """Pass requests on."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)
