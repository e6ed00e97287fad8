"""The addresses of the registry process, which knows tokens and nobody behind them; none of them is public."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from fraud.registry_api import views
from portal.api.problems import missing_address, unforeseen_error, unreadable_request
from portal.core import health


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer any other address."""
    return missing_address(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read."""
    return unreadable_request(request)


handler400 = bad_request
handler404 = not_found
handler500 = unforeseen_error

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", views.ready),
    path("inquiries", views.inquiries),
    path("records", views.records),
    path("records/import", views.many_records),
    path("changes", views.changes),
    path("withdrawals", views.withdrawals),
    path("notices", views.notices),
    path("notices/acknowledge", views.acknowledge),
    path("disputes", views.disputes),
    path("disputes/news", views.news),
    path("disputes/heard", views.heard),
    path("members", views.members),
    path("members/quota", views.quota),
    path("upkeep", views.upkeep),
]
