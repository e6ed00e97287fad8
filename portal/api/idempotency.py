"""One request, one effect: a POST with an `Idempotency-Key` that was seen before gets the answer it had then."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import orjson
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.authentication import caller_of
from portal.api.models import IdempotentRequest
from portal.api.problems import MEDIA_TYPE as PROBLEM
from portal.api.renderers import MEDIA_TYPE as JSON
from portal.api.renderers import to_json
from portal.core import clock
from portal.core.db import prepared
from portal.core.errors import DomainError, Kind
from portal.core.phrases import Phrase

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
# A process that has not answered by then is taken for dead; no request may take so long.
LEASE = timedelta(seconds=30)
# How long an answer is kept at least.
KEPT = timedelta(days=7)
# Refusals that say nothing about the request itself: not kept, like 5xx.
_PASSING = frozenset({401, 403, 429})
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

Handler = Callable[..., Response]


class KeyMissingError(APIException):
    """Refuse a change that could not be told from its repetition."""

    status_code = 400
    default_code = "idempotency-key-missing"
    default_detail = gettext_lazy(
        "Send an Idempotency-Key header: 1 to 255 visible ASCII characters, new for each change."
    )


class MismatchError(DomainError):
    """Refuse a key that stands for another request."""

    kind = Kind.INVALID
    code = "idempotency-mismatch"
    title = Phrase("This Idempotency-Key was used for another request")


class InProgressError(DomainError):
    """Refuse a repetition while the first is being worked on."""

    kind = Kind.CONFLICT
    code = "idempotency-in-progress"
    title = Phrase("A request with this Idempotency-Key is being worked on")


@dataclass(frozen=True, slots=True)
class Slot:
    """The right to answer one request; `leased_until` is the fence against a process taken for dead."""

    client_id: int
    key: str
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer given before."""

    status: int
    body: bytes


# Neither statement waits for the disk: a crash of the database loses at most an answer of its last moments, and a
# claim only together with all that came after it. The first matters no more than a process that dies before it keeps
# its answer, and the work itself waits.
#
# A lease that ran out passes to whoever asks next, with the same request.
_CLAIM = """
INSERT INTO api_idempotentrequest AS slot (client_id, key, fingerprint, leased_until, created_at)
VALUES (%(client)s::bigint, %(key)s::text, %(fingerprint)s::bytea, %(until)s::timestamptz, %(now)s::timestamptz)
ON CONFLICT (client_id, key) DO UPDATE SET leased_until = EXCLUDED.leased_until
    WHERE slot.status IS NULL AND slot.leased_until <= EXCLUDED.created_at
      AND slot.fingerprint = EXCLUDED.fingerprint
RETURNING set_config('synchronous_commit', 'off', TRUE)
"""
_KEEP = """
UPDATE api_idempotentrequest SET status = %(status)s::int, body = %(body)s::bytea
WHERE client_id = %(client)s::bigint AND key = %(key)s::text AND status IS NULL
    AND leased_until = %(until)s::timestamptz
RETURNING set_config('synchronous_commit', 'off', TRUE)
"""


def claim(client_id: int, key: str, fingerprint: bytes, *, now: datetime) -> Slot | Stored:
    """Take the right to answer, or find the answer given before.

    :raises MismatchError: the key stands for another request
    :raises InProgressError: somebody is working on it
    """
    slot = Slot(client_id, key, now + LEASE)
    values = {
        "client": client_id,
        "key": key,
        "fingerprint": fingerprint,
        "until": slot.leased_until,
        "now": now,
    }
    if prepared(_CLAIM, values):
        return slot
    found = IdempotentRequest.objects.filter(client=client_id, key=key).first()
    if found is not None and bytes(found.fingerprint) != fingerprint:
        raise MismatchError(
            _("Use a new key for each change; repeat a key only with the same address and body.")
        )
    if found is None or found.status is None:
        raise InProgressError(_("Ask again in a moment for its answer."))
    return Stored(found.status, bytes(found.body or b""))


def keep_answer(slot: Slot, stored: Stored) -> None:
    """Store the answer, unless the lease has passed to another."""
    values = {"client": slot.client_id, "key": slot.key, "until": slot.leased_until}
    prepared(_KEEP, values | {"status": stored.status, "body": stored.body})


def release(slot: Slot) -> None:
    """Give the right to answer back, so that the request can be tried again at once."""
    mine = {"client": slot.client_id, "key": slot.key, "leased_until": slot.leased_until}
    IdempotentRequest.objects.filter(**mine, status=None).delete()


def forget_answers(*, now: datetime) -> int:
    """Remove answers older than they need to be kept; return how many."""
    removed, _each = IdempotentRequest.objects.filter(created_at__lt=now - KEPT).delete()
    return removed


def key_of(request: Request) -> str:
    """Give the key of a request.

    :raises KeyMissingError: there is none that could be one
    """
    key: str = request.headers.get(HEADER, "")
    if not _KEY.fullmatch(key):
        raise KeyMissingError
    return key


def idempotent(handler: Handler) -> Callable[..., HttpResponseBase]:
    """Make a view's POST repeatable; the handler finds the key by `key_of(request)`.

    Answers and refusals are kept, except those that a second try may well change: see `_PASSING`.
    """

    @wraps(handler)
    def post(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = key_of(request)
        client_id = caller_of(request).actor.client_id or 0
        taken = claim(client_id, key, _fingerprint(request), now=clock.now())
        if isinstance(taken, Stored):
            return _as_response(taken, {REPLAYED: "true"})
        return _answered(taken, lambda: _outcome(handler, view, request, args, kwargs))

    # By this a test finds the changes that are not repeatable.
    post.is_idempotent = True  # type: ignore[attr-defined]
    return post


def _answered(slot: Slot, work: Callable[[], Response]) -> HttpResponse:
    is_kept = False
    try:
        response = work()
        stored = Stored(response.status_code, to_json(response.data))
        if stored.status < 500 and stored.status not in _PASSING:
            keep_answer(slot, stored)
            is_kept = True
        headers = {name: value for name, value in response.items() if name.lower() != "content-type"}
        return _as_response(stored, headers)
    finally:
        if not is_kept:
            release(slot)


def _outcome(
    handler: Handler, view: APIView, request: Request, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Response:
    try:
        return handler(view, request, *args, **kwargs)
    except (DomainError, APIException, Http404) as error:
        return view.handle_exception(error)


def _as_response(stored: Stored, headers: dict[str, str]) -> HttpResponse:
    content_type = JSON if stored.status < 400 else PROBLEM
    return HttpResponse(stored.body, status=stored.status, headers=headers, content_type=content_type)


def _fingerprint(request: Request) -> bytes:
    content = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    # With its query, which may say how the body is to be read.
    asked = [str(request.method).encode(), request.get_full_path().encode(), content]
    return hashlib.sha256(b"\0".join(asked)).digest()
