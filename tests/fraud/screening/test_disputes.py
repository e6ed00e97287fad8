"""The whole way of a dispute: raised at one bank from its hit, answered at another, neither knowing the other."""

from typing import Any

import pytest

from fraud.models import (
    Contribution,
    Dispute,
    Institution,
    RegistryMember,
    RegistryRecord,
    Screening,
    Standing,
)
from fraud.models.registry import RecordState
from fraud.operations.disputes import DisputedAlreadyError, answer_dispute, raise_dispute
from fraud.operations.records import Correction, correct_record, retract_record
from fraud.operations.standings import want_quota
from fraud.rules.cases import ContributionState, Proof
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.disputes import DisputeAnswer, DisputeReason, DisputeSide, DisputeState
from fraud.screening.contributions import send_contributions
from fraud.screening.disputes import exchange_disputes
from fraud.screening.notices import learn
from fraud.screening.standings import keep_standings
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import Role
from portal.core import clock
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from tests import makers
from tests.fraud.screening.test_contributions import _registry, arrived, confirmed, forget_registry, now

__all__ = ["_registry", "confirmed"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
REASON = DisputeReason.ANOTHER_PERSON
TYPE, ROLE = FraudType.IDENTITY_THEFT, RecordRole.PERPETRATOR
RIGHT = Correction(fraud_type=FraudType.OTHER, role=RecordRole.PERPETRATOR, proof=Proof.ADMISSION)


@pytest.fixture
def hit(_registry: None, bank_a: Institution, confirmed: Contribution) -> Screening:
    """What bank A was told of its application: a record of bank B."""
    send_contributions(by=SYSTEM, clock=clock.now)
    return arrived(bank_a)


@pytest.fixture
def lead(db: None) -> Actor:
    return makers.an_actor("Lea Lead", Role.LEAD, makers.make_house())


def exchange() -> int:
    return exchange_disputes(by=SYSTEM, clock=clock.now)


def disputed(hit: Screening, analyst: Actor) -> Dispute:
    facts: dict[str, Any] = {"fraud_type": TYPE, "role": ROLE, "reason": REASON}
    return raise_dispute(hit.application, **facts, by=analyst, now=now())


def received() -> Dispute:
    return Dispute.objects.get(side=DisputeSide.RECEIVED)


def test_a_dispute_becomes_a_task_of_the_contributor(
    hit: Screening, analyst: Actor, confirmed: Contribution
) -> None:
    raised = disputed(hit, analyst)

    done = [exchange(), exchange()]

    raised.refresh_from_db()
    task = received()
    assert done == [2, 0]
    assert (raised.state, task.state) == (DisputeState.ASKED, DisputeState.ASKED)
    assert (task.contribution_id, task.institution_id) == (confirmed.pk, confirmed.institution_id)
    assert (task.application_id, raised.record) == (None, "")


@pytest.mark.parametrize("by_file", [False, True], ids=["found here", "imported"])
@pytest.mark.parametrize("given", [DisputeAnswer.UPHELD, DisputeAnswer.CORRECTED, DisputeAnswer.RETRACTED])
def test_an_answer_goes_all_the_way_back(
    hit: Screening, analyst: Actor, lead: Actor, given: DisputeAnswer, by_file: bool
) -> None:
    raised = disputed(hit, analyst)
    exchange()
    if by_file:
        Dispute.objects.filter(side=DisputeSide.RECEIVED).update(contribution=None)

    answer_dispute(received(), answer=given, correction=RIGHT, by=lead, now=now())
    send_contributions(by=SYSTEM, clock=clock.now)
    exchange()
    learn(by=SYSTEM, clock=clock.now)

    raised.refresh_from_db()
    newest = Screening.objects.filter(application=hit.application).order_by("-pk")[0]
    told = [(each["fraud_type"], each["is_disputed"]) for each in newest.hits]
    ends: dict[str, list[tuple[str, bool]]] = {
        DisputeAnswer.UPHELD: [(TYPE, False)],
        DisputeAnswer.CORRECTED: [(FraudType.OTHER, False)],
        DisputeAnswer.RETRACTED: [],
    }
    assert (raised.state, raised.answer) == (DisputeState.ENDED, given)
    assert received().state == DisputeState.ENDED
    assert told == ends[given]


def test_a_member_that_may_ask_no_more_today_hears_that_a_record_stands(
    hit: Screening, analyst: Actor, lead: Actor
) -> None:
    disputed(hit, analyst)
    exchange()
    answer_dispute(received(), answer=DisputeAnswer.UPHELD, by=lead, now=now())
    RegistryMember.objects.update(quota=0)

    exchange()
    learn(by=SYSTEM, clock=clock.now)

    newest = Screening.objects.filter(application=hit.application).order_by("-pk")[0]
    assert newest.pk != hit.pk
    assert [each["is_disputed"] for each in newest.hits] == [False]


def test_a_hit_is_disputed_once_at_a_time_and_only_what_was_told(hit: Screening, analyst: Actor) -> None:
    disputed(hit, analyst)

    with pytest.raises(DisputedAlreadyError):
        disputed(hit, analyst)
    with pytest.raises(InvalidError):
        raise_dispute(
            hit.application, fraud_type=FraudType.OTHER, role=ROLE, reason=REASON, by=analyst, now=now()
        )


def test_an_analyst_does_not_answer_and_a_lead_answers_once(
    hit: Screening, analyst: Actor, lead: Actor
) -> None:
    disputed(hit, analyst)
    exchange()

    with pytest.raises(ForbiddenError):
        answer_dispute(received(), answer=DisputeAnswer.UPHELD, by=analyst, now=now())
    answer_dispute(received(), answer=DisputeAnswer.UPHELD, by=lead, now=now())
    with pytest.raises(WrongStateError):
        answer_dispute(received(), answer=DisputeAnswer.UPHELD, by=lead, now=now())


def test_a_registry_that_is_away_hears_of_a_dispute_later(
    hit: Screening, analyst: Actor, settings: Any
) -> None:
    raised = disputed(hit, analyst)
    url = settings.REGISTRY_URL
    settings.REGISTRY_URL = "http://127.0.0.1:9"
    forget_registry()

    away = exchange()
    settings.REGISTRY_URL = url
    forget_registry()
    Dispute.objects.update(retry_at=None)
    back = exchange()

    raised.refresh_from_db()
    assert (away, back, raised.tries) == (0, 2, 1)


def test_a_record_of_ones_own_is_corrected_and_retracted(hit: Screening, lead: Actor) -> None:
    contribution = Contribution.objects.get()

    correct_record(contribution, RIGHT, by=lead, now=now())
    with pytest.raises(WrongStateError):
        retract_record(contribution, by=lead, now=now())
    send_contributions(by=SYSTEM, clock=clock.now)
    corrected = RegistryRecord.objects.get()
    retract_record(contribution, by=lead, now=now())
    send_contributions(by=SYSTEM, clock=clock.now)

    assert (corrected.fraud_type, corrected.state) == (FraudType.OTHER, RecordState.CORRECTED)
    assert RegistryRecord.objects.get().state == RecordState.RETRACTED
    assert Contribution.objects.get().state == ContributionState.RETRACTED


def test_where_members_stand_is_learned_and_a_quota_is_told(
    hit: Screening, bank_a: Institution, bank_b: Institution
) -> None:
    operator = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    want_quota(bank_a, quota=7, by=operator, now=now())

    keep_standings(by=SYSTEM, clock=clock.now)

    asking, giving = Standing.objects.get(institution=bank_a), Standing.objects.get(institution=bank_b)
    assert (asking.quota, asking.is_quota_told, asking.asked_today, asking.given) == (7, True, 1, 0)
    assert (giving.given, giving.records, giving.quota) == (1, 1, 5_000_000)
