"""Whether this session has shown a second factor, and lately enough for what a stolen session must not do."""

from typing import Any, cast

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

from portal.accounts.actors import Actor
from portal.accounts.roles import FRESH
from portal.core import clock

# How sessions call what was shown; other ways of signing in that count as a second factor use the same word.
SECOND_FACTOR = "mfa"
PASSWORD = "password"  # noqa: S105 - the name of a way to sign in


class ConfirmationNeededError(Exception):
    """Ask for a second factor first; `portal.web.middleware` leads the person to where it is asked for."""


def must_have_second_factor(actor: Actor) -> bool:
    """Say whether this person holds anything that a password alone must not open."""
    return any(grant.acts & FRESH for grant in actor.grants)


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Say whether this session has seen a second factor at all."""
    return any(record.get("method") == SECOND_FACTOR for record in _records(request))


def is_fresh(request: HttpRequest, *, method: str = SECOND_FACTOR) -> bool:
    """Say whether the person showed a second factor (or the password) within STEP_UP_SECONDS."""
    shown_at = max(
        (record["at"] for record in _records(request) if record.get("method") == method), default=0
    )
    return bool(clock.now().timestamp() - shown_at < settings.STEP_UP_SECONDS)


def demand_fresh(request: HttpRequest) -> None:
    """Let pass who has shown a second factor lately.

    :raises ConfirmationNeededError: the person must show one first
    """
    if not is_fresh(request):
        raise ConfirmationNeededError


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", get_authentication_records(request, request.user))
