"""Records of one's own, once registered: corrected or retracted, by whoever answers for what the institution tells."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.jobs import Job
from fraud.models import Contribution
from fraud.rules.cases import ContributionState, Proof
from fraud.rules.consortium import FraudType, RecordRole
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import WrongStateError
from portal.core.jobs import nudge

C = ContributionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is right of a record; its month and its elements stay."""

    fraud_type: FraudType
    role: RecordRole
    proof: Proof


@transaction.atomic(durable=True)
def correct_record(
    contribution: Contribution, correction: Correction, *, by: Actor, now: datetime
) -> Contribution:
    """Say what is right of a registered record; whoever had the hit is told.

    :raises WrongStateError: it is not registered, or on its way
    """
    permit(by, Act.RECORD_EDIT, contribution.place)
    contribution = _registered(contribution)
    _correct(contribution, correction, by, now)
    nudge(Job.SEND_CONTRIBUTIONS)
    return contribution


@transaction.atomic(durable=True)
def retract_record(contribution: Contribution, *, by: Actor, now: datetime) -> Contribution:
    """Take a registered record back; whoever had the hit is told, and the verdict stays.

    :raises WrongStateError: it is not registered, or on its way
    """
    permit(by, Act.RECORD_EDIT, contribution.place)
    contribution = _registered(contribution)
    _retract(contribution, by, now)
    nudge(Job.SEND_CONTRIBUTIONS)
    return contribution


def correct_within(contribution: Contribution, correction: Correction, *, by: Actor, now: datetime) -> None:
    """Correct a record that is held and registered, in the transaction of the caller."""
    _correct(contribution, correction, by, now)


def retract_within(contribution: Contribution, *, by: Actor, now: datetime) -> None:
    """Retract a record that is held and registered, in the transaction of the caller."""
    _retract(contribution, by, now)


def _correct(contribution: Contribution, correction: Correction, by: Actor, now: datetime) -> None:
    contribution.fraud_type, contribution.role = correction.fraud_type, correction.role
    contribution.proof, contribution.state, contribution.retry_at = correction.proof, C.CORRECTING, None
    contribution.save(update_fields=["fraud_type", "role", "proof", "state", "retry_at"])
    record(by, "contribution.changed", contribution, now=now, fraud_type=str(correction.fraud_type))


def _retract(contribution: Contribution, by: Actor, now: datetime) -> None:
    contribution.state, contribution.retry_at = C.RETRACTING, None
    contribution.save(update_fields=["state", "retry_at"])
    record(by, "contribution.withdrawn", contribution, now=now)


def _registered(contribution: Contribution) -> Contribution:
    held = locked(Contribution, contribution)
    if held.state != C.REGISTERED:
        raise WrongStateError(_("Only a registered record can be corrected or retracted."))
    return held
