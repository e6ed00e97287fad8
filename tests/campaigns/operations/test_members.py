"""Members: found by token, sealed under a key of their own, masked for most, and revealed on the record."""

import pytest
from django.db import connection

from campaigns.models import Member
from campaigns.operations.members import (
    LOOK_UPS_SPAN,
    MOST_LOOK_UPS,
    RevealReason,
    TooManyLookUpsError,
    look_up_member,
    reveal_member,
)
from campaigns.operations.redemption import redeem_code
from campaigns.queries.members import found_member, masked_reference, member_token
from campaigns.retention import forget
from portal.accounts.actors import SYSTEM
from portal.accounts.roles import Act, Role
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, NotFoundError
from portal.crypto.sealing import UnsealError
from portal.keys.models import SubjectKey
from portal.keys.sealed import ErasedError
from tests import makers
from tests.makers import NOW

pytestmark = pytest.mark.django_db
REFERENCE = "ana.perez@example.com"


@pytest.fixture
def member():
    return makers.make_member(makers.make_market(), REFERENCE)


@pytest.fixture
def privacy():
    return makers.an_actor("privacy", Role.PRIVACY, makers.make_house())


def test_no_column_holds_the_reference_open(member):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM campaigns_member, keys_subjectkey")
        row = cursor.fetchone()

    assert REFERENCE not in repr(row)
    assert REFERENCE.encode() not in b"".join(
        bytes(value) for value in row if isinstance(value, bytes | memoryview)
    )


def test_a_member_is_found_by_reference(member):
    assert found_member(SYSTEM, Act.MEMBER_REVEAL, member.market_id, REFERENCE) == member


def test_another_markets_token_finds_nobody(member):
    other = makers.make_market("ca")

    assert member_token(other.pk, REFERENCE) != bytes(member.reference_token)
    with pytest.raises(NotFoundError):
        found_member(SYSTEM, Act.MEMBER_REVEAL, other.pk, REFERENCE)


def test_most_see_the_end_of_a_reference_only(member):
    assert masked_reference(member) == "•••om"


def test_a_short_reference_is_masked_whole():
    assert masked_reference(makers.make_member(makers.make_market(), "x123")) == "•••"


def test_revealing_shows_the_reference_and_is_recorded(member, privacy):
    assert reveal_member(member, reason=RevealReason.COMPLAINT, by=privacy, now=NOW) == REFERENCE

    entry = Entry.objects.get(act="member.revealed")
    assert (entry.actor_id, entry.subject_id) == (privacy.id, member.public_id)
    assert entry.facts == {"fields": ["reference"], "reason": "complaint", "case": ""}


def test_support_may_not_reveal(member):
    with pytest.raises(ForbiddenError):
        reveal_member(
            member,
            reason=RevealReason.COMPLAINT,
            by=makers.an_actor("support", Role.SUPPORT, makers.make_house()),
            now=NOW,
        )

    assert not Entry.objects.filter(act="member.revealed").exists()


@pytest.mark.parametrize("case", ["T-4711", "4711", "CASE#12/7"])
def test_the_number_of_a_case_is_kept_with_a_reveal(member, privacy, case):
    reveal_member(member, reason=RevealReason.FRAUD, case=case, by=privacy, now=NOW)

    facts = Entry.objects.get(act="member.revealed").facts
    assert (facts["reason"], facts["case"]) == ("fraud", case)


@pytest.mark.parametrize("case", ["Ana Perez", "ana@example.com", "T", "1" * 40, "T-1 Ana"])
def test_refuses_a_case_that_could_hold_a_name(member, privacy, case):
    with pytest.raises(InvalidError) as refused:
        reveal_member(member, reason=RevealReason.FRAUD, case=case, by=privacy, now=NOW)

    assert set(refused.value.fields) == {"case"}
    assert not Entry.objects.filter(act="member.revealed").exists()


def test_two_members_cannot_swap_their_sealed_references(member, privacy):
    other = makers.make_member(member.market, "ext:2")
    Member.objects.filter(pk=member.pk).update(sealed_reference=other.sealed_reference)

    with pytest.raises(UnsealError):
        reveal_member(member, reason=RevealReason.COMPLAINT, by=privacy, now=NOW)


