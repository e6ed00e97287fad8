"""The addresses of a process that does nothing but screen applications one by one, and the doors for machines."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from fraud.api.applications import Applications, OneApplication
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
    path("api/v1/applications", Applications.as_view(), name="api-applications"),
    path("api/v1/applications/<str:public_id>", OneApplication.as_view(), name="api-application"),
]
