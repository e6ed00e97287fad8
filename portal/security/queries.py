"""Reading alerts, canaries, streams, and where people belong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from portal.accounts.actors import Actor
from portal.accounts.models import Client, ClientKey, Membership, User
from portal.accounts.roles import Act
from portal.audit.models import Entry, Link
from portal.audit.queries import sealed_entries
from portal.core.actors import ActorKind
from portal.core.streams import name_of
from portal.security.models import Alert, AlertState, Canary, StreamCursor

DETECTORS_CURSOR = "detectors"
# Gives the zones in which organizations work, by their ids; a domain that knows any registers its own.
ZoneSource = Callable[[Iterable[int]], set[str]]
_zones: list[ZoneSource] = []


def register_zones(source: ZoneSource) -> None:
    """Add a source of the zones of organizations."""
    if source not in _zones:
        _zones.append(source)


# ── Alerts ───────────────────────────────────────────────────────────────────────────────────────────────


def reach(actor: Actor, act: Act) -> Q:
    """Make the filter for the alerts that the actor may `act` on: those that touch an organization of theirs."""
    mine: set[int] = set()
    for grant in actor.grants:
        if act in grant.acts:
            if not grant.within:
                return Q()
            mine |= reduce(or_, grant.within.values())
    return Q(within__overlap=sorted(mine))


def alerts(actor: Actor) -> QuerySet[Alert]:
    """List the alerts that the actor may see."""
    people = User.objects.filter(public_id=OuterRef("actor_id")).values("name")
    programs = Client.objects.filter(public_id=OuterRef("actor_id")).values("name")
    # The name of whom it is about, empty where nobody has signed in.
    name = Coalesce(Subquery(people), Subquery(programs), Value(""))
    seen = Alert.objects.filter(reach(actor, Act.ALERT_READ)).select_related("holder")
    return seen.annotate(actor_name=name)


def alerts_to_handle(actor: Actor) -> QuerySet[Alert]:
    """List the alerts that the actor may see and that are not closed."""
    return Alert.objects.filter(reach(actor, Act.ALERT_READ)).exclude(state=AlertState.CLOSED)


def may_handle(alert: Alert, actor: Actor) -> bool:
    """Say whether the actor may acknowledge, note, close and reopen an alert."""
    is_about_them = actor.person in alert.about
    return not is_about_them and Alert.objects.filter(reach(actor, Act.ALERT_EDIT), pk=alert.pk).exists()


def open_alerts(actor: Actor) -> QuerySet[Alert]:
    """List the open alerts that wait for this person, the gravest first; never those about themself."""
    mine = reach(actor, Act.ALERT_EDIT) & ~Q(about__contains=[actor.person])
    return Alert.objects.filter(mine, state=AlertState.OPEN).order_by("-severity", "opened_at", "pk")


def entries_of(alert: Alert) -> QuerySet[Entry]:
    """List the entries that led to an alert, the oldest first."""
    return Entry.objects.filter(pk__in=alert.entries).select_related("link").order_by("pk")


def canaries() -> QuerySet[Canary]:
    """List what is marked; only for those who may mark."""
    return Canary.objects.select_related("marked_by").order_by("-marked_at", "-pk")


# ── Where people belong ──────────────────────────────────────────────────────────────────────────────────


def organizations_of(actor_kind: str, actor_id: str) -> list[int]:
    """List the ids of the organizations that a person or client belongs to."""
    if actor_kind == ActorKind.PERSON:
        rows = Membership.objects.filter(user__public_id=actor_id).values_list("organization_id", flat=True)
        return sorted(set(rows))
    places = Client.objects.filter(public_id=actor_id, organizations__isnull=False)
    return sorted(set(places.values_list("organizations", flat=True)))


def people_behind(actor_kind: str, actor_id: str) -> list[str]:
    """List the people who answer for an actor: themself, or whoever registered a client or issued its keys."""
    if actor_kind == ActorKind.PERSON:
        return [actor_id] if actor_id else []
    if actor_kind == ActorKind.SYSTEM:
        return []
    registered = Client.objects.filter(public_id=actor_id).values_list("issued_by__public_id", flat=True)
    issued = ClientKey.objects.filter(client__public_id=actor_id, issued_by__isnull=False)
    return sorted({*registered, *issued.values_list("issued_by__public_id", flat=True)})


def zones_of(organizations: Iterable[int]) -> list[ZoneInfo]:
    """Give the zones in which these organizations work; the setting's where none is known."""
    ids = list(organizations)
    known = sorted({name for source in _zones for name in source(ids)})
    return [ZoneInfo(name) for name in known] or [settings.DETECT.zone]


# ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Health:
    """How one reader of the trail does; `behind` in positions and seconds, both 0 when it has everything."""

    name: str
    cursor: StreamCursor | None
    behind: int
    seconds: float

    @property
    def sent_at(self) -> datetime | None:
        return self.cursor.sent_at if self.cursor else None

    @property
    def is_well(self) -> bool:
        return self.cursor is None or self.cursor.failed_at is None


def stream_health(*, now: datetime) -> list[Health]:
    """Tell how each sink of the settings does, and the detectors; three queries and one for each of them."""
    names = [*(name_of(address) for address in settings.EVENT_STREAMS), DETECTORS_CURSOR]
    cursors = {cursor.name: cursor for cursor in StreamCursor.objects.filter(name__in=names)}
    head = Link.objects.order_by("-position").values_list("position", flat=True).first() or 0
    return [_health(name, cursors.get(name), head, now) for name in names]


def _health(name: str, cursor: StreamCursor | None, head: int, now: datetime) -> Health:
    position = cursor.position if cursor else 0
    following = sealed_entries(after=position, limit=1).first()
    if following is None or following.entry is None:
        return Health(name, cursor, 0, 0.0)
    seconds = max((now - following.entry.at).total_seconds(), 0.0)
    return Health(name, cursor, head - position, seconds)
