"""The redemption operation, from inside: who may, who is let go, what stays when something fails."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from campaigns.models import Campaign, LedgerEntry, Member, Redemption
from campaigns.operations.redemption import CodeRefusedError, member_reference, redeem_code
from campaigns.queries.codes import KeyEndedError
from campaigns.queries.disclosure import checked_code
from campaigns.rules.refusals import ALARMS, TOLD, Verdict, status_of
from portal.accounts.actors import Actor
from portal.accounts.models import Client
from portal.accounts.queries import client_actor
from portal.core.errors import ForbiddenError, InvalidError
from tests.campaigns.api.conftest import NOW, Caller, World, _key_file, everywhere, website, world

__all__ = ["_key_file", "website", "world"]


@pytest.fixture
def by(website: Caller) -> Actor:
    actor = client_actor(website.secret, now=NOW)
    assert actor is not None
    return actor


def redeem(world: World, by: Actor, serial: int = 0, member: str = "ext:1", now: datetime = NOW) -> Any:
    code = world.code(serial)
    return redeem_code(code, member=member, campaign="summer", request_key="k", by=by, now=now)


def test_leaves_nothing_behind_when_the_ledger_refuses(world: World, by: Actor) -> None:
    redeem(world, by)
    with connection.cursor() as cursor:
        # The ledger breaks in mid-statement: the balance no longer fits its column.
        cursor.execute("UPDATE campaigns_member SET balance = 9223372036854775807")

    with pytest.raises(Exception, match="out of range"):
        redeem(world, by, serial=1)

    assert Redemption.objects.count() == LedgerEntry.objects.count() == 1


def test_a_refused_code_leaves_the_connection_its_prepared_statements(world: World, by: Actor) -> None:
    redeem(world, by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements ORDER BY name")
        before = cursor.fetchall()

    with pytest.raises(CodeRefusedError):
        redeem(world, by, member="ext:2")

    assert before
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements ORDER BY name")
        assert set(cursor.fetchall()) >= set(before)


def test_counts_the_last_instant_before_the_close_and_not_the_close(world: World, by: Actor) -> None:
    closes_at = NOW + timedelta(hours=1)
    Campaign.objects.update(closes_at=closes_at)

    redeemed = redeem(world, by, now=closes_at - timedelta(microseconds=1))

    assert redeemed.balance == 10
    with pytest.raises(CodeRefusedError) as refusal:
        redeem(world, by, serial=1, now=closes_at)
    assert refusal.value.code == "code-expired"


def test_refuses_a_client_that_was_disabled_in_the_meantime(world: World, by: Actor) -> None:
    Client.objects.update(disabled_at=NOW)

    with pytest.raises(KeyEndedError):
        redeem(world, by)

    assert not Member.objects.exists()


def test_refuses_a_key_whose_overlap_ran_out_in_the_meantime(
    world: World, by: Actor, website: Caller
) -> None:
    website.key.expires_at = NOW + timedelta(seconds=1)
    website.key.save(update_fields=["expires_at"])

    with pytest.raises(KeyEndedError):
        redeem(world, by, now=NOW + timedelta(seconds=1))


def test_a_person_who_may_redeem_needs_no_key(world: World) -> None:
    redeemed = redeem(world, everywhere(world.planner))

    assert redeemed.balance == 10


def test_a_person_at_the_portal_is_told_what_a_desk_is_told(world: World) -> None:
    checked = checked_code(everywhere(world.planner), world.code(0), now=NOW)

    assert (checked.status, checked.batch) == ("redeemable", world.batch.public_id)


def test_refuses_an_actor_without_the_act(world: World) -> None:
    from portal.accounts.actors import NOBODY

    with pytest.raises(ForbiddenError):
        redeem(world, NOBODY)


def test_references_that_look_alike_in_two_encodings_are_one_member() -> None:
    assert member_reference("e\u0301va") == member_reference("\u00e9va")


@pytest.mark.parametrize("given", ["", " a", "a\n", "a\u200b", "\ufeffa", "x" * 129])
def test_refuses_references_with_what_cannot_be_seen(given: str) -> None:
    with pytest.raises(InvalidError):
        member_reference(given)


def test_every_verdict_but_one_has_its_words() -> None:
    assert set(TOLD) == set(Verdict) - {Verdict.REDEEMABLE}
    assert all(status_of(found) for found in Verdict)


def test_a_consumer_is_told_the_same_of_what_was_never_sold() -> None:
    same = {TOLD[found].consumer for found in (*ALARMS, Verdict.TEST)}

    assert len(same) == 1
    assert TOLD[Verdict.VOID].consumer == TOLD[Verdict.RECALLED].consumer


def test_no_words_for_consumers_name_what_is_on_record() -> None:
    for told in TOLD.values():
        assert not {"{batch}", "{state}", "{at}", "{campaign}"} & set(told.consumer.split())
