"""Finding people, organizations and clients, and turning them into actors."""

import hashlib
import hmac
from collections import defaultdict
from datetime import datetime
from enum import StrEnum

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.db.models import Case, CharField, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Now

from portal.accounts.actors import Actor, Grant, OrganizationKind, Place
from portal.accounts.models import Client, ClientKey, Membership, Organization, SigningKey, User
from portal.accounts.roles import ACTS, FRESH, Act, Role
from portal.core.actors import ActorKind

_PREFIX = "cs"
# Recovery codes stand in for one of these; alone they are none.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class PersonState(StrEnum):
    """Whether somebody can sign in, and if not, why."""

    INVITED = "invited"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    DEACTIVATED = "deactivated"


_STATE = Case(
    When(is_active=True, then=Value(PersonState.ACTIVE)),
    When(invitation__withdrawn_at__isnull=False, then=Value(PersonState.WITHDRAWN)),
    When(invitation__isnull=False, invitation__accepted_at=None, then=Value(PersonState.INVITED)),
    default=Value(PersonState.DEACTIVATED),
    output_field=CharField(),
)


def actor_of(user: User) -> Actor:
    """Make the actor for a person, with a grant for each role held; one query."""
    grants = []
    for membership in user.memberships.select_related("organization").order_by("pk"):
        kind = OrganizationKind(membership.organization.kind)
        everywhere = kind is OrganizationKind.OPERATOR
        within = {} if everywhere else {kind: frozenset({membership.organization_id})}
        grants.append(Grant(ACTS[Role(membership.role)], within))
    return Actor(
        kind=ActorKind.PERSON,
        id=user.public_id,
        label=user.name,
        person=user.public_id,
        grants=tuple(grants),
        language=user.language,
    )


def must_have_second_factor(actor: Actor) -> bool:
    """Say whether this person holds anything that a password alone must not open."""
    return settings.SECOND_FACTOR_FOR_ALL or any(grant.acts & FRESH for grant in actor.grants)


def sessions_of(user: User) -> QuerySet[UserSession]:
    """List where a person is signed in, the latest seen first; sessions that ran out are left out."""
    running = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=Now())
    mine: QuerySet[UserSession] = UserSession.objects.filter(Exists(running), user=user)
    return mine.order_by("-last_seen_at", "-pk")


def second_factors(user: User) -> QuerySet[Authenticator]:
    """List a person's apps and passkeys, the oldest first."""
    mine: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS)
    return mine.order_by("created_at", "pk")


def client_actor(presented: str, *, now: datetime) -> Actor | None:
    """Find the client whose live key this is, in two queries; None for anything else.

    The digest is compared in constant time, and an unknown prefix costs the same comparison.
    """
    scheme, _, rest = presented.partition("_")
    prefix, _, secret = rest.partition("_")
    if scheme != _PREFIX or not secret or len(presented) > 100 or not presented.isascii():
        return None
    key = _keys_to_compare().filter(prefix=prefix).first()
    given = hashlib.sha256(secret.encode()).digest()
    same = hmac.compare_digest(given, bytes(key.digest) if key else bytes(32))
    if key is None or not same or not key.is_live(now) or key.client.disabled_at is not None:
        return None
    return _actor_of_client(key)


def _keys_to_compare() -> QuerySet[ClientKey]:
    """Give keys with what makes an actor of them; of people only ids, since whoever redeems may read no more."""
    of_client = ("public_id", "name", "kind", "acts", "disabled_at", "issued_by__public_id")
    return ClientKey.objects.select_related("client__issued_by", "issued_by").only(
        *("prefix", "digest", "acts", "expires_at", "revoked_at", "issued_by__public_id"),
        *(f"client__{name}" for name in of_client),
    )


