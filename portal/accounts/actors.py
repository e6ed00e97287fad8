"""The actor: an identity with its grants; every privilege in the system is asked here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.accounts.roles import Act
from portal.core import tenancy
from portal.core.actors import ActorKind, Identity
from portal.core.errors import ForbiddenError


class OrganizationKind(StrEnum):
    MARKET = "market"
    BRAND = "brand"
    PRINTER = "printer"
    INSTITUTION = "institution"
    OPERATOR = "operator"


# A grant's rows all belong to the organizations of its most telling kind: a campaign has one market, while its brand
# is sold in many.
_TELLING = (
    OrganizationKind.MARKET,
    OrganizationKind.PRINTER,
    OrganizationKind.INSTITUTION,
    OrganizationKind.BRAND,
)

# Where a thing belongs: at most one organization of each kind.
Place = Mapping[OrganizationKind, int]


@dataclass(frozen=True, slots=True)
class Grant:
    """Allow acts within organizations; an empty `within` means everywhere."""

    acts: frozenset[Act]
    within: Mapping[OrganizationKind, frozenset[int]] = field(default_factory=dict)

    def covers(self, act: Act, place: Place) -> bool:
        """Say whether the act is allowed at the place: each kind that limits the grant must match."""
        return act in self.acts and all(place.get(kind) in ids for kind, ids in self.within.items())

    @property
    def telling(self) -> frozenset[int]:
        """Give the organizations that its rows belong to; nothing tells apart what is limited by no kind of them."""
        return next((self.within[kind] for kind in _TELLING if kind in self.within), frozenset())


@dataclass(frozen=True, slots=True)
class Actor(Identity):
    """Somebody or something that acts, with what it may do."""

    grants: tuple[Grant, ...] = ()
    # The row of the key that a client presented, so that a revoked one is refused even in mid-request.
    key_id: int | None = None
    client_id: int | None = None
    client_kind: str = ""
    language: str = ""

    @property
    def tenants(self) -> str:
        """Give whose rows the database lets this actor reach, whatever the act; see portal.core.tenancy."""
        if any(not grant.within for grant in self.grants):
            return tenancy.EVERYWHERE
        return tenancy.organizations(pk for grant in self.grants for pk in grant.telling)

    def may(self, act: Act, place: Place | None = None) -> bool:
        """Say whether the act is allowed at the place, or anywhere at all when none is given."""
        if place is None:
            return any(act in grant.acts for grant in self.grants)
        return any(grant.covers(act, place) for grant in self.grants)

    def scope(self, act: Act, **paths: str) -> Q:
        """Make the filter for the rows that this actor may `act` on.

        `paths` tell where a row keeps each kind of organization, such as `market="campaign__market"`. A grant
        limited by a kind that the rows do not have does not reach them.
        """
        reach = Q(pk__in=[])
        for grant in self.grants:
            if act not in grant.acts or any(kind.value not in paths for kind in grant.within):
                continue
            if not grant.within:
                return Q()
            wanted = Q()
            for kind, ids in grant.within.items():
                wanted &= Q(**{f"{paths[kind.value]}__in": sorted(ids)})
            reach |= wanted
        return reach


SYSTEM = Actor(kind=ActorKind.SYSTEM, id="system", label="Countersign", grants=(Grant(acts=frozenset(Act)),))
NOBODY = Actor(kind=ActorKind.PERSON, id="", label="")


def permit(by: Actor, act: Act, place: Place) -> None:
    """Let the act pass, or refuse it.

    :raises ForbiddenError: no grant of the actor covers it
    """
    if not by.may(act, place):
        raise ForbiddenError(_("Your role does not include this here. An operator can grant it."))
