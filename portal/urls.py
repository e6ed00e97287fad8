"""Every address of the portal, from its rooms."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views import defaults

from portal.api.problems import missing_address, unforeseen_error, unreadable_request
from portal.core import contact, health
from portal.core.requests import unavailable_for
from portal.web.admin import site


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown address in the language of whoever asked: a problem for programs, a page for people."""
    if request.path.startswith("/api/"):
        return missing_address(request)
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read, in the language of whoever sent it."""
    if request.path.startswith("/api/"):
        return unreadable_request(request)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error that nobody foresaw, with no word about its cause."""
    unavailable = unavailable_for(request, sys.exc_info()[1])
    if unavailable is not None:
        return unavailable
    if request.path.startswith("/api/"):
        return unforeseen_error(request)
    return defaults.server_error(request)


handler400 = bad_request
handler404 = not_found
handler500 = server_error

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path(".well-known/security.txt", contact.security_txt),
    path("admin/", site.urls),
    path("api/", include("portal.api.urls")),
    path("api/v1/", include("campaigns.api.urls")),
    path("api/v1/", include("fraud.api.urls")),
    path("", include("portal.web.urls")),
    path("", include("campaigns.urls")),
    path("", include("fraud.urls")),
]
