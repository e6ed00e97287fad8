"""Sending a request on to the process that may answer it, over connections kept open; nothing of it is decided here."""

from functools import cache
from typing import Any

import structlog
import urllib3
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.request import Request

from portal.api.parsers import MOST_BYTES, BodyTooLargeError, LengthMissingError
from portal.api.views import ApiView
from portal.core.errors import UnavailableError
from portal.core.forwarded import forwarded_headers
from portal.core.phrases import Phrase

log = structlog.get_logger(__name__)

# Seconds: longer than the longest time budget of an institution.
_TIMEOUT = urllib3.Timeout(connect=1.0, read=40.0)
_CONNECTIONS = 32
# Where a connection that lay idle was closed; what changes something is repeatable by its key. An answer that says when
# to come back is for whoever asked: nobody waits for that moment here.
_ONCE_MORE = urllib3.Retry(total=1, allowed_methods=None, backoff_factor=0, respect_retry_after_header=False)
# What belongs to one connection and not to what is said over it (RFC 9110, 7.6.1).
_OF_THE_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"),
        *("trailer", "transfer-encoding", "upgrade", "content-length"),
    }
)


class _ElsewhereError(Exception):
    """Leads out of the framework's own steps to the process that answers."""


class ForwardedView(ApiView):
    """An endpoint that another process answers, where this one knows its address."""

    def elsewhere(self) -> str:
        """Give the address of the process that answers; "" if it is this one."""
        return ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.elsewhere():
            raise _ElsewhereError
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Any:
        if not isinstance(exc, _ElsewhereError):
            return super().handle_exception(exc)
        try:
            return forward(self.request._request, self.elsewhere())
        except (BodyTooLargeError, LengthMissingError, UnavailableError) as error:
            return super().handle_exception(error)


def forward(request: HttpRequest, base: str) -> HttpResponseBase:
    """Send a request to *base*, as it came, and give the answer, as it comes.

    :raises BodyTooLargeError: its body is longer than any that is read there
    :raises LengthMissingError: its body does not say how long it is
    :raises UnavailableError: nobody answers there
    """
    body = _body(request)
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_THE_HOP}
    headers |= forwarded_headers(request)
    headers["X-Request-Id"] = getattr(request, "request_id", "")
    try:
        answer = _pool().request(
            request.method or "GET",
            base.rstrip("/") + request.get_full_path(),
            body=body,
            headers=headers,
            redirect=False,
            retries=_ONCE_MORE,
        )
    except urllib3.exceptions.HTTPError as error:
        log.warning("process.unavailable", reason=type(error).__name__)
        says = Phrase("The process that screens applications does not answer. Try again in a few seconds.")
        raise UnavailableError(says) from error
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_THE_HOP}
    return HttpResponse(answer.data, status=answer.status, headers=kept)


def _body(request: HttpRequest) -> bytes:
    if "HTTP_TRANSFER_ENCODING" in request.META and "CONTENT_LENGTH" not in request.META:
        raise LengthMissingError
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdigit() or int(declared) > MOST_BYTES:
        raise BodyTooLargeError(MOST_BYTES)
    return request.read(int(declared)) if int(declared) else b""


@cache
def _pool() -> urllib3.PoolManager:
    # Names and ports of ours alone: no proxy of the environment is asked.
    return urllib3.PoolManager(num_pools=2, maxsize=_CONNECTIONS, timeout=_TIMEOUT)
