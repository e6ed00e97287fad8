"""What a rulebook would have been told about an application that is stored already."""

from typing import NamedTuple

import msgspec
from django.db.models import Q

from fraud.models import Application, Screening
from fraud.queries.velocity import velocity, watch_hits
from fraud.rules.consortium import Hit
from fraud.rules.decisions import ScreeningKind
from fraud.rules.rulebook.fields import Facts
from fraud.rules.signals import facts
from portal.accounts.actors import Actor
from portal.accounts.roles import Act


class Trial(NamedTuple):
    """The facts of an application as they were at its first screening, and what that said; None where it had none."""

    facts: Facts
    first: Screening | None


def application_to_try(actor: Actor, institution_id: int, named: str) -> Application | None:
    """Find an application of an institution by its reference there or by its id."""
    rows = Application.objects.filter(actor.scope(Act.APPLICATION_READ, institution="institution"))
    return rows.filter(Q(reference=named) | Q(public_id=named), institution=institution_id).first()


def trial_of(application: Application) -> Trial:
    """Put the facts of a stored application together, without opening what is sealed; watch lists are as of today."""
    first = application.screenings.filter(kind=ScreeningKind.FIRST).first()
    has_answered = first is not None and not first.is_degraded
    hits = msgspec.convert(first.hits, list[Hit]) if first is not None and has_answered else None
    found = facts(
        application.facts,
        submitted_at=application.submitted_at,
        velocity=velocity([application.pk]).get(application.pk),
        hits=hits,
        watch_hits=watch_hits([application.pk]).get(application.pk, ()),
    )
    return Trial(found, first)
