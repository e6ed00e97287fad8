"""Adding people and giving and taking their roles."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, OrganizationKind, permit
from portal.accounts.models import Membership, Organization, User
from portal.accounts.operations.sessions import end_sessions
from portal.accounts.roles import Act, Role
from portal.audit.operations import record
from portal.core.db import refusing
from portal.core.errors import DomainError, InvalidError, Kind, NotFoundError
from portal.core.phrases import Phrase

_K = OrganizationKind
# Where each role can be held; in the operator's organization every role can.
ROLE_PLACES: dict[Role, frozenset[OrganizationKind]] = {
    Role.MARKETER: frozenset({_K.MARKET, _K.BRAND}),
    Role.APPROVER: frozenset({_K.MARKET, _K.BRAND}),
    Role.SUPPORT: frozenset({_K.MARKET, _K.BRAND}),
    Role.FINANCE: frozenset({_K.MARKET}),
    Role.PRINTER: frozenset({_K.PRINTER}),
    Role.ANALYST: frozenset({_K.INSTITUTION}),
    Role.LEAD: frozenset({_K.INSTITUTION}),
    Role.PRIVACY: frozenset({_K.INSTITUTION, _K.MARKET}),
    Role.AUDITOR: frozenset({_K.MARKET, _K.INSTITUTION}),
    Role.OPERATOR: frozenset(),
}


class AlreadyThereError(DomainError):
    """Refuse to add what exists already."""

    kind = Kind.CONFLICT
    code = "already-there"
    title = Phrase("This exists already")


class LastOperatorError(DomainError):
    """Refuse to lock everybody out."""

    kind = Kind.CONFLICT
    code = "last-operator"
    title = Phrase("The last operator cannot be removed")


@transaction.atomic(durable=True)
def found_operator(name: str, *, by: Actor, now: datetime) -> Organization:
    """Found the organization whose roles hold everywhere; there is one.

    :raises AlreadyThereError: it was founded before
    """
    permit(by, Act.PERSON_EDIT, {})
    operators = Organization.objects.select_for_update().filter(kind=OrganizationKind.OPERATOR)
    if operators.exists():
        raise AlreadyThereError(_("The operator's organization exists already."))
    house = Organization.objects.create(kind=OrganizationKind.OPERATOR, name=name)
    record(by, "operator.founded", house, now=now)
    return house


@transaction.atomic(durable=True)
def create_person(
    email: str, *, name: str, password: str, language: str = "en", by: Actor, now: datetime
) -> User:
    """Add a person who can sign in with this password.

    :raises InvalidError: no address, no name, or a password that is too easy to guess
    :raises AlreadyThereError: the address belongs to somebody already
    """
    permit(by, Act.PERSON_EDIT, {})
    user = User(email=email.strip().lower(), name=name.strip(), language=language, created_at=now)
    _check_person(user, password)
    user.set_password(password)
    taken = _("A person with this address exists already.")
    with refusing("one_person_per_address", AlreadyThereError(taken, fields={"email": taken})):
        user.save(force_insert=True)
    record(by, "person.created", user, now=now)
    return user


def _check_person(user: User, password: str) -> None:
    if not user.name:
        raise InvalidError.of("name", _("Enter the person's name."))
    check_address(user.email)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidError.of("password", " ".join(error.messages)) from error


def check_address(email: str) -> None:
    """Pass an address that mail can reach.

    :raises InvalidError: it is none
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidError.of("email", " ".join(error.messages)) from error


def check_place(role: Role, kind: OrganizationKind) -> None:
    """Pass a role that can be held in an organization of this kind.

    :raises InvalidError: it cannot
    """
    if kind is not OrganizationKind.OPERATOR and kind not in ROLE_PLACES[role]:
        raise InvalidError.of("role", _("This role cannot be held in an organization of this kind."))


@transaction.atomic(durable=True)
def grant_role(user: User, *, organization: Organization, role: Role, by: Actor, now: datetime) -> Membership:
    """Give a person a role in an organization.

    :raises InvalidError: this kind of organization does not have this role
    :raises AlreadyThereError: the person has it already
    """
    permit(by, Act.PERSON_EDIT, {})
    check_place(role, OrganizationKind(organization.kind))
    taken = _("The person has this role there already.")
    with refusing("one_grant_of_each_role", AlreadyThereError(taken, fields={"role": taken})):
        membership = Membership.objects.create(user=user, organization=organization, role=role)
    _end_others(user, by)
    record(by, "role.granted", user, now=now, role=role.value, organization=organization.public_id)
    return membership


def _end_others(user: User, by: Actor) -> None:
    """End a person's sessions with the change of a role, unless it is their own act: they sit at one of them."""
    if user.public_id != by.person:
        end_sessions(user)


def held_operators() -> set[int]:
    """Hold the operators' roles until the transaction ends, and give the rows of those who can sign in.

    Somebody who is invited, or was shut out, keeps nobody else from being locked out.
    """
    roles = Membership.objects.select_for_update().filter(role=Role.OPERATOR).order_by("pk")
    held = list(roles.values_list("user_id", flat=True))
    # Asked anew: whoever was waited for may have shut somebody out, which the statement that waited does not see.
    return set(User.objects.filter(pk__in=held, is_active=True).values_list("pk", flat=True))


@transaction.atomic(durable=True)
def revoke_role(membership: Membership, *, by: Actor, now: datetime) -> User:
    """Take a role away; it ends at once, and so do the person's sessions.

    :raises LastOperatorError: nobody would be left to grant roles
    :raises NotFoundError: somebody has taken it already
    """
    permit(by, Act.PERSON_EDIT, {})
    if membership.role == Role.OPERATOR and held_operators() == {membership.user_id}:
        raise LastOperatorError(_("Give the role to somebody else first."))
    if not Membership.objects.select_for_update().filter(pk=membership.pk).exists():
        raise NotFoundError(_("The role has been taken already."))
    user = membership.user
    record(
        by,
        "role.revoked",
        user,
        now=now,
        role=membership.role,
        organization=membership.organization.public_id,
    )
    _end_others(user, by)
    membership.delete()
    return user
