"""Where a request comes from: a device that has been here before, an address, a country; as tokens for the trail."""

import secrets

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from portal.accounts.operations.sign_ins import Origin
from portal.accounts.secrets import token

COOKIE = f"{settings.HOST_PREFIX}device"
# Browsers keep no cookie longer.
LONGEST = 400 * 24 * 3600
_SIGNER = signing.Signer(salt="portal.web.origins")


def origin_of(request: HttpRequest) -> Origin:
    """Tell where a request comes from, in words that the trail may keep."""
    country = request.headers.get(settings.COUNTRY_HEADER, "") if settings.COUNTRY_HEADER else ""
    return Origin(
        device=token("device", _device(request)),
        address=token("address", get_adapter(request).get_client_ip(request)),
        country=country[:2].upper() if country.isascii() and country.isalpha() else "",
    )


def remember_device(request: HttpRequest, response: HttpResponseBase) -> None:
    """Leave a mark on the device, so that a later sign-in from it is known to be from the same one."""
    response.set_cookie(
        COOKIE,
        _SIGNER.sign(_device(request)),
        max_age=LONGEST,
        samesite="Strict",
        httponly=True,
        secure=settings.SECURE_COOKIES,
    )


def _device(request: HttpRequest) -> str:
    known: str | None = getattr(request, "_device", None)
    if known is None:
        try:
            known = _SIGNER.unsign(request.COOKIES.get(COOKIE, ""))
        except signing.BadSignature:
            known = secrets.token_urlsafe(16)
        request._device = known  # type: ignore[attr-defined]
    return known
