"""What one process of ours sends on to another: from whom it came and how, under a key that only our processes hold."""

import hmac
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from portal.core.callers import caller_address

# From where and how the request came to us, with a keyed digest of both.
CALLER, SCHEME, SEAL = "X-Countersign-Caller", "X-Countersign-Scheme", "X-Countersign-Seal"
_SALT = "portal.core.forwarded"

Next = Callable[[HttpRequest], HttpResponseBase]


def forwarded_headers(request: HttpRequest) -> dict[str, str]:
    """Say of a request from whom it came and how, for the process that it is sent on to."""
    caller, scheme = str(caller_address(request.META) or ""), request.scheme or "http"
    seal = _seal(caller, scheme, request.method or "", request.get_full_path())
    return {CALLER: caller, SCHEME: scheme, SEAL: seal}


class ForwardedMiddleware:
    """Believe what another process of ours says of the caller; from anybody else it is not even read."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta: dict[str, str] = request.META
        seal = meta.get(_name(SEAL), "")
        if seal:
            caller, scheme = _said(meta)
            wanted = _seal(caller, scheme, request.method or "", request.get_full_path())
            if hmac.compare_digest(seal.encode(), wanted.encode()):
                meta["REMOTE_ADDR"], meta["wsgi.url_scheme"] = caller, scheme
                meta["HTTP_X_FORWARDED_PROTO"] = scheme
                # It has been read once, by whoever sent this on.
                meta.pop("HTTP_X_FORWARDED_FOR", None)
        return self.get_response(request)


def _said(meta: Mapping[str, str]) -> tuple[str, str]:
    return meta.get(_name(CALLER), ""), meta.get(_name(SCHEME), "")


def _name(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def _seal(caller: str, scheme: str, method: str, path: str) -> str:
    return salted_hmac(_SALT, "\n".join([caller, scheme, method, path]), algorithm="sha256").hexdigest()
