"""Middleware that every request passes: its id, a readable address, and a clear 503 when an engine does not answer."""

import re
from collections.abc import Callable

import orjson
import structlog
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import render
from redis.exceptions import ConnectionError as NoRedisError
from redis.exceptions import TimeoutError as SlowRedisError

from portal.core.errors import NO_ENGINE, UnavailableError
from portal.core.ids import new_id
from portal.core.language import said
from portal.crypto.key_file import KeyFileError

log = structlog.get_logger(__name__)
Next = Callable[[HttpRequest], HttpResponseBase]
# What says that an engine does not answer, or that the key file cannot be used.
GONE = (OperationalError, InterfaceError, NoRedisError, SlowRedisError, UnavailableError, KeyFileError)
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id, put it on every log line and into the answer."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        request.request_id = given if _ID.fullmatch(given) else new_id("req")  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class NulMiddleware:
    """Refuse an address or a form with the character NUL, which no text of the database can hold."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The address contains the character NUL.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, *_arguments: object) -> None:
        # Bodies of the API are no forms, and their parser looks for itself. A view that `takes_files` decides where
        # they go before anybody reads the body, and takes no text.
        is_form = request.method == "POST" and not request.path.startswith("/api/")
        if not is_form or getattr(view, "takes_files", False):
            return
        try:
            fields = request.POST.lists()
        except UnreadablePostError:
            # Whoever sent it has gone; nobody reads an answer.
            return
        if any("\0" in value for _name, values in fields for value in values):
            raise BadRequest("The form contains the character NUL.")


class UnavailableMiddleware:
    """Answer 503 with words when the database or Redis is gone, instead of a stack trace."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return unavailable_for(request, error)


def unavailable_for(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Answer 503 if the error is an engine that does not answer; None for any other.

    What a middleware raises reaches nobody's `process_exception`, only the handler of errors that nobody foresaw.
    """
    if not isinstance(error, GONE):
        return None
    log.error("engine.unavailable", reason=str(error), path=request.path)
    return unavailable(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that an engine does not answer, as problem+json or as a page, and when to try again."""
    detail = said(NO_ENGINE)
    if request.path.startswith("/api/"):
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": said(UnavailableError.title),
            "status": 503,
            "detail": detail,
            "code": UnavailableError.code,
            "errors": [],
            "request_id": getattr(request, "request_id", ""),
        }
        response = HttpResponse(orjson.dumps(problem), status=503, content_type="application/problem+json")
    else:
        response = render(None, "503.html", {"detail": detail}, status=503)
    response["Retry-After"] = "5"
    return response
