"""The request as pages see it, and the actor behind it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.accounts.actors import NOBODY, Actor
from portal.accounts.models import User
from portal.accounts.queries import actor_of


class PageRequest(HttpRequest):
    """What a guarded view receives: somebody is signed in, and `actor` says what they may do."""

    user: User
    actor: Actor
    htmx: HtmxDetails
    request_id: str


def actor_behind(request: HttpRequest) -> Actor:
    """Find the actor once for each request; nobody when nobody is signed in."""
    known: Actor | None = getattr(request, "_actor", None)
    if known is None:
        known = actor_of(request.user) if request.user.is_authenticated else NOBODY
        request._actor = known  # type: ignore[attr-defined]
    return known
