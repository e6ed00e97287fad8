"""What every address of the registry does: know the caller, read a message, and answer so that nobody sees what."""

import hmac
from collections.abc import Callable
from typing import TypeVar

import msgspec
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.core.errors import STATUS, DomainError

log = structlog.get_logger(__name__)
M = TypeVar("M")
View = Callable[[HttpRequest], HttpResponse]

# A thousand questions of 150 tokens each.
MOST_BYTES = 16 * 1024 * 1024
# No answer about one application is larger than this, so each is written as large.
ANSWER_BYTES = 2_048


def door(kind: type[M]) -> Callable[[Callable[[M], object]], View]:
    """Make a view of a function that takes a message and gives the answer; errors become codes without details."""

    def made(act: Callable[[M], object]) -> View:
        decoder = msgspec.json.Decoder(kind)

        def view(request: HttpRequest) -> HttpResponse:
            refusal = refused(request, "POST")
            if refusal is not None:
                return refusal
            try:
                message = decoder.decode(_body(request))
            except msgspec.MsgspecError as error:
                # Its path names fields of ours, and never a value.
                return _problem(422, "invalid", str(error).rpartition(" - at ")[2])
            return answered(lambda: act(message))

        return view

    return made


def answered(act: Callable[[], object]) -> HttpResponse:
    """Carry out an act and write its answer, or the code of its refusal."""
    try:
        content = act()
    except DomainError as error:
        return _problem(STATUS[error.kind], error.code, ",".join(error.fields))
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return HttpResponse(body, content_type="application/json")


def refused(request: HttpRequest, method: str) -> HttpResponse | None:
    """Refuse whoever does not know the secret, or asks in another way; None for who may go on."""
    secret = settings.REGISTRY_SECRET
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        return _problem(401, "unauthenticated")
    if request.method != method:
        return _problem(405, "method-not-allowed")
    return None


def padded(answer: object, applications: int) -> bytes:
    """Write an answer as JSON of the size that it has for so many applications, whatever is known about them."""
    body = msgspec.json.encode(answer)
    return body.ljust(applications * ANSWER_BYTES)


def _body(request: HttpRequest) -> bytes:
    """Read the body, which may be larger than any form of a browser."""
    body: bytes = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise msgspec.DecodeError("too large")
    return body


def _problem(status: int, code: str, where: str = "") -> HttpResponse:
    log.info("registry.refused", status=status, code=code, where=where)
    body = msgspec.json.encode({"status": status, "code": code, "where": where})
    return HttpResponse(body, status=status, content_type="application/problem+json")
