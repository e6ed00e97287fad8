"""Disputes and records of an institution, within the actor's scope."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from fraud.models import Application, Contribution, Dispute, Institution, Standing
from fraud.rules.disputes import DisputeSide, DisputeState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.audit.models import Entry

_PLACE = {"institution": "institution"}


def disputes_to_send(*, now: datetime) -> QuerySet[Dispute]:
    """List what the registry has not been told yet, or is told again now, the oldest first."""
    due = Q(retry_at=None) | Q(retry_at__lte=now)
    rows = Dispute.objects.filter(due, state__in=[DisputeState.WAITING, DisputeState.ANSWERED])
    return rows.select_related("institution", "application").order_by("pk")


def disputes(actor: Actor, act: Act = Act.RECORD_READ) -> QuerySet[Dispute]:
    """List disputes of both sides, the newest first."""
    rows = Dispute.objects.filter(actor.scope(act, **_PLACE))
    return rows.select_related("institution", "application", "contribution").order_by("-pk")


def disputes_to_answer(actor: Actor) -> QuerySet[Dispute]:
    """List the disputes that this person's institutions have to answer, the most urgent first."""
    rows = Dispute.objects.filter(actor.scope(Act.RECORD_EDIT, **_PLACE))
    waiting = rows.filter(side=DisputeSide.RECEIVED, state=DisputeState.ASKED)
    return waiting.select_related("institution").order_by("due_on", "pk")


def disputes_of(application: Application) -> QuerySet[Dispute]:
    """List what is or was disputed of what the consortium told of an application, the newest first."""
    return Dispute.objects.filter(application=application).order_by("-pk")


def own_records(actor: Actor, act: Act = Act.RECORD_READ) -> QuerySet[Contribution]:
    """List what institutions told the consortium, the newest first; `is_disputed` says what waits for an answer."""
    open_ones = Dispute.objects.filter(contribution=OuterRef("pk"), state=DisputeState.ASKED)
    rows = Contribution.objects.filter(actor.scope(act, **_PLACE)).annotate(is_disputed=Exists(open_ones))
    return rows.select_related("institution", "case").order_by("-pk")


def standings(actor: Actor) -> QuerySet[Standing]:
    """List where institutions stand in the consortium, by name."""
    rows = Standing.objects.filter(actor.scope(Act.INSTITUTION_READ, **_PLACE))
    return rows.select_related("institution").order_by("institution__name", "pk")


def canaries_met(institution: Institution) -> int:
    """Count how often an institution met a record that is bait: somebody looked up nobody."""
    return Entry.objects.filter(act="record.matched", actor_id=institution.public_id).count()
