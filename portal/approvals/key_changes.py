"""Changing the keys of a purpose: asked for by one, approved by another, then carried out by a worker."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask
from portal.core.errors import WrongStateError
from portal.core.phrases import Phrase, marked
from portal.crypto.keyring import Purpose
from portal.keys.operations.retirement import Keys
from portal.keys.operations.rotation import begin_rotation
from portal.keys.purpose_names import PURPOSE_NAMES
from portal.keys.queries import rotations_under_way
from portal.privileges import Process, purposes


def is_changed_here(purpose: Purpose) -> bool:
    """Say whether a worker of the portal can change these keys; others need whoever holds the key file."""
    return purpose in purposes(Process.PLATFORM)


def _begin(approval: Approval, *, by: Actor, now: datetime) -> None:
    begin_rotation(Purpose(approval.subject_id), by=by, now=now)


KEY_CHANGE = ApprovalKind(
    name="key change",
    ask_act=Act.KEY_EDIT,
    decide_act=Act.REQUEST_DECIDE,
    lasts=timedelta(days=7),
    title=marked("Change the keys: {purpose}"),
    sentences=(
        marked("New keys take over at once, and what the old ones hold is renewed in the background."),
        marked("Nothing becomes unreadable: old keys go on opening what they sealed."),
    ),
    carry_out=_begin,
)


@transaction.atomic(durable=True)
def ask_for_key_change(purpose: Purpose, *, by: Actor, now: datetime) -> Approval:
    """Ask to change the keys of a purpose.

    :raises WrongStateError: no worker of the portal holds them, or a change is under way
    :raises portal.approvals.operations.AskedAlreadyError: somebody has asked, and nobody has decided
    """
    if not is_changed_here(purpose):
        raise WrongStateError(_("No worker holds these keys. Whoever has the key file can change them."))
    if rotations_under_way().filter(purpose=purpose).exists():
        raise WrongStateError(_("A change of these keys is under way already."))
    facts = {"purpose": Phrase(PURPOSE_NAMES[purpose])}
    return ask(KEY_CHANGE, Keys(str(purpose)), by=by, now=now, place={}, facts=facts)
