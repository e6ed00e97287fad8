"""A person's access as a whole: changing the password, closing it, and opening it again."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, permit
from portal.accounts.models import User
from portal.accounts.operations.people import LastOperatorError, held_operators
from portal.accounts.operations.sessions import end_sessions
from portal.accounts.queries import PersonState, person_state
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError, WrongStateError


@transaction.atomic(durable=True)
def choose_password(user: User, *, password: str, keep: str = "", by: Actor, now: datetime) -> User:
    """Give a person a new password and end all sessions but the one with the key `keep`.

    :raises InvalidError: it is too easy to guess
    """
    user = locked(User, user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidError.of("password", " ".join(error.messages)) from error
    user.set_password(password)
    user.save(update_fields=["password"])
    ended = end_sessions(user, keep=keep)
    record(by, "person.password_changed", user, now=now, sessions=ended)
    return user


@transaction.atomic(durable=True)
def deactivate_person(user: User, *, by: Actor, now: datetime) -> User:
    """Close a person's access and end every session; what was done stays as it is.

    :raises WrongStateError: it is closed already, or the actor's own
    :raises LastOperatorError: nobody would be left to open it again
    """
    permit(by, Act.PERSON_EDIT, {})
    operators = held_operators()
    user = locked(User, user)
    if not user.is_active:
        raise WrongStateError(_("The access of this person is closed already."))
    if user.public_id == by.person:
        raise WrongStateError(_("Another operator must do this to you."))
    if operators == {user.pk}:
        raise LastOperatorError(_("Give the role to somebody else first."))
    user.is_active = False
    user.save(update_fields=["is_active"])
    record(by, "person.deactivated", user, now=now, sessions=end_sessions(user))
    return user


@transaction.atomic(durable=True)
def reactivate_person(user: User, *, by: Actor, now: datetime) -> User:
    """Let a person sign in again, with the roles that they had.

    :raises WrongStateError: they may already, or were invited and have not come in
    """
    permit(by, Act.PERSON_EDIT, {})
    user = locked(User, user)
    check_deactivated(user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(by, "person.reactivated", user, now=now)
    return user


def check_deactivated(user: User) -> None:
    """Pass somebody whose access was closed, so that it can be opened again.

    :raises WrongStateError: it is open, or they were invited and have not come in
    """
    state = person_state(user)
    if state is PersonState.ACTIVE:
        raise WrongStateError(_("The access of this person is open already."))
    # Whoever was only invited comes in by the link, or not at all.
    if state is not PersonState.DEACTIVATED:
        raise WrongStateError(_("This person was not deactivated."))
