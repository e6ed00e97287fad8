"""The addresses of a process that does nothing but redeem: two endpoints, and the doors for machines that watch."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from campaigns.api.codes import CodeChecks
from campaigns.api.redemptions import Redemptions
from portal.api.problems import missing_address, unforeseen_error, unreadable_request
from portal.core import health


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer any other address, in the language of whoever asked."""
    return missing_address(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read."""
    return unreadable_request(request)


handler400 = bad_request
handler404 = not_found
handler500 = unforeseen_error

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/v1/redemptions", Redemptions.as_view()),
    path("api/v1/codes/check", CodeChecks.as_view()),
]
