"""Keys to which institutions encrypt their files by age: made, replaced, and opened for the files they belong to."""

from datetime import datetime, timedelta
from typing import Any

import pyrage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from fraud.models import Institution, IntakeKey, Submission
from portal.accounts.actors import Actor, OrganizationKind, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError, WrongStateError
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import Place, seal
from portal.keys.sealed import add_subject_key, open_for_subject

# For so many days the replaced key still opens what arrives.
LONGEST_OVERLAP = 90


@transaction.atomic(durable=True)
def make_intake_key(institution: Institution, *, by: Actor, now: datetime) -> IntakeKey:
    """Make the key to which an institution encrypts its files; asked again, give the one that is there."""
    permit(by, Act.INSTITUTION_EDIT, _here(institution))
    # Whoever asks at the same moment waits here.
    locked(Institution, institution)
    known = IntakeKey.objects.filter(institution=institution, closes_at=None).first()
    if known is not None:
        return known
    made = _made(institution, now)
    record(by, "intake_key.made", institution, now=now)
    return made


@transaction.atomic(durable=True)
def replace_intake_key(institution: Institution, *, overlap_days: int, by: Actor, now: datetime) -> IntakeKey:
    """Make a new key, and let the one before open what arrives within the next days.

    :raises WrongStateError: there is none to replace
    :raises InvalidError: more days than `LONGEST_OVERLAP`
    """
    permit(by, Act.INSTITUTION_EDIT, _here(institution))
    if not 0 <= overlap_days <= LONGEST_OVERLAP:
        raise InvalidError.of("overlap_days", _("Enter 0 to 90 days."))
    locked(Institution, institution)
    before = IntakeKey.objects.filter(institution=institution, closes_at=None).first()
    if before is None:
        raise WrongStateError(_("This institution has no key for files yet."))
    before.closes_at = now + timedelta(days=overlap_days)
    before.save(update_fields=["closes_at"])
    made = _made(institution, now)
    record(by, "intake_key.replaced", institution, now=now, days=overlap_days)
    return made


def identities(submission: Submission) -> list[Any]:
    """Open the keys that count for a submission: the one in use, and those that were open when it arrived."""
    open_then = Q(closes_at=None) | Q(closes_at__gt=submission.arrived_at)
    keys = IntakeKey.objects.filter(open_then, institution_id=submission.institution_id, erased_at=None)
    return [_identity(key) for key in keys.order_by("-pk")]


def _here(institution: Institution) -> dict[OrganizationKind, int]:
    return {OrganizationKind.INSTITUTION: institution.pk}


def _made(institution: Institution, now: datetime) -> IntakeKey:
    identity = pyrage.x25519.Identity.generate()
    made = IntakeKey(institution=institution, recipient=str(identity.to_public()), created_at=now)
    key = add_subject_key(made.public_id, purpose=Purpose.APPLICANTS, scope=institution.scope, now=now)
    made.sealed = seal(key, str(identity).encode(), place=_place(made))
    made.save()
    return made


def _identity(key: IntakeKey) -> Any:
    secret = open_for_subject(key.sealed, subject=key.public_id, place=_place(key))
    return pyrage.x25519.Identity.from_str(secret.decode())


def _place(key: IntakeKey) -> Place:
    return Place("fraud_intakekey", "sealed", key.public_id)
