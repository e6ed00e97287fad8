"""Inviting people by mail, and their coming in; nobody else ever knows their password."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, OrganizationKind, permit
from portal.accounts.invitations import DeadLinkError, token_of
from portal.accounts.models import Invitation, Membership, Organization, User
from portal.accounts.operations.people import AlreadyThereError, check_address, check_place
from portal.accounts.roles import ROLE_NAMES, Act, Role
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.mail.letters import Letter
from portal.mail.operations import post

OPENS_FOR = timedelta(hours=72)


@transaction.atomic(durable=True)
def invite_person(
    email: str, *, organization: Organization, role: Role, language: str = "en", by: Actor, now: datetime
) -> Invitation:
    """Invite somebody to a role in an organization; they come in by the link in their mail.

    :raises InvalidError: no address, or a role that this kind of organization does not have
    :raises AlreadyThereError: somebody with this address is here, or invited, already
    """
    permit(by, Act.PERSON_EDIT, {})
    address = email.strip().lower()
    check_address(address)
    check_place(role, OrganizationKind(organization.kind))
    user = _guest(address, language, now)
    Membership.objects.create(user=user, organization=organization, role=role)
    facts = {"invited_by": User.objects.get(public_id=by.person), "withdrawn_at": None, **_times(now)}
    invitation, _is_new = Invitation.objects.update_or_create(
        user=user, defaults=facts, create_defaults={**facts, "created_at": now}
    )
    _send(invitation, now)
    record(
        by,
        "person.invited",
        invitation,
        now=now,
        person=user.public_id,
        role=role.value,
        organization=organization.public_id,
    )
    return invitation


def _times(now: datetime) -> dict[str, datetime]:
    return {"sent_at": now, "expires_at": now + OPENS_FOR}


def _guest(address: str, language: str, now: datetime) -> User:
    """Make the person who cannot sign in yet, or find the one whose invitation was withdrawn."""
    # The invitation first, as whoever deletes the two does: they may be about to.
    withdrawn = Invitation.objects.select_for_update(of=("self",)).filter(
        user__email=address, user__is_active=False, withdrawn_at__isnull=False
    )
    invitation = withdrawn.select_related("user").first()
    if invitation is not None:
        user = locked(User, invitation.user)
        user.language = language
        user.save(update_fields=["language"])
        return user
    # Until they say what they are called, the address is their name.
    user = User(email=address, name=address[:100], language=language, is_active=False, created_at=now)
    user.set_unusable_password()
    taken = _("A person with this address exists already.")
    with refusing("one_person_per_address", AlreadyThereError(taken, fields={"email": taken})):
        user.save(force_insert=True)
    return user


@transaction.atomic(durable=True)
def resend_invitation(invitation: Invitation, *, by: Actor, now: datetime) -> Invitation:
    """Send a new letter; the link of every earlier one is dead.

    :raises WrongStateError: the person has come in, or the invitation was withdrawn
    """
    permit(by, Act.PERSON_EDIT, {})
    invitation = _open(invitation)
    invitation.sent_at, invitation.expires_at = now, now + OPENS_FOR
    invitation.save(update_fields=["sent_at", "expires_at"])
    _send(invitation, now)
    record(by, "invitation.resent", invitation, now=now, person=invitation.user.public_id)
    return invitation


@transaction.atomic(durable=True)
def withdraw_invitation(invitation: Invitation, *, by: Actor, now: datetime) -> Invitation:
    """Take an invitation back, and the roles that it promised.

    :raises WrongStateError: the person has come in, or it was withdrawn before
    """
    permit(by, Act.PERSON_EDIT, {})
    invitation = _open(invitation)
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    invitation.user.memberships.all().delete()
    record(by, "invitation.withdrawn", invitation, now=now, person=invitation.user.public_id)
    return invitation


@transaction.atomic(durable=True)
def accept_invitation(
    invitation: Invitation, *, name: str, password: str, language: str, by: Actor, now: datetime
) -> User:
    """Let the invited person in, with a name and a password of their own choice.

    :raises DeadLinkError: the invitation was spent, replaced or withdrawn meanwhile, or is too old
    :raises InvalidError: no name, or a password that is too easy to guess
    """
    sent_round = invitation.round
    invitation = locked(Invitation, invitation, "user")
    if by.person != invitation.user.public_id:
        raise ForbiddenError
    if not invitation.is_live(now) or invitation.round != sent_round:
        raise DeadLinkError
    user = locked(User, invitation.user)
    user.name, user.language, user.is_active = name.strip(), language, True
    if not user.name:
        raise InvalidError.of("name", _("Enter your name."))
    _set_password(user, password)
    user.save(update_fields=["name", "language", "is_active", "password"])
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    record(by, "invitation.accepted", invitation, now=now, person=user.public_id)
    return user


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidError.of("password", " ".join(error.messages)) from error
    user.set_password(password)


def _open(invitation: Invitation) -> Invitation:
    invitation = locked(Invitation, invitation, "user")
    if not invitation.is_open:
        raise WrongStateError(_("This invitation has ended. Look at the person's page again."))
    return invitation


def _send(invitation: Invitation, now: datetime) -> None:
    """Start the next round: its letter goes out, and earlier links open nothing any more."""
    invitation.round += 1
    user = invitation.user
    with translation.override(user.language):
        invitation.mail = post(_letter(invitation), user.email, now=now)
    invitation.save(update_fields=["round", "mail"])


def _letter(invitation: Invitation) -> Letter:
    roles = invitation.user.memberships.select_related("organization").order_by("pk")
    places = "; ".join(f"{ROLE_NAMES[Role(one.role)]}, {one.organization.name}" for one in roles)
    query = urlencode({"link": token_of(invitation)})
    return Letter(
        subject=_("Your invitation to Countersign"),
        paragraphs=[
            _("%(inviter)s has invited you to Countersign.") % {"inviter": invitation.invited_by.name},
            _("What you will do there: %(roles)s.") % {"roles": places},
        ],
        button=_("Accept the invitation"),
        url=f"{settings.PUBLIC_URL}{reverse('invitation')}?{query}",
        closing=[
            _(
                "The link opens once, within three days. Nobody at Countersign will ask you for your password."
            ),
            _("Do you expect no invitation? Then do nothing: without you, nothing happens."),
        ],
    )
