"""Finding requests: what waits for somebody's decision, and what they may see."""

from datetime import datetime

from django.db.models import Q, QuerySet

from portal.accounts.actors import Actor, OrganizationKind
from portal.accounts.models import User
from portal.accounts.queries import who_may
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind, kind_named, kinds
from portal.approvals.models import Approval, ApprovalState
from portal.audit.operations import Subject

_PATHS = {
    kind.value: f"place__{kind.value}" for kind in OrganizationKind if kind is not OrganizationKind.OPERATOR
}


def requests(actor: Actor) -> QuerySet[Approval]:
    """List the requests that the actor may see, newest first: those of their places, and their own."""
    reach = actor.scope(Act.REQUEST_READ, **_PATHS)
    # A filter that lets everything through would be lost beside another.
    return Approval.objects.filter(reach | _own(actor) if reach else Q()).order_by("-pk")


def requests_to_decide(actor: Actor, *, now: datetime) -> QuerySet[Approval]:
    """List the open requests that wait for this actor's decision, the oldest first."""
    reach = Q(pk__in=[])
    for kind in kinds():
        if actor.person and actor.may(kind.decide_act):
            reach |= Q(kind=kind.name) & actor.scope(kind.decide_act, **_PATHS)
    waiting = Approval.objects.filter(reach, state=ApprovalState.PENDING, expires_at__gt=now)
    return waiting.exclude(_own(actor)).exclude(_renewed(actor)).order_by("asked_at", "pk")


def request_about(kind: ApprovalKind, subject: Subject) -> Approval | None:
    """Find the newest request for an act upon one thing, whatever became of it."""
    return requests_about(kind, subject).first()


def requests_about(kind: ApprovalKind, subject: Subject) -> QuerySet[Approval]:
    """List every request for an act upon one thing, newest first, whatever became of each."""
    return Approval.objects.filter(kind=kind.name, subject_id=subject.public_id).order_by("-pk")


def may_decide(approval: Approval, actor: Actor, *, now: datetime) -> bool:
    """Say whether this actor is one who can decide an open request now."""
    act = kind_named(approval.kind).decide_act
    is_asker = approval.is_asked_by(actor) or approval.is_renewed_by(actor)
    return approval.is_open(now) and bool(actor.person) and not is_asker and actor.may(act, approval.place)


def deciders(approval: Approval) -> QuerySet[User]:
    """List who may decide a request: people of its organizations, or the operator's where these have none."""
    act = kind_named(approval.kind).decide_act
    near, anywhere = (
        who_may(act, approval.place, is_near=is_near).exclude(public_id__in=approval.askers)
        for is_near in (True, False)
    )
    return near if near.exists() else anywhere


def _own(actor: Actor) -> Q:
    own = Q(asked_by=actor.id)
    return own | Q(asked_by_person=actor.person) if actor.person else own


def _renewed(actor: Actor) -> Q:
    again = Q(renewed_by=actor.id)
    return again | Q(renewed_by_person=actor.person) if actor.person else again
