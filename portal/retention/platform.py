"""The platform's own policies: sessions, keys of clients, mails, invitations, and requests that were decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Least

from portal.accounts.actors import Actor, OrganizationKind
from portal.accounts.models import ClientKey, Invitation, Membership
from portal.approvals.models import Approval, ApprovalState
from portal.core.phrases import marked
from portal.retention.people import NOWHERE
from portal.retention.policies import Action, RetentionPolicy, register


def _ended_keys() -> "QuerySet[Any]":
    # Least passes over what is empty: the moment at which a key ended, if it has.
    return ClientKey.objects.annotate(ended_at=Least("revoked_at", "expires_at")).filter(
        ended_at__isnull=False
    )


def _decided_requests() -> "QuerySet[Any]":
    return Approval.objects.exclude(state=ApprovalState.PENDING)


def _accepted_invitations() -> "QuerySet[Any]":
    return Invitation.objects.filter(accepted_at__isnull=False)


def _vain_invitations() -> "QuerySet[Any]":
    """Give the invitations that nobody accepted, with the moment at which each ended or will."""
    unused = Invitation.objects.filter(accepted_at=None, user__is_active=False)
    # Who was erased is nobody any more; that row stays as others of the erased do.
    unused = unused.exclude(user__email__endswith=NOWHERE)
    return unused.annotate(ended_at=Coalesce("withdrawn_at", "expires_at"))


def _delete_guests(keys: Sequence[Any], *, by: Actor, now: datetime) -> None:
    """Delete invitations together with the people who never came in, and the roles that they were promised."""
    invitations = Invitation.objects.filter(pk__in=keys)
    people = list(invitations.values_list("user_id", flat=True))
    invitations.delete()
    Membership.objects.filter(user__in=people).delete()
    with connection.cursor() as cursor:
        # Nothing else points at them, and the database makes sure; the ORM would look through tables that the
        # worker may not read.
        cursor.execute("DELETE FROM accounts_user WHERE id = ANY(%(people)s)", {"people": people})


def _closed_alerts() -> "QuerySet[Any]":
    rows: QuerySet[Any] = apps.get_model("security", "Alert").objects.filter(closed_at__isnull=False)
    return rows


def _devices() -> "QuerySet[Any]":
    rows: QuerySet[Any] = apps.get_model("usersessions", "UserSession").objects.all()
    return rows


def _mails() -> "QuerySet[Any]":
    mails = apps.get_model("mail", "Mail").objects.filter(due_at__isnull=True)
    rows: QuerySet[Any] = mails.annotate(left_at=Coalesce("sent_at", "created_at"))
    return rows


def _wherever(path: str) -> Mapping[OrganizationKind, str]:
    """Say where rows keep organizations that may be of any kind."""
    return dict.fromkeys(OrganizationKind, path)


POLICIES = (
    RetentionPolicy(
        name="sessions",
        title=marked("Sessions"),
        what=marked("Sessions of people who signed in, from when they end."),
        days=1,
        floor=1,
        ceiling=30,
        action=Action.DELETE,
        rows=Session.objects.all,
        since="expire_date",
        # The key of a session opens it.
        identity="",
    ),
    RetentionPolicy(
        name="devices",
        title=marked("Devices"),
        what=marked(
            "Devices and network addresses from which people signed in, from when they were last seen."
        ),
        days=90,
        floor=1,
        ceiling=400,
        action=Action.DELETE,
        rows=_devices,
        since="last_seen_at",
        places=_wherever("user__memberships__organization"),
        subject="user__public_id",
    ),
    RetentionPolicy(
        name="client-keys",
        title=marked("Ended keys of clients"),
        what=marked("Keys of clients that have ended, from their end."),
        days=400,
        floor=90,
        ceiling=3650,
        action=Action.DELETE,
        rows=_ended_keys,
        since="ended_at",
        places=_wherever("client__organizations"),
        identity="public_id",
    ),
    RetentionPolicy(
        name="mails",
        title=marked("Sent mails"),
        what=marked(
            "The record that a mail was sent, or could not be; its text goes as soon as it has left."
        ),
        days=90,
        floor=7,
        ceiling=400,
        action=Action.DELETE,
        rows=_mails,
        since="left_at",
        identity="public_id",
    ),
    RetentionPolicy(
        name="alerts",
        title=marked("Closed alerts"),
        what=marked("Alerts with their notes, from when they were closed; the trail keeps who did what."),
        days=1095,
        floor=365,
        ceiling=3650,
        action=Action.DELETE,
        rows=_closed_alerts,
        since="closed_at",
        within="within",
        identity="public_id",
    ),
    RetentionPolicy(
        name="invitations",
        title=marked("Accepted invitations"),
        what=marked("Invitations that were accepted, from that day; who came in stays."),
        days=90,
        floor=1,
        ceiling=400,
        action=Action.DELETE,
        rows=_accepted_invitations,
        since="accepted_at",
        places=_wherever("user__memberships__organization"),
        subject="user__public_id",
        identity="public_id",
    ),
    RetentionPolicy(
        name="vain-invitations",
        title=marked("Invitations in vain"),
        what=marked(
            "People who were invited and never came in, from when the invitation was withdrawn or its link expired."
        ),
        days=30,
        floor=1,
        ceiling=400,
        action=Action.DELETE,
        rows=_vain_invitations,
        since="ended_at",
        places=_wherever("user__memberships__organization"),
        subject="user__public_id",
        identity="user__public_id",
        delete=_delete_guests,
    ),
    RetentionPolicy(
        name="requests",
        title=marked("Decided requests"),
        what=marked(
            "Requests for a second signature, from when they were decided; the trail keeps who decided."
        ),
        days=1095,
        floor=365,
        ceiling=3650,
        action=Action.DELETE,
        rows=_decided_requests,
        since="decided_at",
        within="within",
        identity="public_id",
    ),
)


def register_all() -> None:
    """Put the platform's policies on the list."""
    register(*POLICIES)
