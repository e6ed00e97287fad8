"""Institutions within an actor's scope."""

from django.db.models import QuerySet

from fraud.models import Institution
from portal.accounts.actors import Actor
from portal.accounts.roles import Act


def institutions(actor: Actor, act: Act = Act.INSTITUTION_READ) -> QuerySet[Institution]:
    """List the institutions where the actor may do something, by name."""
    return Institution.objects.filter(actor.scope(act, institution="pk")).order_by("name", "pk")