def _actor_of_client(key: ClientKey) -> Actor:
    client = key.client
    within: dict[OrganizationKind, set[int]] = defaultdict(set)
    for pk, kind in client.organizations.values_list("pk", "kind"):
        within[OrganizationKind(kind)].add(pk)
    limits = {kind: frozenset(ids) for kind, ids in within.items()}
    # A client without any organization reaches nothing, never everything.
    acts = frozenset(Act(act) for act in key.acts if act in client.acts)
    grants = (Grant(acts, limits),) if limits else ()
    return Actor(
        kind=ActorKind.CLIENT,
        id=client.public_id,
        label=client.name,
        person=(key.issued_by or client.issued_by).public_id,
        grants=grants,
        key_id=key.pk,
        client_id=client.pk,
        client_kind=client.kind,
    )


def people(actor: Actor) -> QuerySet[User]:
    """List the people whom the actor may see, with their roles, their state and whether they have a second factor."""
    roles = Membership.objects.select_related("organization").order_by("organization__name", "role")
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    reach = actor.scope(Act.PERSON_READ)
    return (
        User.objects.filter(reach)
        .select_related("invitation__mail")
        .prefetch_related(Prefetch("memberships", roles))
        .annotate(state=_STATE, has_second_factor=Exists(factors))
        .order_by("name", "pk")
    )


def person_state(user: User) -> PersonState:
    """Tell whether a person can sign in at this moment, and if not, why."""
    return PersonState(User.objects.annotate(state=_STATE).values_list("state", flat=True).get(pk=user.pk))


def person_behind(public_id: str, token: str) -> User | None:
    """Find the person whose link to choose a password this is; None for every link that opens nothing."""
    user = User.objects.filter(public_id=public_id, is_active=True).first()
    return user if user is not None and default_token_generator.check_token(user, token) else None


def who_may(act: Act, place: Place, *, is_near: bool = False) -> QuerySet[User]:
    """List the people whose roles allow the act at the place; the operator's organization reaches every place.

    *is_near*: without the operator's people, who hold the role everywhere.
    """
    roles = [role for role, acts in ACTS.items() if act in acts]
    reach = Q(memberships__organization__in=list(place.values()))
    if not is_near:
        reach |= Q(memberships__organization__kind=OrganizationKind.OPERATOR)
    return (
        User.objects.filter(reach, memberships__role__in=roles, is_active=True)
        .distinct()
        .order_by("name", "pk")
    )


def organizations(actor: Actor, act: Act, *kinds: OrganizationKind) -> QuerySet[Organization]:
    """List the organizations of these kinds within which the actor may `act`."""
    paths = {kind.value: "pk" for kind in kinds}
    return Organization.objects.filter(actor.scope(act, **paths), kind__in=kinds).order_by("name", "pk")


def clients(actor: Actor) -> QuerySet[Client]:
    """List the clients that the actor may see, with keys and organizations."""
    paths = {
        kind.value: "organizations" for kind in OrganizationKind if kind is not OrganizationKind.OPERATOR
    }
    return (
        Client.objects.filter(actor.scope(Act.CLIENT_READ, **paths))
        .prefetch_related("organizations", Prefetch("keys", ClientKey.objects.order_by("-created_at", "-pk")))
        .distinct()
        .order_by("name", "pk")
    )


def organizations_of(client: Client) -> list[int]:
    """Give the organizations within which a client calls, to which the entries about it belong."""
    return list(client.organizations.order_by("pk").values_list("pk", flat=True))


def signing_keys(client_id: int) -> dict[str, bytes]:
    """Give the live public keys of a client by their ids, each of 32 bytes."""
    live = SigningKey.objects.filter(client=client_id, revoked_at=None).order_by("pk")
    return {key.key_id: bytes(key.public_key) for key in live}


def names(ids: set[str]) -> dict[str, str]:
    """Name the people and clients behind actors' public ids; unknown ids are left out."""
    found = dict(User.objects.filter(public_id__in=ids).values_list("public_id", "name"))
    return found | dict(Client.objects.filter(public_id__in=ids).values_list("public_id", "name"))
