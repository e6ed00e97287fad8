"""The request as pages see it, and the actor behind it."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
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


def own_path(request: HttpRequest, wanted: str) -> str:
    """Give an address to go on to if it is one of ours; empty if not."""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # What does not begin with a slash would be taken for the name of a view.
    return wanted if is_ours and wanted.startswith("/") else ""
