"""What the frame around a page shows; each part is fetched only when the template asks for it."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.accounts.actors import Actor, OrganizationKind
from portal.accounts.models import Organization
from portal.accounts.queries import organizations
from portal.accounts.roles import Act
from portal.web.navigation import GROUP_NAMES, Entry, Waiting, Words, entries_for, waiting_for
from portal.web.requests import actor_behind

THEMES = ("auto", "light", "dark")
THEME_COOKIE = f"{settings.HOST_PREFIX}theme"
SCOPE = "scope"
BAR_LENGTH = 3


class Frame:
    """The frame of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def actor(self) -> Actor:
        return actor_behind(self.request)

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else "auto"

    @cached_property
    def nav(self) -> list[tuple[Words, list[Entry]]]:
        return [(GROUP_NAMES[group], entries) for group, entries in entries_for(self.actor).items()]

    @cached_property
    def bar(self) -> list[Entry]:
        """Return the entries that fit beside Home and Menu on a phone."""
        return [entry for _group, entries in self.nav for entry in entries][:BAR_LENGTH]

    @cached_property
    def current(self) -> str:
        """Return the address of the entry that this page belongs to; the longest match wins."""
        path = self.request.path
        entries = [entry for _group, entries in self.nav for entry in entries if entry.holds(path)]
        nearest = max(entries, key=lambda entry: entry.holds(path), default=None)
        return nearest.url if nearest else "/" if path == "/" else ""

    @cached_property
    def waiting(self) -> list[Waiting]:
        return waiting_for(self.actor)

    @cached_property
    def scopes(self) -> list[Organization]:
        """Return the markets to choose from; none when there is no choice."""
        markets = list(organizations(self.actor, Act.CAMPAIGN_READ, OrganizationKind.MARKET))
        return markets if len(markets) > 1 else []

    @cached_property
    def scope(self) -> Organization | None:
        """Return the market that the person narrowed the portal to, if any and still theirs."""
        chosen = self.request.session.get(SCOPE, "")
        return next((market for market in self.scopes if market.public_id == chosen), None)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates `frame`."""
    return {"frame": frame_of(request)}


def frame_of(request: HttpRequest) -> Frame:
    """Return the one frame of a request; views ask it for `scope`."""
    known: Frame | None = getattr(request, "_frame", None)
    if known is None:
        known = Frame(request)
        request._frame = known  # type: ignore[attr-defined]
    return known
