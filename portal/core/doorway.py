"""What is refused before anybody looks at it: methods that nothing here takes, and the API without TLS."""

from collections.abc import Callable

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from portal.core.language import said
from portal.core.phrases import Phrase

Next = Callable[[HttpRequest], HttpResponseBase]

# PUT, PATCH and DELETE are told by the API itself that an address does not take them.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_WRONG_METHOD = Phrase("This address does not take this method")
_NO_TLS = Phrase(
    "Send this by https: a key that crossed the network by http is known to others, so replace it."
)


class DoorwayMiddleware:
    """Refuse at once; stands before whatever sends people on from http to https.

    A program that calls by http is not sent on: it would give its key away with each first request, and nobody
    would notice.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in _METHODS:
            return _refusal(request, 405, "method-not-allowed", _WRONG_METHOD)
        is_api = request.path.startswith("/api/v1/")
        if is_api and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return _refusal(request, 403, "https-required", _NO_TLS)
        return self.get_response(request)


def _refusal(request: HttpRequest, status: int, code: str, words: Phrase) -> HttpResponse:
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": said(words),
        "status": status,
        "detail": said(words),
        "code": code,
        "errors": [],
        "request_id": getattr(request, "request_id", ""),
    }
    return HttpResponse(orjson.dumps(problem), status=status, content_type="application/problem+json")
