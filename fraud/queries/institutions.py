"""Institutions within an actor's scope."""

from django.db.models import QuerySet

from fraud.models import Institution, IntakeKey
from portal.accounts.actors import Actor
from portal.accounts.roles import Act


def intake_keys(institution: Institution) -> QuerySet[IntakeKey]:
    """List the keys to which an institution encrypts files, the one in use first."""
    return IntakeKey.objects.filter(institution=institution).order_by("-pk")


def institutions(actor: Actor, act: Act = Act.INSTITUTION_READ) -> QuerySet[Institution]:
    """List the institutions where the actor may do something, by name."""
    return Institution.objects.filter(actor.scope(act, institution="pk")).order_by("name", "pk")
