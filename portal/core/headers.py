"""Headers on every answer that tell browsers what no page of ours may do, whatever got into it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

Next = Callable[[HttpRequest], HttpResponseBase]

# Passkeys are ours to use; nothing else of the machine is. Names as in the registry of W3C's Permissions Policy,
# and known to browsers: of others they complain.
_ALLOWED = {"publickey-credentials-get": "(self)", "publickey-credentials-create": "(self)"}
_REFUSED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS = ", ".join(
    [f"{name}={who}" for name, who in _ALLOWED.items()] + [f"{name}=()" for name in _REFUSED]
)
HEADERS = {
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Resource-Policy": "same-origin",
    # Flash and PDF readers of old ask for this one.
    "X-Permitted-Cross-Domain-Policies": "none",
}


class SafetyHeadersMiddleware:
    """Add what neither Django nor django-csp sends; a view's own value stays."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
