"""Setting up an organization's provider, and admitting whom it sends."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, OrganizationKind, permit
from portal.accounts.models import (
    Invitation,
    Membership,
    Organization,
    SignOnDomain,
    SignOnIdentity,
    SingleSignOn,
    User,
)
from portal.accounts.oidc import SignOnError
from portal.accounts.operations.people import ROLE_PLACES, AlreadyThereError
from portal.accounts.roles import Act, Role
from portal.accounts.single_sign_on import Claims, secret_place
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import InvalidError
from portal.keys.sealed import seal_for_platform

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class SignOnFacts:
    """What an operator says about a provider; an empty secret leaves the one that is there."""

    issuer: str
    client_id: str
    domains: Sequence[str]
    roles: Mapping[str, str]
    client_secret: str = field(default="", repr=False)
    roles_claim: str = "groups"
    second_factor_claims: Sequence[str] = ()
    is_on: bool = True
    is_enforced: bool = False


@transaction.atomic(durable=True)
def set_single_sign_on(
    organization: Organization, *, facts: SignOnFacts, by: Actor, now: datetime
) -> SingleSignOn:
    """Set up or change the provider of an organization; whoever calls this has asked the issuer who it is.

    :raises InvalidError: domains, roles or the secret make no sense
    :raises AlreadyThereError: a domain is another organization's
    """
    permit(by, Act.PERSON_EDIT, {})
    organization = locked(Organization, organization)
    _check(organization, facts)
    there = SingleSignOn.objects.filter(organization=organization).first()
    single_sign_on = there or SingleSignOn(organization=organization, created_at=now)
    changed = _apply(single_sign_on, facts)
    single_sign_on.save()
    if "issuer" in changed:
        # Another provider's ids mean other people.
        single_sign_on.identities.all().delete()
    domains = sorted({domain.lower() for domain in facts.domains})
    single_sign_on.domains.exclude(name__in=domains).delete()
    taken = _("Another organization signs in with one of these domains.")
    with refusing("one_organization_per_domain", AlreadyThereError(taken, fields={"domains": taken})):
        for name in domains:
            SignOnDomain.objects.get_or_create(single_sign_on=single_sign_on, name=name)
    act = "single_sign_on.changed" if there else "single_sign_on.set_up"
    record(by, act, single_sign_on, now=now, organization=organization.public_id, fields=changed)
    return single_sign_on


def _apply(single_sign_on: SingleSignOn, facts: SignOnFacts) -> list[str]:
    """Put the facts into the row; name the columns that change."""
    wanted = {
        "issuer": facts.issuer.strip(),
        "client_id": facts.client_id.strip(),
        "roles_claim": facts.roles_claim.strip(),
        "roles": dict(facts.roles),
        "second_factor_claims": sorted(set(facts.second_factor_claims)),
        "is_on": facts.is_on,
        "is_enforced": facts.is_enforced,
    }
    changed = [name for name, value in wanted.items() if getattr(single_sign_on, name) != value]
    for name in changed:
        setattr(single_sign_on, name, wanted[name])
    if facts.client_secret:
        sealed = seal_for_platform(facts.client_secret.encode(), place=secret_place(single_sign_on))
        single_sign_on.client_secret = sealed
        changed.append("client_secret")
    elif not single_sign_on.client_secret:
        raise InvalidError.of("client_secret", _("Enter the secret that the provider gave you."))
    return sorted(changed)


def _check(organization: Organization, facts: SignOnFacts) -> None:
    kind = OrganizationKind(organization.kind)
    if kind is OrganizationKind.OPERATOR:
        # Whoever runs that provider could let anybody in everywhere.
        raise InvalidError.of("organization", _("Operators sign in here, with a second factor of ours."))
    if not facts.domains or not all(_DOMAIN.fullmatch(domain.lower()) for domain in facts.domains):
        raise InvalidError.of("domains", _("Enter domains such as example.com, one in each line."))
    if not facts.roles:
        raise InvalidError.of("roles", _("Say what at least one group means here."))
    for role in facts.roles.values():
        if role not in set(Role) or kind not in ROLE_PLACES[Role(role)]:
            raise InvalidError.of(
                "roles", _("“%(role)s” is no role that this organization can have.") % {"role": role}
            )
    if facts.is_enforced and not facts.is_on:
        raise InvalidError.of("is_enforced", _("Only a provider that is in use can be required."))


@transaction.atomic(durable=True)
def admit_person(single_sign_on: SingleSignOn, *, claims: Claims, by: Actor, now: datetime) -> User:
    """Find or make the person whom a provider vouches for, with the roles that its claims mean and no others.

    A person whose last role goes with this is returned without any: the door has to refuse them.

    :raises SignOnError: nobody whom this provider may send
    """
    single_sign_on = locked(SingleSignOn, single_sign_on, "organization")
    if not single_sign_on.is_on:
        raise SignOnError("off")
    user = _known(single_sign_on, claims) or _met(single_sign_on, claims, by, now)
    user = locked(User, user)
    if user.memberships.exclude(organization=single_sign_on.organization).exists():
        # A provider vouches for its own people, not for what they do elsewhere.
        raise SignOnError(
            "elsewhere", _("You hold roles in other organizations. Sign in with your password.")
        )
    _admit_guest(user, claims, by, now)
    if not user.is_active:
        raise SignOnError("deactivated", _("You may not sign in any more. An operator can change that."))
    _set_roles(user, single_sign_on, claims.roles, by, now)
    return user


def _known(single_sign_on: SingleSignOn, claims: Claims) -> User | None:
    identity = single_sign_on.identities.select_related("user").filter(subject=claims.subject).first()
    return identity.user if identity else None


def _met(single_sign_on: SingleSignOn, claims: Claims, by: Actor, now: datetime) -> User:
    """Meet somebody for the first time: known by their address, or new."""
    user = User.objects.filter(email=claims.email).first()
    if user is None:
        if not claims.roles:
            raise no_role()
        user = User(email=claims.email, name=claims.name, created_at=now)
        user.set_unusable_password()
        user.save(force_insert=True)
        record(by, "person.created", user, now=now, single_sign_on=single_sign_on.public_id)
    elif single_sign_on.identities.filter(user=user).exists():
        # The provider gave an address to somebody else, who is not the one whom we know by it.
        raise SignOnError("another-subject", _("This address is somebody else's here. Tell an operator."))
    SignOnIdentity.objects.create(single_sign_on=single_sign_on, subject=claims.subject, user=user)
    record(by, "person.linked", user, now=now, single_sign_on=single_sign_on.public_id)
    return user


def _admit_guest(user: User, claims: Claims, by: Actor, now: datetime) -> None:
    """Let somebody in who was invited, and comes by their organization's provider before opening the link."""
    invitation = Invitation.objects.select_for_update().filter(user=user).first()
    if user.is_active or invitation is None or not invitation.is_open:
        return
    user.is_active, user.name = True, claims.name
    user.save(update_fields=["is_active", "name"])
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    record(by, "invitation.accepted", invitation, now=now, person=user.public_id)


def _set_roles(
    user: User, single_sign_on: SingleSignOn, roles: frozenset[Role], by: Actor, now: datetime
) -> None:
    organization = single_sign_on.organization
    held = {Role(row.role): row for row in user.memberships.filter(organization=organization)}
    for role in sorted(roles - set(held)):
        Membership.objects.create(user=user, organization=organization, role=role)
    for role in sorted(set(held) - roles):
        held[role].delete()
    for act, changed in (("role.granted", roles - set(held)), ("role.revoked", set(held) - roles)):
        for role in sorted(changed):
            facts = {"role": role.value, "organization": organization.public_id}
            record(by, act, user, now=now, **facts, single_sign_on=single_sign_on.public_id)


def no_role() -> SignOnError:
    """Say that none of somebody's groups means a role here."""
    return SignOnError(
        "no-role", _("Your organization has given you no role here. Ask whoever looks after it.")
    )
