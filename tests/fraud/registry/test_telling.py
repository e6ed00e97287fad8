"""Telling the registry of frauds: once each, changed by whoever told it, and compared with what was asked before."""

from datetime import timedelta

import pytest

from fraud.models import RegistryInquiry, RegistryNotice, RegistryRecord, RegistryTally, RegistryToken
from fraud.models.registry import RecordState
from fraud.operations.registry.comparing import compare_records
from fraud.operations.registry.telling import change_record
from fraud.operations.registry.upkeep import (
    acknowledge_notices,
    forget_inquiries,
    forget_notices,
    forget_records,
)
from fraud.queries.registry import waiting_notices
from fraud.rules.consortium import Change, FraudType, NoticeKind, RecordChange, Registered
from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry
from portal.core.errors import InvalidError, NotFoundError, WrongStateError
from tests.fraud.registry.scenes import (
    BANK_A,
    BANK_B,
    BIRTH,
    EMAIL,
    NOW,
    PHONE,
    SIN,
    ask,
    facts,
    question,
    register,
    tokens,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def change(record: str, what: RecordChange, *, institution: str = BANK_B, **given) -> Registered:
    message = Change(record=record, institution=institution, change=what, **given)
    return change_record(message, by=SYSTEM, now=LATER)


def test_a_fraud_told_twice_is_one_record() -> None:
    first, again = register(), register()

    assert first == Registered(record=again.record, is_new=True)
    assert not again.is_new
    assert RegistryRecord.objects.count() == 1
    assert RegistryToken.objects.count() == 2
    assert sum(RegistryTally.objects.values_list("records", flat=True)) == 1


def test_nothing_in_a_record_says_who_told_it() -> None:
    register()
    register("ctb_00000002")

    one, other = RegistryRecord.objects.order_by("pk")
    assert bytes(one.contributor) != bytes(other.contributor)
    assert BANK_B not in str(list(Entry.objects.filter(act="record.registered").values()))


def test_refuses_a_month_that_is_yet_to_come() -> None:
    register("ctb_00000001", facts=facts("2026-03"))

    with pytest.raises(InvalidError, match="yet to come"):
        register("ctb_00000002", facts=facts("2026-04"))


def test_refuses_what_could_never_be_found_again() -> None:
    with pytest.raises(InvalidError, match="kind"):
        register("ctb_00000001", "7", "phone.1")


def test_its_contributor_corrects_a_record() -> None:
    record = register().record

    change(record, RecordChange.CORRECT, facts=facts(fraud_type=FraudType.OTHER))

    (answer,) = ask(now=LATER)
    assert [hit.fraud_type for hit in answer.hits] == [FraudType.OTHER]
    assert RegistryRecord.objects.get().state == RecordState.CORRECTED


def test_a_correction_says_what_is_right() -> None:
    with pytest.raises(InvalidError):
        change(register().record, RecordChange.CORRECT)


@pytest.mark.parametrize("what", [RecordChange.CORRECT, RecordChange.UPHOLD, RecordChange.RETRACT])
def test_what_another_told_is_as_unknown_as_what_nobody_told(what) -> None:
    record = register().record
    ask(institution=BANK_A)

    for name in (record, "rec_nowhere000"):
        with pytest.raises(NotFoundError):
            change(name, what, institution=BANK_A, facts=facts())


def test_anybody_may_dispute_and_its_contributor_upholds() -> None:
    record = register().record

    change(record, RecordChange.DISPUTE, institution=BANK_A)
    assert ask()[0].hits[0].is_disputed

    change(record, RecordChange.UPHOLD)
    assert not ask()[0].hits[0].is_disputed


def test_whoever_was_told_while_it_was_disputed_hears_that_it_stands() -> None:
    record = register().record
    compare_records(now=NOW)
    change(record, RecordChange.DISPUTE, institution=BANK_A)
    ask(question("app_00000003"), institution="org_bankcccccc")

    change(record, RecordChange.UPHOLD)
    compare_records(now=LATER)

    told = [
        (each.answer.application, each.answer.hits[0].is_disputed) for each in waiting_notices(LATER.date())
    ]
    assert told == [("app_00000003", False)]


def test_a_change_that_changes_nothing_is_not_written_down() -> None:
    record = register().record

    assert change(record, RecordChange.DISPUTE).is_new
    assert not change(record, RecordChange.DISPUTE).is_new
    assert change(record, RecordChange.RETRACT).is_new
    assert not change(record, RecordChange.RETRACT).is_new
    acts = Entry.objects.filter(act__startswith="record.").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["record.registered", "record.disputed", "record.retracted"]


def test_what_was_retracted_changes_no_more() -> None:
    record = register().record
    change(record, RecordChange.RETRACT)

    with pytest.raises(WrongStateError):
        change(record, RecordChange.DISPUTE)


def test_a_record_that_comes_later_comes_back_to_who_asked() -> None:
    ask(question("app_00000001"), question("app_00000002", "8"))
    register()

    assert compare_records(now=LATER) == 1

    (notice,) = waiting_notices(LATER.date())
    assert (notice.institution, notice.kind, notice.answer.application) == (
        BANK_A,
        NoticeKind.RETRO_HIT,
        "app_00000001",
    )
    assert len(notice.answer.hits) == 1


def test_a_weak_agreement_comes_back_to_nobody() -> None:
    ask(question("app_00000001", "7", BIRTH, EMAIL), question("app_00000002", "7", BIRTH, PHONE))
    register("ctb_00000001", "7", BIRTH, PHONE)

    compare_records(now=LATER)

    assert [each.answer.application for each in waiting_notices(LATER.date())] == ["app_00000002"]


def test_the_application_that_a_fraud_was_found_in_gets_no_notice() -> None:
    ask(question("app_00000001"), institution=BANK_B)
    register(application="app_00000001")

    compare_records(now=LATER)

    assert waiting_notices(LATER.date()) == []


def test_comparing_twice_tells_once() -> None:
    ask()
    register()

    assert [compare_records(now=LATER), compare_records(now=LATER)] == [1, 0]
    assert RegistryNotice.objects.count() == 1


def test_a_retraction_reaches_everybody_who_had_the_hit() -> None:
    record = register().record
    compare_records(now=NOW)
    ask(question("app_00000001"), institution=BANK_A)
    ask(question("app_00000002"), institution="org_bankcccccc")
    ask(question("app_00000003", "8"), institution=BANK_A)

    change(record, RecordChange.RETRACT)
    compare_records(now=LATER)

    told = {each.answer.application: each for each in waiting_notices(LATER.date())}
    assert set(told) == {"app_00000001", "app_00000002"}
    assert {each.kind for each in told.values()} == {NoticeKind.RETRACTION}
    assert all(each.answer.hits == () for each in told.values())


def test_a_notice_comes_until_it_is_acknowledged() -> None:
    ask()
    register()
    compare_records(now=LATER)
    (notice,) = waiting_notices(LATER.date())

    assert acknowledge_notices([notice.id], now=LATER) == 1
    assert acknowledge_notices([notice.id], now=LATER) == 0
    assert waiting_notices(LATER.date()) == []
    assert forget_notices(now=LATER + timedelta(days=31)) == 1


def test_expired_records_go_with_their_tokens_and_others_stay() -> None:
    register("ctb_00000001", "7", facts=facts("2020-02"))
    register("ctb_00000002", "8")

    assert forget_records(now=LATER) == 1

    assert RegistryRecord.objects.count() == 1
    assert RegistryToken.objects.count() == 2
    assert forget_records(now=LATER) == 0


def test_old_look_ups_are_not_compared_and_go() -> None:
    ask(question("app_00000001"), now=NOW - timedelta(days=800))
    ask(question("app_00000002"))
    register()
    compare_records(now=LATER)

    assert [each.answer.application for each in waiting_notices(LATER.date())] == ["app_00000002"]
    assert forget_inquiries(now=LATER) == 1
    assert RegistryInquiry.objects.count() == 1


def test_kinds_of_tokens_are_told_apart_when_comparing() -> None:
    (phone,) = tokens("7", PHONE)
    (birth,) = tokens("7", BIRTH)
    register("ctb_00000001", "7", PHONE, BIRTH)
    ask(question("app_00000001", "9", SIN))

    compare_records(now=LATER)

    assert phone != birth
    assert waiting_notices(LATER.date()) == []
