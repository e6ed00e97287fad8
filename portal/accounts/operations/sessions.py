"""Ending sessions, and noting when they were last seen."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.audit.operations import record


@transaction.atomic(durable=True)
def end_session(session: UserSession, *, by: Actor, now: datetime) -> User:
    """End one session: whoever has it is out at the next request."""
    user: User = session.user
    end_sessions(user, only=session.session_key)
    record(by, "session.revoked", user, now=now, sessions=1)
    return user


@transaction.atomic(durable=True)
def end_other_sessions(user: User, *, keep: str, by: Actor, now: datetime) -> int:
    """End all sessions of a person but the one with the key `keep`; say how many."""
    ended = end_sessions(user, keep=keep)
    record(by, "session.revoked", user, now=now, sessions=ended)
    return ended


def end_sessions(user: User, *, keep: str = "", only: str = "") -> int:
    """End sessions of a person within the caller's transaction: all, all but one, or only one; say how many."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=keep)
    rows = rows.filter(session_key=only) if only else rows
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    rows.delete()
    return len(keys)


@transaction.atomic(durable=True)
def touch_session(key: str, *, renamed: str = "", now: datetime) -> None:
    """Remember that a session was used, at most once a minute; `renamed` is its new key, if it got one."""
    rows = UserSession.objects.filter(session_key=key)
    if renamed:
        rows.update(session_key=renamed, last_seen_at=now)
    else:
        rows.exclude(last_seen_at__gt=now - timedelta(minutes=1)).update(last_seen_at=now)