def test_an_erased_member_cannot_be_revealed(member, privacy):
    forget(member, now=NOW)

    with pytest.raises(ErasedError):
        reveal_member(member, reason=RevealReason.COMPLAINT, by=privacy, now=NOW)


def test_what_an_erased_member_spent_stays_spent_and_the_reference_begins_anew():
    batch = makers.active_batch()
    code = makers.a_code(batch)
    redeem_code(code, member=REFERENCE, by=SYSTEM, now=NOW)
    member = Member.objects.get()

    forget(member, now=NOW)
    redeem_code(makers.a_code(batch, 1), member=REFERENCE, by=SYSTEM, now=NOW)

    old, new = Member.objects.order_by("pk")
    assert (old.balance, new.balance) == (10, 10)
    assert SubjectKey.objects.get(pk=old.public_id).wrapped is None
    with pytest.raises(Exception, match="redeemed"):
        redeem_code(code, member=REFERENCE, by=SYSTEM, now=NOW)


# ── Looking up ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def support(member):
    return makers.an_actor("support", Role.SUPPORT, member.market)


@pytest.mark.parametrize("given", [REFERENCE, f" {REFERENCE} "])
def test_support_finds_a_member_by_reference_and_the_look_up_is_recorded(member, support, given):
    assert look_up_member(given, market=member.market, by=support, now=NOW) == member

    entry = Entry.objects.get(act="member.looked_up")
    assert (entry.actor_id, entry.subject_id, entry.facts) == (support.id, member.public_id, {"found": True})
    assert entry.within == [member.market_id]


def test_support_finds_a_member_by_id_without_a_market(member, support):
    assert look_up_member(member.public_id, by=support, now=NOW) == member


def test_a_look_up_that_finds_nobody_is_recorded_without_what_was_typed(member, support):
    with pytest.raises(NotFoundError):
        look_up_member("nobody@example.com", market=member.market, by=support, now=NOW)

    entry = Entry.objects.get(act="member.looked_up")
    assert (entry.subject_id, entry.facts) == (member.market.public_id, {"found": False})


@pytest.mark.parametrize("by_id", [True, False])
def test_support_of_another_market_finds_nobody_here(member, by_id):
    elsewhere = makers.an_actor("elsewhere", Role.SUPPORT, makers.make_market("ca"))
    given = member.public_id if by_id else REFERENCE

    with pytest.raises(NotFoundError):
        look_up_member(given, market=member.market, by=elsewhere, now=NOW)


def test_a_marketer_looks_no_members_up(member):
    with pytest.raises(ForbiddenError):
        look_up_member(REFERENCE, market=member.market, by=makers.a_marketer(member.market), now=NOW)


@pytest.mark.parametrize(("given", "field"), [("", "member"), ("x" * 129, "member"), (REFERENCE, "market")])
def test_refuses_a_look_up_without_a_reference_or_a_market(member, support, given, field):
    market = None if field == "market" else member.market

    with pytest.raises(InvalidError) as refused:
        look_up_member(given, market=market, by=support, now=NOW)

    assert set(refused.value.fields) == {field}


def look_ups(support, member, times):
    for _time in range(times):
        look_up_member(member.public_id, by=support, now=NOW)


def test_refuses_more_look_ups_than_people_ring_and_allows_them_again_after_a_while(member, support):
    look_ups(support, member, MOST_LOOK_UPS)

    with pytest.raises(TooManyLookUpsError):
        look_up_member(member.public_id, by=support, now=NOW)

    assert look_up_member(member.public_id, by=support, now=NOW + LOOK_UPS_SPAN) == member


def test_the_look_ups_of_one_person_hold_up_nobody_else(member, support):
    look_ups(support, member, MOST_LOOK_UPS)
    other = makers.an_actor("other", Role.SUPPORT, member.market)

    assert look_up_member(member.public_id, by=other, now=NOW) == member


def test_an_erased_member_is_found_by_id_alone(member, support):
    forget(member, now=NOW)

    assert look_up_member(member.public_id, by=support, now=NOW) == member
    with pytest.raises(NotFoundError):
        look_up_member(REFERENCE, market=member.market, by=support, now=NOW)
