"""What two analysts found, on its way to the registry and back: rows that the fraud worker sends."""

from datetime import datetime

from fraud.models import Case, Contribution
from fraud.rules.cases import ContributionState
from portal.accounts.actors import Actor
from portal.audit.operations import record

C = ContributionState


def contribute(case: Case, *, by: Actor, now: datetime) -> Contribution:
    """Put what was found into the outbox, within the caller's transaction."""
    contribution = Contribution.objects.create(
        institution_id=case.institution_id,
        case=case,
        fraud_type=case.fraud_type,
        role=case.fraud_role,
        proof=case.proof,
        party=case.party,
        kinds=case.kinds,
        made_at=now,
    )
    record(by, "contribution.made", contribution, now=now, case=case.public_id)
    return contribution


def take_back(case: Case, *, by: Actor, now: datetime) -> None:
    """Have what was registered for a case retracted, within the caller's transaction; what was not sent stays here."""
    live = Contribution.objects.select_for_update().filter(
        case=case, state__in=[C.WAITING, C.REGISTERED, C.CORRECTING]
    )
    for contribution in live.order_by("pk"):
        # Of one that waits nobody knows whether the registry has it: the worker asks for its end all the same.
        contribution.state, contribution.retry_at = C.RETRACTING, None
        contribution.save(update_fields=["state", "retry_at"])
        record(by, "contribution.withdrawn", contribution, now=now, case=case.public_id)
