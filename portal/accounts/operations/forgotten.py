"""A forgotten password: a link by mail, and the password that is chosen behind it."""

from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.accounts.operations.sign_ins import Origin, account_of
from portal.audit.operations import record
from portal.mail.letters import Letter
from portal.mail.operations import post


class _UnwantedError(Exception):
    """Take a letter out of the outbox again."""


@transaction.atomic(durable=True)
def send_password_link(email: str, *, origin: Origin, by: Actor, now: datetime) -> None:
    """Send a link to choose a new password, if somebody who may sign in has the address; nobody learns whether."""
    account = account_of(email)
    is_known = isinstance(account, User) and account.is_active and account.has_usable_password()
    # Kept for an unknown address as well, and thrown away again: time tells nothing either.
    reader = account if isinstance(account, User) else User(email=email, password=UNUSABLE_PASSWORD_PREFIX)
    with suppress(_UnwantedError), transaction.atomic():
        post(_letter(reader), reader.email, now=now)
        if not is_known:
            raise _UnwantedError
    record(by, "person.password_link_asked", account, now=now, address=origin.address, device=origin.device)


def _letter(user: User) -> Letter:
    with translation.override(user.language):
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        path = reverse("new-password", args=[user.public_id, default_token_generator.make_token(user)])
        return Letter(
            subject=_("Choose a new password"),
            paragraphs=[
                _("Somebody, probably you, asked for a new password for Countersign."),
                _("The link opens once, within %(minutes)s minutes. Your second factor stays as it is.")
                % {"minutes": minutes},
            ],
            button=_("Choose a password"),
            url=f"{settings.PUBLIC_URL}{path}",
            closing=[_("If it was not you, do nothing: your password stays as it is.")],
        )
