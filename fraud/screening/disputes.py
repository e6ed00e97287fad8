"""Disputes on their way: to the registry what an institution raises and answers, and back what others did."""

from collections.abc import Callable
from datetime import datetime

from fraud.models import Application, Dispute, Institution
from fraud.operations.disputes import (
    hear_answer,
    put_off_dispute,
    receive_dispute,
    settle_answer,
    settle_raised,
)
from fraud.queries.disputes import disputes_to_send
from fraud.rules.consortium import Change, Facts, FraudType, RecordChange, RecordRole
from fraud.rules.disputes import (
    DisputeAnswer,
    DisputeReason,
    DisputesHeard,
    DisputeSide,
    DisputeState,
    RaisedDispute,
)
from fraud.screening.consortium import NoAnswerError, Registry, registry
from portal.accounts.actors import Actor
from portal.core.errors import WrongStateError

Clock = Callable[[], datetime]
# So many in one go: what is left is found at the next.
_MOST = 200
_CHANGES = {
    DisputeAnswer.UPHELD: RecordChange.UPHOLD,
    DisputeAnswer.CORRECTED: RecordChange.CORRECT,
    DisputeAnswer.RETRACTED: RecordChange.RETRACT,
}


def exchange_disputes(*, by: Actor, clock: Clock) -> int:
    """Tell the registry what waits, and take in its news; return how many disputes moved on."""
    service, done = registry(), 0
    if service is None:
        return 0
    for dispute in disputes_to_send(now=clock())[:_MOST]:
        try:
            done += _send(service, dispute, by, clock)
        except NoAnswerError:
            put_off_dispute(dispute, now=clock())
    try:
        return done + _learn(service, by, clock)
    except NoAnswerError:
        return done


def _send(service: Registry, dispute: Dispute, by: Actor, clock: Clock) -> bool:
    try:
        if dispute.state == DisputeState.WAITING:
            said = service.dispute(_raised(dispute))
            settle_raised(dispute, is_found=said.is_found, due_on=said.due_on, by=by, now=clock())
        else:
            service.change(_change(dispute))
            settle_answer(dispute, by=by, now=clock())
    except WrongStateError:
        return False
    return True


def _raised(dispute: Dispute) -> RaisedDispute:
    return RaisedDispute(
        institution=dispute.institution.public_id,
        application=dispute.application.public_id if dispute.application else "",
        fraud_type=FraudType(dispute.fraud_type),
        role=RecordRole(dispute.role),
        reason=DisputeReason(dispute.reason),
    )


def _change(dispute: Dispute) -> Change:
    change = _CHANGES[DisputeAnswer(dispute.answer)]
    facts = None
    if change is RecordChange.CORRECT:
        fraud_type, role = FraudType(dispute.fraud_type), RecordRole(dispute.role)
        facts = Facts(fraud_type=fraud_type, role=role, month=dispute.month)
    return Change(
        record=dispute.record, institution=dispute.institution.public_id, change=change, facts=facts
    )


def _learn(service: Registry, by: Actor, clock: Clock) -> int:
    news = service.dispute_news()
    if not news:
        return 0
    owners = Institution.objects.in_bulk({each.institution for each in news}, field_name="public_id")
    done = 0
    for each in news:
        if each.side is DisputeSide.RECEIVED and each.institution in owners:
            done += receive_dispute(owners[each.institution], each, by=by, now=clock()) is not None
    answered = [each for each in news if each.side is DisputeSide.RAISED]
    rows = Application.objects.in_bulk({each.application for each in answered}, field_name="public_id")
    for each in answered:
        # What becomes of the answer for the application comes as a notice, like any other news of a record.
        row = rows.get(each.application)
        done += row is not None and hear_answer(row, each, by=by, now=clock()) is not None
    service.hear_disputes(
        DisputesHeard(
            raised=tuple(each.id for each in answered),
            received=tuple(each.id for each in news if each.side is DisputeSide.RECEIVED),
        )
    )
    return done
