"""Asking the registry: what a member is told, what is kept of its question, and what is counted."""

from datetime import timedelta

import pytest
from django.test import override_settings

from fraud.models import (
    RegistryInquiry,
    RegistryInquiryToken,
    RegistryMember,
    RegistryRecord,
    RegistryTally,
    RegistryToken,
)
from fraud.operations.registry.asking import QuotaError
from fraud.operations.registry.telling import change_record
from fraud.rules.consortium import Change, FraudType, Hit, Purpose, Question, RecordChange, RecordRole, Tier
from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry
from portal.security.models import Canary
from tests.fraud.registry.scenes import (
    BANK_A,
    BANK_B,
    BIRTH,
    EMAIL,
    NOW,
    PHONE,
    SIN,
    ask,
    question,
    register,
    tokens,
)
from tests.makers import make_person

pytestmark = pytest.mark.django_db


def asked_today() -> int:
    return sum(RegistryTally.objects.values_list("inquiries", flat=True))


def test_tells_what_a_member_may_know_of_a_record() -> None:
    register()

    (answer,) = ask()

    assert answer.hits == (
        Hit(
            tier=Tier.STRONG,
            kinds=("name-birth", "sin"),
            fraud_type=FraudType.MONEY_MULE,
            role=RecordRole.MULE,
            month="2026-02",
            members="1-2",
        ),
    )


def test_tells_nothing_of_anybody_else() -> None:
    register()

    assert [answer.hits for answer in ask(question(value="8"))] == [()]


def test_two_independent_composites_are_probable_and_one_is_not_shown() -> None:
    register("ctb_00000001", "7", BIRTH, PHONE)

    both, one = ask(question("app_00000001", "7", BIRTH, PHONE), question("app_00000002", "7", BIRTH, EMAIL))

    assert [hit.tier for hit in both.hits] == [Tier.PROBABLE]
    assert one.hits == ()


def test_answers_come_in_the_order_of_the_questions() -> None:
    register(value="5")

    found = ask(*(question(f"app_0000000{number}", str(number)) for number in range(10)))

    assert [bool(answer.hits) for answer in found] == [number == 5 for number in range(10)]


def test_a_member_sees_which_hit_is_its_own() -> None:
    register()

    assert not ask(institution=BANK_A)[0].hits[0].is_own
    assert ask(question("app_00000002"), institution=BANK_B)[0].hits[0].is_own


def test_says_in_bands_how_many_members_know() -> None:
    for number in range(3):
        register(f"ctb_0000000{number}", institution=f"org_bank{number}")

    assert ask()[0].hits[0].members == "3-5"


@pytest.mark.parametrize(("days", "shown"), [(-1, True), (0, False)])
def test_what_has_expired_is_not_shown(days, shown) -> None:
    register()
    expires_on = RegistryRecord.objects.get().expires_on

    (answer,) = ask(now=NOW + (expires_on - NOW.date()) + timedelta(days=days))

    assert bool(answer.hits) is shown


def test_what_was_retracted_is_not_shown_and_what_is_disputed_says_so() -> None:
    record = register().record
    change = Change(record=record, institution=BANK_B, change=RecordChange.DISPUTE)
    change_record(change, by=SYSTEM, now=NOW)

    assert ask()[0].hits[0].is_disputed

    change_record(Change(record=record, institution=BANK_B, change=RecordChange.RETRACT), by=SYSTEM, now=NOW)

    assert ask()[0].hits == ()


def test_a_token_that_many_records_share_says_nothing() -> None:
    record = RegistryRecord.objects.get(public_id=register().record)
    shared = RegistryToken.objects.filter(record=record)
    for row in list(shared):
        RegistryToken.objects.bulk_create(
            RegistryToken(token=row.token, record_id=number, kind=row.kind) for number in range(-50, 0)
        )

    assert ask()[0].hits == ()


def test_a_token_of_another_kind_is_another_token() -> None:
    register("ctb_00000001", "7", PHONE, EMAIL)
    (phone,) = tokens("7", PHONE)

    asked = Question(application="app_00000001", tokens=(type(phone)(SIN, phone.token),))

    assert ask(asked)[0].hits == ()


def test_keeps_the_question_with_outer_tokens_and_a_pseudonym() -> None:
    ask(question("app_00000001", "7", SIN, BIRTH))

    kept = RegistryInquiry.objects.get()
    assert (kept.application, kept.purpose, str(kept.month)) == (
        "app_00000001",
        Purpose.SCREENING,
        "2026-03-01",
    )
    assert all(each.token not in bytes(kept.tokens) for each in tokens("7", SIN, BIRTH))
    assert RegistryInquiryToken.objects.count() == 2
    assert BANK_A.encode() not in bytes(RegistryMember.objects.get().identity)


def test_the_same_application_asked_again_is_kept_and_counted_once() -> None:
    first = ask(question("app_00000001"), question("app_00000002", "8"))
    again = ask(question("app_00000001"), question("app_00000002", "8"))

    assert first == again
    assert RegistryInquiry.objects.count() == 2
    assert asked_today() == 2


def test_the_same_application_with_other_tokens_counts_again() -> None:
    ask(question("app_00000001", "7"))
    ask(question("app_00000001", "8"))

    assert asked_today() == 2


@override_settings(REGISTRY_QUOTA=2)
def test_refuses_a_member_whose_quota_is_spent_and_keeps_nothing() -> None:
    ask(question("app_00000001"), question("app_00000002"))

    with pytest.raises(QuotaError):
        ask(question("app_00000003"))

    assert RegistryInquiry.objects.count() == 2
    assert len(ask(question("app_00000003"), institution=BANK_B)) == 1
    assert len(ask(question("app_00000003"), now=NOW + timedelta(days=1))) == 1


@override_settings(REGISTRY_QUOTA=0)
def test_a_quota_of_its_own_goes_before_that_of_all() -> None:
    with pytest.raises(QuotaError):
        ask()
    RegistryMember.objects.update(quota=1)

    assert len(ask()) == 1


def test_a_hit_on_bait_is_written_down_and_other_hits_are_not() -> None:
    bait = register("ctb_00000001", "7").record
    register("ctb_00000002", "8")
    Canary.objects.create(subject_id=bait, marked_by=make_person("Watch"), marked_at=NOW)

    ask(question("app_00000001", "8"))
    assert not Entry.objects.filter(act="record.matched").exists()

    ask(question("app_00000002", "7"))
    entry = Entry.objects.get(act="record.matched")
    assert (entry.subject_id, entry.actor_id, entry.actor_kind) == (bait, BANK_A, "client")


def test_many_applications_are_asked_about_at_once() -> None:
    register(value="70")

    found = ask(*(question(f"app_0000{number:04}", str(number)) for number in range(1_000)))

    assert [number for number, answer in enumerate(found) if answer.hits] == [70]
    assert asked_today() == 1_000


def test_an_application_of_which_nothing_is_known_is_answered_like_any_other() -> None:
    found = ask(question("app_00000001"), Question(application="app_00000002", tokens=()))

    assert [answer.application for answer in found] == ["app_00000001", "app_00000002"]
    assert RegistryInquiry.objects.count() == 2
