"""Refusals on the wire: every error becomes RFC 9457 problem+json with a stable code and the request's id."""

from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as framework
from rest_framework.response import Response

from portal.api.renderers import to_json
from portal.core.errors import (
    NO_ENGINE,
    STATUS,
    DomainError,
    ForbiddenError,
    InvalidError,
    Kind,
    NotFoundError,
    UnavailableError,
)
from portal.core.language import said
from portal.core.phrases import Phrase
from portal.crypto.key_file import KeyFileError

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
# Seconds after which to try again when an engine does not answer.
RETRY_AFTER = 5

# What the framework itself refuses: its error → our code and title.
_FRAMEWORK = {
    framework.ParseError: ("malformed-json", Phrase("The body is not JSON that this API reads")),
    framework.NotAuthenticated: ("unauthenticated", Phrase("A client key is needed")),
    framework.AuthenticationFailed: ("unauthenticated", Phrase("The client key does not open this")),
    framework.PermissionDenied: (ForbiddenError.code, ForbiddenError.title),
    framework.NotFound: (NotFoundError.code, NotFoundError.title),
    framework.MethodNotAllowed: ("method-not-allowed", Phrase("This address does not take this method")),
    framework.UnsupportedMediaType: ("unsupported-media-type", Phrase("Send JSON, as application/json")),
}


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: Mapping[str, str] | None = None,
    codes: Mapping[str, str] | None = None,
    request_id: str,
) -> dict[str, Any]:
    """Lay out one problem; `errors` names fields (dotted, as `items.0.code`) with what is wrong with each.

    `codes` gives a stable code of its own to fields that have one.
    """
    own = {field: {"code": code} for field, code in (codes or {}).items()}
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [
            {"field": field, "detail": says} | own.get(field, {}) for field, says in (errors or {}).items()
        ],
        "request_id": request_id,
    }


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an error into its answer, for the framework; None lets the unforeseen fly."""
    request_id = getattr(context["request"], "request_id", "")
    if isinstance(error, OperationalError | InterfaceError | KeyFileError):
        log.error("engine.unavailable", reason=str(error))
        error = UnavailableError(NO_ENGINE)
    if isinstance(error, DomainError):
        return _answer_to_refusal(error, request_id)
    if isinstance(error, Http404):
        return _answer_to_refusal(NotFoundError(), request_id)
    if isinstance(error, framework.ValidationError):
        fields = dict(_field_errors(error.detail))
        return _answer_to_refusal(
            InvalidError(" ".join(dict.fromkeys(fields.values())), fields=fields), request_id
        )
    if isinstance(error, framework.APIException):
        return _answer_to_framework(error, request_id)
    return None


def _answer_to_refusal(error: DomainError, request_id: str) -> Response:
    status = STATUS[error.kind]
    content = problem(
        status,
        error.code,
        said(error.title),
        said(error.detail),
        errors={field: said(words) for field, words in error.fields.items()},
        codes=error.codes,
        request_id=request_id,
    )
    headers = {}
    if error.kind in (Kind.LIMITED, Kind.UNAVAILABLE):
        headers["Retry-After"] = str(getattr(error, "retry_after", RETRY_AFTER))
    return Response(content, status=status, headers=headers, content_type=MEDIA_TYPE)


def _answer_to_framework(error: framework.APIException, request_id: str) -> Response:
    # An error of ours, such as a body that is too large, brings its own code.
    own = (str(error.default_code), str(error.default_detail))
    code, title = _FRAMEWORK.get(type(error), own)
    content = problem(error.status_code, code, said(title), str(error.detail), request_id=request_id)
    headers = {"WWW-Authenticate": error.auth_header} if hasattr(error, "auth_header") else {}
    return Response(content, status=error.status_code, headers=headers, content_type=MEDIA_TYPE)


def _field_errors(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Walk what the serializers found wrong: a tree of names and lists with messages at its leaves."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            # Errors of the whole belong to no field.
            yield from _field_errors(
                inner, path if name == "non_field_errors" else f"{path}.{name}".strip(".")
            )
    elif isinstance(detail, list) and all(isinstance(part, str) for part in detail):
        yield path, " ".join(str(part) for part in detail)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            yield from _field_errors(inner, f"{path}.{place}".strip("."))
    else:
        yield path, str(detail)


def missing_address(request: HttpRequest) -> HttpResponse:
    """Answer for an address under /api/ that does not exist."""
    return _plain(request, 404, NotFoundError.code, NotFoundError.title)


def unreadable_request(request: HttpRequest) -> HttpResponse:
    """Answer for a request that is refused before it gets anywhere: a wrong host, an address with NUL in it."""
    return _plain(request, 400, "bad-request", Phrase("This request cannot be read"))


def unforeseen_error(request: HttpRequest) -> HttpResponse:
    """Answer for an error that nobody foresaw: the log has it, under the request's id."""
    title = Phrase("Something went wrong here; it has been written down")
    return _plain(request, 500, "internal-error", title)


def _plain(request: HttpRequest, status: int, code: str, title: str) -> HttpResponse:
    content = problem(status, code, said(title), said(title), request_id=getattr(request, "request_id", ""))
    return HttpResponse(to_json(content), status=status, content_type=MEDIA_TYPE)
