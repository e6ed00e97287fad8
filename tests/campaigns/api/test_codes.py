"""Checking a code over HTTP: what each kind of client learns from the same code."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import NumericRange

from campaigns.models import Campaign, Redemption, VoidRange
from campaigns.rules.states import BatchState
from portal.accounts.roles import ClientKind
from tests.campaigns.api.conftest import NOW, Caller, World, in_state, make_campaign


def test_says_that_a_code_is_redeemable_and_spends_nothing(world: World, website: Caller) -> None:
    answer = website.post("codes/check", {"code": world.code(0)})

    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "redeemable"
    assert answer.json()["campaign"] == "summer"
    assert not Redemption.objects.exists()


def test_says_whose_a_spent_code_is_only_as_yours_or_not(world: World, website: Caller) -> None:
    website.redeem(world.code(0), "ext:1")

    mine = website.post("codes/check", {"code": world.code(0), "member": "ext:1"}).json()
    another = website.post("codes/check", {"code": world.code(0), "member": "ext:2"}).json()

    assert mine["status"] == "yours"
    assert another["status"] == "redeemed"
    assert another["at"] is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("void", "void"),
        ("recalled", "void"),
        ("dormant", "not-active"),
        ("paused", "not-active"),
        ("ended", "expired"),
        ("undelivered", "unknown"),
    ],
)
def test_tells_a_website_the_status_and_no_batch(
    world: World, website: Caller, change: str, status: str
) -> None:
    alter(world, change)

    told = website.post("codes/check", {"code": world.code(0), "campaign": "summer"}).json()

    assert told["status"] == status
    assert (told["batch"], told["batch_state"], told["at"]) == ("", "", None)
    assert world.batch.public_id not in told["detail"]


@pytest.mark.parametrize(
    ("change", "status"),
    [("void", "void"), ("recalled", "void"), ("dormant", "not-active"), ("undelivered", "unknown")],
)
def test_tells_a_support_desk_the_batch_as_well(world: World, desk: Caller, change: str, status: str) -> None:
    alter(world, change)

    told = desk.post("codes/check", {"code": world.code(0), "campaign": "summer"}).json()

    assert told["status"] == status
    assert told["batch"] == world.batch.public_id
    assert world.batch.public_id in told["detail"]


def alter(world: World, change: str) -> None:
    if change == "void":
        VoidRange.objects.create(
            batch=world.batch, serials=NumericRange(0, 1), reason="stolen", voided_at=NOW
        )
    elif change == "paused":
        Campaign.objects.update(paused_at=NOW)
    elif change == "ended":
        Campaign.objects.update(closes_at=NOW - timedelta(minutes=1))
    else:
        states = {
            "recalled": BatchState.RECALLED,
            "dormant": BatchState.DELIVERED,
            "undelivered": BatchState.DELIVERING,
        }
        in_state(world.batch, states[change])


def test_tells_a_support_desk_when_a_code_was_spent(world: World, website: Caller, desk: Caller) -> None:
    website.redeem(world.code(0), "ext:someone")

    told = desk.post("codes/check", {"code": world.code(0)})

    assert told.json()["status"] == "redeemed"
    assert told.json()["at"] is not None
    assert "someone" not in told.content.decode()


def test_names_a_test_code_to_a_support_desk_alone(world: World, website: Caller, desk: Caller) -> None:
    code = world.code(world.campaign.format.space - 1)

    to_website = website.post("codes/check", {"code": code}).json()
    to_desk = desk.post("codes/check", {"code": code}).json()

    assert to_website["status"] == to_desk["status"] == "unknown"
    assert "test" not in to_website["detail"].lower()
    assert "test code" in to_desk["detail"].lower()


def test_a_test_code_of_one_campaign_is_no_alarm_in_another(world: World, desk: Caller) -> None:
    make_campaign(world.market, world.brand, "winter")
    code = world.code(world.campaign.format.space - 1)

    told = desk.post("codes/check", {"code": code}).json()

    assert "test code" in told["detail"].lower()


def test_answers_for_what_is_no_code(world: World, website: Caller) -> None:
    answer = website.post("codes/check", {"code": "B" * 10_000})

    assert answer.status_code == 200
    assert answer.json()["status"] == "malformed"


def test_a_printer_may_not_check_codes(world: World) -> None:
    answer = world.client(ClientKind.PRINTER).post("codes/check", {"code": world.code(0)})

    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"
