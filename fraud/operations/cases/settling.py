"""What became of a contribution: registered, retracted, told again later, or refused for good."""

from datetime import datetime, timedelta

from django.db import transaction

from fraud.models import Contribution
from fraud.rules.cases import ContributionState
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import WrongStateError
from portal.core.phrases import Phrase

C = ContributionState
_SETTLED = ["state", "record", "settled_at", "problem"]
# Doubled at each try, up to an hour: a registry that is away for a day is told everything after it.
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MOST_TRIES = 100
_ENDS = {C.WAITING: C.REGISTERED, C.CORRECTING: C.REGISTERED, C.RETRACTING: C.RETRACTED}
_ACTS = {C.REGISTERED: "contribution.kept", C.RETRACTED: "contribution.removed"}


@transaction.atomic(durable=True)
def settle_contribution(
    contribution: Contribution, *, told: ContributionState, name: str, by: Actor, now: datetime
) -> Contribution:
    """Note that the registry was told what a contribution said in the state *told*; *name*: the record's public id.

    :raises WrongStateError: it was settled by another worker, or taken back meanwhile
    """
    contribution = locked(Contribution, contribution)
    if contribution.state != told:
        raise WrongStateError(Phrase("This contribution has moved on."))
    contribution.state, contribution.record = _ENDS[told], name
    contribution.settled_at, contribution.problem = now, ""
    contribution.save(update_fields=_SETTLED)
    record(by, _ACTS[_ENDS[told]], contribution, now=now, record=name)
    return contribution


@transaction.atomic(durable=True)
def put_off_contribution(
    contribution: Contribution, *, problem: str, by: Actor, now: datetime
) -> Contribution:
    """Have the registry told again later, or give up after many tries."""
    contribution = locked(Contribution, contribution)
    contribution.tries += 1
    pause = min(_FIRST_PAUSE * 2 ** min(contribution.tries, 10), _LONGEST_PAUSE)
    contribution.retry_at, contribution.problem = now + pause, problem
    contribution.save(update_fields=["tries", "retry_at", "problem"])
    if contribution.tries >= MOST_TRIES:
        _refuse(contribution, by, now)
    return contribution


@transaction.atomic(durable=True)
def refuse_contribution(
    contribution: Contribution, *, problem: str, by: Actor, now: datetime
) -> Contribution:
    """Give a contribution up, since nothing can come of it."""
    contribution = locked(Contribution, contribution)
    contribution.problem = problem
    contribution.save(update_fields=["problem"])
    _refuse(contribution, by, now)
    return contribution


def _refuse(contribution: Contribution, by: Actor, now: datetime) -> None:
    # What cannot be retracted any more was never registered, as far as anybody knows.
    contribution.state = (
        C.RETRACTED if contribution.state == C.RETRACTING and not contribution.record else C.REFUSED
    )
    contribution.settled_at = now
    contribution.save(update_fields=["state", "settled_at"])
    record(by, "contribution.refused", contribution, now=now)
