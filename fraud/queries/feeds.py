"""Feeds of case systems within an actor's scope, and the mappings that they can have."""

from django.db.models import QuerySet

from fraud.models import CaseFeed, Institution, Mapping
from fraud.rules.feeds import IN_USE, FeedState
from fraud.rules.translation import Direction
from portal.accounts.actors import Actor
from portal.accounts.roles import Act


def feeds(actor: Actor, act: Act = Act.INSTITUTION_READ) -> QuerySet[CaseFeed]:
    """List feeds within the actor's scope, the newest first."""
    rows = CaseFeed.objects.filter(actor.scope(act, institution="institution"))
    return rows.select_related("institution", "mapping__live").order_by("-pk")


def shown_feeds(institution: Institution) -> QuerySet[CaseFeed]:
    """List the feeds of an institution that are in use or asked for."""
    rows = CaseFeed.objects.filter(institution=institution, state__in=[*IN_USE, FeedState.WAITING])
    return rows.select_related("mapping").order_by("pk")


def case_mappings(institution: Institution) -> QuerySet[Mapping]:
    """List the published mappings of an institution for case systems, by name."""
    rows = Mapping.objects.filter(institution=institution, direction=Direction.CASE_SYSTEM)
    return rows.filter(retired_at=None, live__isnull=False).select_related("live").order_by("name", "pk")
