"""Signed requests at the API's door: whose signature it is, that it fits, and that it comes but once."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed

from portal.accounts.queries import signing_keys
from portal.api.limits import remember_signature
from portal.api.parsers import BodyTooLargeError
from portal.crypto.http_signatures import (
    LIFE,
    Fault,
    HttpSignatureError,
    SignedRequest,
    verify_request,
)
from portal.crypto.signatures import public_from_raw

_WORDS: dict[Fault, Promise] = {
    Fault.MISSING: _("This client signs its requests: send Signature-Input and Signature (RFC 9421)."),
    Fault.MALFORMED: _("Signature-Input and Signature cannot be read as RFC 9421 has them."),
    Fault.SEVERAL: _("Send one signature; this request has several."),
    Fault.UNDATED: _("The signature says not when it was made: add the parameter created."),
    Fault.EARLY: _("The signature was made in the future: check the clock of your program."),
    Fault.LATE: _("The signature has expired: sign each request when it is sent, and check the clock."),
    Fault.UNKNOWN_KEY: _("The keyid names no live key of this client."),
    Fault.UNCOVERED: _("The signature does not cover: %(components)s."),
    Fault.BODY: _("Content-Digest does not fit the body."),
    Fault.WRONG: _("The signature does not fit the request and the key."),
}


class SignatureRefusedError(AuthenticationFailed):
    """Refuse a request that is not signed as its client must sign."""

    default_code = "signature-refused"
    default_detail = _("The signature of this request is missing or wrong")


def is_signed(request: HttpRequest) -> bool:
    """Say whether a request claims to be signed."""
    return "HTTP_SIGNATURE" in request.META or "HTTP_SIGNATURE_INPUT" in request.META


def check_signature(request: HttpRequest, client_id: int, *, is_required: bool, now: datetime) -> None:
    """Let a request pass that its client signed; without keys of the client a signature is somebody else's affair.

    :raises SignatureRefusedError: it is missing, wrong, or was used before
    :raises BodyTooLargeError: nobody signs a body of this size
    :raises UnavailableError: Redis, which remembers signatures, does not answer
    """
    keys = signing_keys(client_id)
    if not keys and not is_required:
        return
    public = {key_id: public_from_raw(raw) for key_id, raw in keys.items()}
    try:
        verified = verify_request(_as_sent(request), public, now=now)
    except HttpSignatureError as error:
        says = _WORDS[error.fault]
        raise SignatureRefusedError(str(says) % {"components": ", ".join(error.components)}) from error
    if not remember_signature(client_id, verified.digest, seconds=int(LIFE.total_seconds())):
        raise SignatureRefusedError(
            _("This signature was used before: sign each request anew, with a nonce.")
        )


def _as_sent(request: HttpRequest) -> SignedRequest:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise BodyTooLargeError(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) from error
    # Behind a proxy that ends TLS the request itself does not know how it came.
    scheme = settings.PUBLIC_URL.partition(":")[0]
    url = f"{scheme}://{request.get_host()}{request.get_full_path()}"
    return SignedRequest(request.method or "", url, dict(request.headers), body)
