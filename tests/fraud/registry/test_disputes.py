"""Disputes in the registry: whoever holds the hit raises them, and the contributor answers, both unnamed."""

from datetime import timedelta

import msgspec
import pytest

from fraud.models import RegistryDispute, RegistryRecord, RegistryToken
from fraud.models.registry import RecordState
from fraud.operations.registry.comparing import compare_records
from fraud.operations.registry.disputing import TooManyDisputesError, dispute_records, hear_disputes
from fraud.operations.registry.telling import change_record
from fraud.operations.registry.upkeep import forget_disputes, lapse_disputes
from fraud.queries.registry import waiting_notices
from fraud.queries.registry_disputes import dispute_news
from fraud.rules.consortium import Change, FraudType, RecordChange, RecordRole
from fraud.rules.disputes import (
    DisputeAnswer,
    Disputed,
    DisputeNews,
    DisputeReason,
    DisputesHeard,
    DisputeSide,
    RaisedDispute,
)
from portal.accounts.actors import SYSTEM
from portal.core.errors import NotFoundError
from tests.fraud.registry.scenes import BANK_A, BANK_B, NOW, ask, question, register

pytestmark = pytest.mark.django_db
BANK_C = "org_bankcccccc"
LATER = NOW + timedelta(days=31)


def dispute(application: str = "app_00000001", institution: str = BANK_A, **changes) -> Disputed:
    given = {"fraud_type": FraudType.MONEY_MULE, "role": RecordRole.MULE, "reason": DisputeReason.MISUSED}
    raised = RaisedDispute(institution=institution, application=application, **given | changes)
    return dispute_records(raised, by=SYSTEM, now=NOW)


def answer(record: str, what: RecordChange, institution: str = BANK_B) -> None:
    change_record(Change(record=record, institution=institution, change=what), by=SYSTEM, now=NOW)


def news(side: DisputeSide) -> list[DisputeNews]:
    return [each for each in dispute_news() if each.side is side]


def test_a_dispute_flags_the_record_and_asks_its_contributor_alone() -> None:
    record = register().record
    ask()

    said = dispute()

    (told,) = dispute_news()
    assert said == Disputed(is_found=True, due_on=(NOW + timedelta(days=30)).date())
    assert ask()[0].hits[0].is_disputed
    assert (told.institution, told.side, told.record) == (BANK_B, DisputeSide.RECEIVED, record)
    assert (told.reason, told.answer) == (DisputeReason.MISUSED, None)


def test_neither_side_learns_of_the_other() -> None:
    record = register().record
    ask()
    dispute()
    received = msgspec.json.encode(news(DisputeSide.RECEIVED))
    answer(record, RecordChange.UPHOLD)
    (raised,) = news(DisputeSide.RAISED)

    assert BANK_A.encode() not in received
    assert b"app_00000001" not in received
    assert BANK_B not in str(raised)
    assert record not in str(raised)


def test_an_answer_reaches_whoever_disputed_and_ends_the_flag() -> None:
    record = register().record
    ask()
    dispute()

    answer(record, RecordChange.UPHOLD)

    (told,) = news(DisputeSide.RAISED)
    assert (told.institution, told.application, told.answer) == (
        BANK_A,
        "app_00000001",
        DisputeAnswer.UPHELD,
    )
    assert not ask()[0].hits[0].is_disputed


def test_what_several_contributors_answer_is_one_word_once_all_have_answered() -> None:
    first, second = register("ctb_00000001").record, register("ctb_00000002", institution=BANK_C).record
    ask()
    dispute()

    answer(first, RecordChange.RETRACT)
    assert news(DisputeSide.RAISED) == []

    answer(second, RecordChange.UPHOLD, BANK_C)
    assert [each.answer for each in news(DisputeSide.RAISED)] == [DisputeAnswer.UPHELD]


def test_ones_own_record_is_not_disputed() -> None:
    register()
    ask(institution=BANK_B)

    said = dispute(institution=BANK_B)

    assert not said.is_found
    assert RegistryRecord.objects.get().state == RecordState.LIVE


@pytest.mark.parametrize("changes", [{"fraud_type": FraudType.OTHER}, {"role": RecordRole.VICTIM}])
def test_what_was_not_told_is_not_disputed(changes) -> None:
    register()
    ask()

    assert not dispute(**changes).is_found
    assert dispute().is_found


def test_only_who_asked_about_an_application_disputes_what_was_told_of_it() -> None:
    register()
    ask()

    for institution, application in ((BANK_C, "app_00000001"), (BANK_A, "app_00000009")):
        with pytest.raises(NotFoundError):
            dispute(application, institution)
    assert dispute().is_found


def test_raised_again_it_is_the_same_dispute_and_once_answered_it_is_not_raised_again() -> None:
    record = register().record
    ask()

    assert dispute().is_found
    assert dispute().is_found
    answer(record, RecordChange.UPHOLD)
    assert not dispute().is_found
    assert RegistryDispute.objects.count() == 1


def test_refuses_a_member_that_disputes_whatever_it_is_told(monkeypatch) -> None:
    monkeypatch.setattr("fraud.operations.registry.disputing.MOST_IN_A_DAY", 1)
    register()
    ask(question("app_00000001"), question("app_00000002"))
    dispute()

    with pytest.raises(TooManyDisputesError):
        dispute("app_00000002")


def test_what_nobody_answers_for_in_time_is_shown_no_more_and_everybody_hears() -> None:
    register()
    ask()
    dispute()
    hear_disputes(DisputesHeard(received=(RegistryDispute.objects.get().pk,)), now=NOW)

    assert lapse_disputes(now=NOW + timedelta(days=30)) == 0
    assert lapse_disputes(now=LATER) == 1

    assert ask()[0].hits == ()
    assert RegistryToken.objects.count() == 0
    assert {each.side: each.answer for each in dispute_news()} == {
        DisputeSide.RECEIVED: DisputeAnswer.LAPSED,
        DisputeSide.RAISED: DisputeAnswer.RETRACTED,
    }
    compare_records(now=LATER)
    assert [each.answer.hits for each in waiting_notices(LATER.date())] == [()]


def test_news_comes_until_it_is_heard_and_is_forgotten_in_time() -> None:
    record = register().record
    ask()
    dispute()
    answer(record, RecordChange.UPHOLD)
    (raised,), (received,) = news(DisputeSide.RAISED), news(DisputeSide.RECEIVED)

    heard = DisputesHeard(raised=(raised.id,), received=(received.id,))

    assert hear_disputes(heard, now=NOW) == 2
    assert hear_disputes(heard, now=NOW) == 0
    assert dispute_news() == []
    assert forget_disputes(now=LATER) == 0
    assert forget_disputes(now=NOW + timedelta(days=731)) == 1
