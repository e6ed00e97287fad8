"""Disputes at an institution: raised about what it was told, received about what it registered, answered in time."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.jobs import Job
from fraud.models import Application, Contribution, Dispute, Institution
from fraud.operations.records import Correction, correct_within, retract_within
from fraud.rules.cases import ContributionState
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.disputes import DisputeAnswer, DisputeNews, DisputeReason, DisputeSide, DisputeState
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import DomainError, InvalidError, Kind, WrongStateError
from portal.core.jobs import nudge
from portal.core.phrases import Phrase

S = DisputeState
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
# What a contributor may answer.
ANSWERS = (DisputeAnswer.UPHELD, DisputeAnswer.CORRECTED, DisputeAnswer.RETRACTED)


class DisputedAlreadyError(DomainError):
    """Say that the same hit is being disputed already."""

    kind = Kind.CONFLICT
    code = "disputed-already"
    title = Phrase("This is disputed already")


@transaction.atomic(durable=True)
def raise_dispute(
    application: Application,
    *,
    fraud_type: FraudType,
    role: RecordRole,
    reason: DisputeReason,
    by: Actor,
    now: datetime,
) -> Dispute:
    """Dispute what the consortium told of an application: whoever registered it confirms, corrects or retracts.

    :raises InvalidError: nothing of that type and role was told of it
    :raises DisputedAlreadyError: it is being disputed
    """
    act = Act.CASE_WORK if by.may(Act.CASE_WORK, application.place) else Act.APPLICATION_SEND
    permit(by, act, application.place)
    screening = application.screenings.order_by("-pk").first()
    told = {(hit["fraud_type"], hit["role"]) for hit in screening.hits} if screening else set()
    if (fraud_type, role) not in told:
        raise InvalidError.of("fraud_type", _("The consortium has told nothing of this kind."))
    with refusing("one_live_dispute_of_a_hit", DisputedAlreadyError()), transaction.atomic():
        dispute = Dispute.objects.create(
            institution_id=application.institution_id,
            application=application,
            side=DisputeSide.RAISED,
            reason=reason,
            fraud_type=fraud_type,
            role=role,
            made_at=now,
            made_by=by.id,
        )
    record(by, "dispute.opened", dispute, now=now, application=application.public_id, reason=str(reason))
    nudge(Job.EXCHANGE_DISPUTES)
    return dispute


@transaction.atomic(durable=True)
def answer_dispute(
    dispute: Dispute,
    *,
    answer: DisputeAnswer,
    correction: Correction | None = None,
    by: Actor,
    now: datetime,
) -> Dispute:
    """Answer for a record of one's own: it stands, is corrected, or is retracted.

    :raises WrongStateError: it is answered, or nobody may answer any more
    :raises InvalidError: a correction says nothing, or that is no answer
    """
    permit(by, Act.RECORD_EDIT, dispute.place)
    dispute = locked(Dispute, dispute)
    if dispute.side != DisputeSide.RECEIVED or dispute.state != S.ASKED:
        raise WrongStateError(_("This dispute needs no answer any more."))
    if answer not in ANSWERS:
        raise InvalidError.of("answer", _("Choose what becomes of the record."))
    if answer is DisputeAnswer.CORRECTED:
        _set_correction(dispute, correction)
    dispute.answer, dispute.state = answer, S.ANSWERED
    fields = ["answer", "state", "fraud_type", "role"]
    if dispute.contribution is not None and _change_within(
        dispute.contribution, answer, correction, by=by, now=now
    ):
        # What becomes of the record goes out as of any other.
        dispute.state, dispute.ended_at = S.ENDED, now
        fields.append("ended_at")
    dispute.save(update_fields=fields)
    record(by, "dispute.decided", dispute, now=now, answer=str(answer))
    nudge(Job.EXCHANGE_DISPUTES)
    return dispute


def _set_correction(dispute: Dispute, correction: Correction | None) -> None:
    if correction is None:
        raise InvalidError.of("fraud_type", _("Say what is right."))
    dispute.fraud_type, dispute.role = correction.fraud_type, correction.role


def _change_within(
    contribution: Contribution,
    answer: DisputeAnswer,
    correction: Correction | None,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    contribution = locked(Contribution, contribution)
    if contribution.state != ContributionState.REGISTERED:
        return False
    if answer is DisputeAnswer.RETRACTED:
        retract_within(contribution, by=by, now=now)
    elif answer is DisputeAnswer.CORRECTED and correction is not None:
        correct_within(contribution, correction, by=by, now=now)
    return answer is not DisputeAnswer.UPHELD


@transaction.atomic(durable=True)
def settle_raised(dispute: Dispute, *, is_found: bool, due_on: date, by: Actor, now: datetime) -> Dispute:
    """Note that the registry was told of a dispute, and whether anybody has to answer.

    :raises WrongStateError: another worker has
    """
    dispute = locked(Dispute, dispute)
    if dispute.state != S.WAITING:
        raise WrongStateError(_("This dispute has moved on."))
    dispute.state, dispute.due_on = (S.ASKED, due_on) if is_found else (S.REFUSED, None)
    dispute.ended_at = None if is_found else now
    dispute.save(update_fields=["state", "due_on", "ended_at"])
    record(by, "dispute.delivered" if is_found else "dispute.refused", dispute, now=now)
    return dispute


@transaction.atomic(durable=True)
def settle_answer(dispute: Dispute, *, by: Actor, now: datetime) -> Dispute:
    """Note that the registry has the answer.

    :raises WrongStateError: another worker has
    """
    dispute = locked(Dispute, dispute)
    if dispute.state != S.ANSWERED:
        raise WrongStateError(_("This dispute has moved on."))
    dispute.state, dispute.ended_at = S.ENDED, now
    dispute.save(update_fields=["state", "ended_at"])
    record(by, "dispute.ended", dispute, now=now, answer=dispute.answer)
    return dispute


@transaction.atomic(durable=True)
def put_off_dispute(dispute: Dispute, *, now: datetime) -> Dispute:
    """Have the registry told again later; it is away, or would not have it now."""
    dispute = locked(Dispute, dispute)
    pause = min(_FIRST_PAUSE * 2 ** min(dispute.tries, 10), _LONGEST_PAUSE)
    dispute.tries, dispute.retry_at = min(dispute.tries + 1, 1000), now + pause
    dispute.save(update_fields=["tries", "retry_at"])
    return dispute


@transaction.atomic(durable=True)
def receive_dispute(
    institution: Institution, news: DisputeNews, *, by: Actor, now: datetime
) -> Dispute | None:
    """Take in that a record of this institution is disputed, or that it is no longer; None where that is no news."""
    live = Dispute.objects.select_for_update().filter(institution=institution, record=news.record)
    known = live.filter(side=DisputeSide.RECEIVED, ended_at=None).first()
    if known is not None and news.answer is not None:
        return _end(known, news.answer, by, now)
    if known is not None or news.answer is not None:
        return None
    contribution = Contribution.objects.filter(institution=institution, record=news.record).first()
    dispute = Dispute.objects.create(
        institution=institution,
        side=DisputeSide.RECEIVED,
        state=S.ASKED,
        record=news.record,
        month=news.month,
        contribution=contribution,
        reason=news.reason or DisputeReason.WRONG_FACTS,
        fraud_type=news.fraud_type,
        role=news.role,
        due_on=news.due_on,
        made_at=now,
    )
    record(by, "dispute.received", dispute, now=now)
    return dispute


@transaction.atomic(durable=True)
def hear_answer(application: Application, news: DisputeNews, *, by: Actor, now: datetime) -> Dispute | None:
    """Take in what became of a dispute that was raised; None where that is no news."""
    raised = Dispute.objects.select_for_update().filter(
        application=application, fraud_type=news.fraud_type, role=news.role, state__in=[S.WAITING, S.ASKED]
    )
    dispute = raised.first()
    return None if dispute is None or news.answer is None else _end(dispute, news.answer, by, now)


def _end(dispute: Dispute, answer: DisputeAnswer, by: Actor, now: datetime) -> Dispute:
    dispute.state, dispute.answer, dispute.ended_at = S.ENDED, answer, now
    dispute.save(update_fields=["state", "answer", "ended_at"])
    record(by, "dispute.ended", dispute, now=now, answer=str(answer))
    return dispute
