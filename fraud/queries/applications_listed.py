"""Applications within an actor's scope, each with what the newest screening said of it."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from fraud.models import Application, FraudElement, Screening
from portal.accounts.actors import Actor
from portal.accounts.roles import Act


def applications(actor: Actor, act: Act = Act.APPLICATION_READ) -> QuerySet[Application]:
    """List applications, newest first, with the outcome and score of the newest screening: `outcome`, `score`."""
    newest = Screening.objects.filter(application=OuterRef("pk")).order_by("-pk")
    return (
        Application.objects.filter(actor.scope(act, institution="institution"))
        .select_related("institution", "case", "submission")
        .defer("sealed", "facts")
        .annotate(outcome=Subquery(newest.values("outcome")[:1]), score=Subquery(newest.values("score")[:1]))
        .order_by("-pk")
    )


def screenings_of(application: Application) -> QuerySet[Screening]:
    """List what was said of an application, newest first."""
    return application.screenings.order_by("-pk")


def applications_with(actor: Actor, tokens: dict[int, set[bytes]]) -> QuerySet[Application]:
    """List the applications that have one of the tokens, given by institution, within the actor's scope."""
    wanted: list[Any] = [token for found in tokens.values() for token in found]
    having = FraudElement.objects.filter(token__in=wanted).values("application")
    return applications(actor).filter(pk__in=having, institution__in=list(tokens))


def newest_hits(application: Application) -> list[dict[str, Any]]:
    """Give what the consortium told for the newest screening."""
    row = screenings_of(application).values_list("hits", flat=True).first()
    return list(row or [])
