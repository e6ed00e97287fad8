"""What is due, what is held, how long things are kept, and what will go when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from portal.accounts.actors import Actor, OrganizationKind
from portal.accounts.models import Organization
from portal.accounts.queries import organizations
from portal.accounts.roles import Act
from portal.retention.models import LegalHold, RetentionPeriod, RetentionRun
from portal.retention.policies import RetentionPolicy, policies
from portal.retention.subjects import Subject

_SAMPLES = 5
_PATHS = {
    kind.value: f"place__{kind.value}" for kind in OrganizationKind if kind is not OrganizationKind.OPERATOR
}


def days_kept(policy: RetentionPolicy, organization: Organization | None = None) -> int:
    """Tell how long things of a policy are kept in one place: what was set there, or everywhere, or its own."""
    rows = RetentionPeriod.objects.filter(policy=policy.name)
    here = rows.filter(Q(organization=organization) | Q(organization=None))
    period = here.order_by("organization_id").first()
    return period.days if period else policy.days


def places_of(policy: RetentionPolicy) -> list[Organization | None]:
    """List the organizations in which a policy is carried out on its own; one None for the whole."""
    if policy.per is None:
        return [None]
    return list(Organization.objects.filter(kind=policy.per).order_by("pk"))


def active_holds() -> QuerySet[LegalHold]:
    """List the holds that have not been lifted."""
    return LegalHold.objects.filter(lifted_at=None).order_by("pk")


def is_held(subject: Subject) -> bool:
    """Say whether a hold keeps what is about this person: on them, on an organization of theirs, or on everything."""
    everything = Q(organization__kind=OrganizationKind.OPERATOR)
    organizations = {*subject.place.values(), *subject.organizations}
    theirs = Q(subject=subject.public_id) | Q(organization__in=sorted(organizations)) | everything
    return active_holds().filter(theirs).exists()


def unheld(policy: RetentionPolicy, organization: Organization | None = None) -> "QuerySet[Any]":
    """List what a policy is about in one place, however old, without what a hold keeps."""
    rows = policy.rows()
    if organization is not None and policy.per is not None:
        rows = rows.filter(**{policy.places[policy.per]: organization.pk})
    organizations, subjects = _held()
    if OrganizationKind.OPERATOR in {kind for kind, _pk in organizations}:
        return rows.none()
    for kind, path in policy.places.items():
        held = [pk for held_kind, pk in organizations if held_kind == kind]
        rows = rows.exclude(**{f"{path}__in": held}) if held else rows
    if policy.within and organizations:
        rows = rows.exclude(**{f"{policy.within}__overlap": [pk for _kind, pk in organizations]})
    if policy.subject and subjects:
        rows = rows.exclude(**{f"{policy.subject}__in": subjects})
    return rows


def due(policy: RetentionPolicy, organization: Organization | None, *, cut_off: datetime) -> "QuerySet[Any]":
    """List what goes: as old as the cut-off or older, and under no hold."""
    return unheld(policy, organization).filter(**{f"{policy.since}__lte": cut_off})


def _held() -> tuple[list[tuple[str, int]], list[str]]:
    rows = list(active_holds().values_list("organization__kind", "organization_id", "subject"))
    return [(kind, pk) for kind, pk, _subject in rows if pk], [
        subject for _kind, _pk, subject in rows if subject
    ]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do: how many rows, and a few of their names."""

    policy: RetentionPolicy
    organization: Organization | None
    days: int
    cut_off: datetime
    count: int
    samples: list[str]


def preview(policy: RetentionPolicy, organization: Organization | None, *, now: datetime) -> Preview:
    """Count what would go now, and name a few; nothing is changed."""
    days = days_kept(policy, organization)
    cut_off = now - timedelta(days=days)
    rows = due(policy, organization, cut_off=cut_off)
    samples = (
        rows.order_by("pk").values_list(policy.identity, flat=True)[:_SAMPLES] if policy.identity else []
    )
    return Preview(policy, organization, days, cut_off, rows.count(), [str(name) for name in samples])


def previews(*, now: datetime, policy: str = "") -> Iterator[Preview]:
    """Preview every policy in every place, or one policy."""
    for one in policies():
        if policy in {"", one.name}:
            for organization in places_of(one):
                yield preview(one, organization, now=now)


def places_seen(policy: RetentionPolicy, actor: Actor) -> list[Organization | None]:
    """List the places of a policy that the actor may read about."""
    if policy.per is None:
        return [None] if actor.may(Act.RETENTION_READ, {}) else []
    return list(organizations(actor, Act.RETENTION_READ, policy.per))


def forecast(
    policy: RetentionPolicy, months: list[datetime], places: Sequence[Organization | None]
) -> list[int]:
    """Count what will go until each of these moments, and after the one before it; one query for each place."""
    totals = [0] * len(months)
    for organization in places:
        kept = timedelta(days=days_kept(policy, organization))
        ends = [month - kept for month in months]
        spans = {
            f"month_{at}": Count(
                "pk",
                filter=Q(**{f"{policy.since}__lte": end})
                & (Q(**{f"{policy.since}__gt": ends[at - 1]}) if at else Q()),
            )
            for at, end in enumerate(ends)
        }
        found = unheld(policy, organization).aggregate(**spans)
        totals = [total + int(found[f"month_{at}"] or 0) for at, total in enumerate(totals)]
    return totals


def holds(actor: Actor) -> QuerySet[LegalHold]:
    """List the holds that the actor may see, newest first."""
    reach = actor.scope(Act.RETENTION_READ, **_PATHS)
    return LegalHold.objects.filter(reach).select_related("organization").order_by("-pk")


def runs(actor: Actor) -> QuerySet[RetentionRun]:
    """List the runs that the actor may see, newest first: those of their organizations, or all."""
    paths = dict.fromkeys(_PATHS, "organization")
    reach = actor.scope(Act.RETENTION_READ, **paths)
    return RetentionRun.objects.filter(reach).select_related("organization").order_by("-pk")
