"""What is held about the people who sign in: found by their address, handed out, erased."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.actors import Actor
from portal.accounts.models import Organization, User
from portal.accounts.operations.people import LastOperatorError, held_operators
from portal.audit.models import Entry
from portal.core.db import locked
from portal.retention.subjects import Subject, SubjectKind

NOWHERE = "@erased.invalid"
# What somebody did goes back years; a copy of all of it is the trail's own export.
MOST_ACTS = 10_000


def _found(user: User | None) -> Subject | None:
    if user is None:
        return None
    return Subject(
        user.public_id,
        "person",
        is_erased=user.email.endswith(NOWHERE),
        organizations=frozenset(user.memberships.values_list("organization_id", flat=True)),
    )


def _find(address: str, _organization: Organization | None) -> Subject | None:
    return _found(User.objects.filter(email=address.strip().lower()).first())


def _get(public_id: str) -> Subject | None:
    return _found(User.objects.filter(public_id=public_id).first())


def _export(subject: Subject) -> dict[str, Any]:
    user = User.objects.get(public_id=subject.public_id)
    roles = user.memberships.select_related("organization").order_by("pk")
    devices = apps.get_model("usersessions", "UserSession").objects.filter(user=user).order_by("pk")
    factors = apps.get_model("mfa", "Authenticator").objects.filter(user=user).order_by("pk")
    acts = Entry.objects.filter(actor_id=user.public_id).order_by("-id")
    return {
        "account": {
            "id": user.public_id,
            "email": user.email,
            "name": user.name,
            "language": user.language,
            "may_sign_in": user.is_active,
            "created_at": user.created_at.isoformat(),
            "last_login": user.last_login.isoformat() if user.last_login else None,
        },
        "roles": [{"role": row.role, "organization": row.organization.name} for row in roles],
        "devices": [
            {"address": str(row.ip), "browser": row.user_agent, "last_seen_at": row.last_seen_at.isoformat()}
            for row in devices
        ],
        "single_sign_on": [{"id": row.subject} for row in user.sign_on_identities.order_by("pk")],
        "second_factors": [{"type": row.type, "created_at": row.created_at.isoformat()} for row in factors],
        "acts": [
            {"at": row.at.isoformat(), "act": row.act, "on": row.subject_id} for row in acts[:MOST_ACTS]
        ],
    }


def _erase(subject: Subject, *, by: Actor, now: datetime) -> None:
    operators = held_operators()
    user = locked(User, User.objects.get(public_id=subject.public_id))
    if operators == {user.pk}:
        raise LastOperatorError(_("Give the role to somebody else first."))
    devices = apps.get_model("usersessions", "UserSession").objects.filter(user=user)
    Session.objects.filter(session_key__in=list(devices.values_list("session_key", flat=True))).delete()
    devices.delete()
    for name in (("mfa", "Authenticator"), ("account", "EmailAddress")):
        apps.get_model(*name).objects.filter(user=user).delete()
    user.sign_on_identities.all().delete()
    user.memberships.all().delete()
    user.email, user.name, user.is_active = f"{user.public_id}{NOWHERE}", "Erased", False
    user.set_unusable_password()
    user.save(update_fields=["email", "name", "is_active", "password"])


PEOPLE = SubjectKind(
    name="person",
    title=gettext_lazy("Somebody who signs in here"),
    prefix="usr",
    known_by=gettext_lazy("E-mail address"),
    find=_find,
    get=_get,
    export=_export,
    erase=_erase,
)
