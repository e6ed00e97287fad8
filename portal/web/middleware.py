"""Middleware for pages: who acts, and refusals as pages in words."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from portal.core.errors import STATUS, DomainError, Kind
from portal.core.language import said
from portal.web.fresh import ConfirmationNeededError, lead_to
from portal.web.requests import actor_behind

Next = Callable[[HttpRequest], HttpResponseBase]


class ActorMiddleware:
    """Put `request.actor` in reach, and answer a refusal that no form could show with a page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = SimpleLazyObject(partial(actor_behind, request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, ConfirmationNeededError):
            return lead_to(error.place, request)
        # The API has its own shape of refusal, and an engine that is gone its own middleware.
        is_mine = isinstance(error, DomainError) and error.kind is not Kind.UNAVAILABLE
        if not is_mine or request.path.startswith("/api/"):
            return None
        context = {"title": said(error.title), "detail": said(error.detail)}  # type: ignore[attr-defined]
        return render(request, "portal/refusal.html", context, status=STATUS[error.kind])  # type: ignore[attr-defined]
