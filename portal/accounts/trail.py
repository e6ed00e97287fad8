"""The trail as one actor may read it."""

from django.db.models import Q, QuerySet

from portal.accounts.actors import Actor
from portal.accounts.models import Client, User
from portal.accounts.roles import Act
from portal.audit.models import Entry

MOST_NAMED = 50


def trail(actor: Actor) -> QuerySet[Entry]:
    """List the entries that the actor may read, newest first, each with its link if it is sealed.

    Whoever reads everywhere reads everything; others what belongs to their own organizations.
    """
    reach = Q(pk__in=[])
    for grant in actor.grants:
        if Act.TRAIL_READ not in grant.acts:
            continue
        if not grant.within:
            reach = Q()
            break
        wanted = Q()
        for ids in grant.within.values():
            wanted &= Q(within__overlap=sorted(ids))
        reach |= wanted
    return Entry.objects.filter(reach).select_related("link").order_by("-pk")


def export_scope(actor: Actor) -> frozenset[int] | None:
    """Give the organizations whose entries the actor may take away; None for all of them."""
    grants = [grant for grant in actor.grants if Act.TRAIL_EXPORT in grant.acts]
    if any(not grant.within for grant in grants):
        return None
    return frozenset(pk for grant in grants for ids in grant.within.values() for pk in ids)


def matching(words: str) -> Q:
    """Make the filter for what was typed: an id, the beginning of an act, or part of a person's or client's name."""
    if not words:
        return Q()
    named = [
        *User.objects.filter(name__icontains=words).values_list("public_id", flat=True)[:MOST_NAMED],
        *Client.objects.filter(name__icontains=words).values_list("public_id", flat=True)[:MOST_NAMED],
    ]
    return Q(actor_id__in=[words, *named]) | Q(subject_id__in=[words, *named]) | Q(act__startswith=words)
