"""Members: found by token, sealed under a key of their own, masked for most, and revealed on the record."""

import pytest
from django.db import connection

from campaigns.models import Member
from campaigns.operations.members import reveal_member
from campaigns.operations.redemption import redeem_code
from campaigns.queries.members import found_member, masked_reference, member_token
from campaigns.retention import forget
from portal.accounts.actors import SYSTEM
from portal.accounts.roles import Act, Role
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, NotFoundError
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
    assert reveal_member(member, by=privacy, now=NOW) == REFERENCE

    entry = Entry.objects.get(act="member.revealed")
    assert (entry.actor_id, entry.subject_id) == (privacy.id, member.public_id)
    assert entry.facts == {"fields": ["reference"]}


def test_support_may_not_reveal(member):
    with pytest.raises(ForbiddenError):
        reveal_member(member, by=makers.an_actor("support", Role.SUPPORT, makers.make_house()), now=NOW)

    assert not Entry.objects.filter(act="member.revealed").exists()


def test_two_members_cannot_swap_their_sealed_references(member, privacy):
    other = makers.make_member(member.market, "ext:2")
    Member.objects.filter(pk=member.pk).update(sealed_reference=other.sealed_reference)

    with pytest.raises(UnsealError):
        reveal_member(member, by=privacy, now=NOW)


def test_an_erased_member_cannot_be_revealed(member, privacy):
    forget(member, now=NOW)

    with pytest.raises(ErasedError):
        reveal_member(member, by=privacy, now=NOW)


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
