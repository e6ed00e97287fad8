"""Marking things as bait: whoever touches one raises an alert."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, permit
from portal.accounts.models import User
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import refusing
from portal.core.errors import InvalidError, NotFoundError
from portal.security.models import Canary

_PUBLIC_ID = re.compile(r"[a-z]{2,8}_[0-9a-z]{4,28}")


@transaction.atomic(durable=True)
def mark_canary(subject_id: str, *, note: str = "", by: Actor, now: datetime) -> Canary:
    """Mark a thing by its public id; only somebody whose role holds everywhere may.

    :raises InvalidError: this is no id, or the note is an essay
    :raises AlreadyThereError: it is marked already
    """
    permit(by, Act.ALERT_EDIT, {})
    if not _PUBLIC_ID.fullmatch(subject_id.strip()):
        raise InvalidError.of("subject_id", _("Enter the id of a thing, such as bat_01k4…"))
    if len(note) > 200:
        raise InvalidError.of("note", _("Say it in at most 200 characters."))
    taken = _("This is marked already.")
    with refusing("security_canary_subject_id_key", AlreadyThereError(taken, fields={"subject_id": taken})):
        canary = Canary.objects.create(
            subject_id=subject_id.strip(),
            note=note.strip(),
            marked_by=User.objects.get(public_id=by.person),
            marked_at=now,
        )
    # Which thing it is stays out of the trail: those who read the trail are among those whom it watches.
    record(by, "canary.marked", canary, now=now)
    return canary


@transaction.atomic(durable=True)
def unmark_canary(canary: Canary, *, by: Actor, now: datetime) -> None:
    """Take the mark away.

    :raises NotFoundError: somebody has taken it already
    """
    permit(by, Act.ALERT_EDIT, {})
    if not Canary.objects.select_for_update().filter(pk=canary.pk).exists():
        raise NotFoundError(_("The mark has been taken away already."))
    record(by, "canary.unmarked", canary, now=now)
    canary.delete()
