"""One request, one effect: what a repeated POST gets."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from campaigns.models import Redemption
from portal.accounts.roles import ClientKind
from portal.api.idempotency import KEPT, claim, forget_answers
from portal.api.models import IdempotentRequest
from tests.campaigns.api.conftest import Caller, World, make_client


def test_repeats_the_stored_answer(world: World, website: Caller) -> None:
    first = website.redeem(world.code(0), key="once")

    again = website.redeem(world.code(0), key="once")

    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Redemption.objects.count() == 1


def test_repeats_a_stored_refusal(world: World, website: Caller) -> None:
    first = website.redeem(world.code(1_000_000), key="once")

    again = website.redeem(world.code(1_000_000), key="once")

    assert (again.status_code, again.content) == (404, first.content)
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotent-Replayed"] == "true"


def test_takes_a_body_in_another_order_for_the_same(world: World, website: Caller) -> None:
    code = world.code(0)
    website.http.post(
        "/api/v1/redemptions",
        f'{{"code": "{code}", "member": "m"}}',
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY="once",
    )

    again = website.http.post(
        "/api/v1/redemptions",
        f'{{ "member":"m","code":"{code}"}}',
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY="once",
    )

    assert again.status_code == 201
    assert again["Idempotent-Replayed"] == "true"


def test_refuses_a_key_for_another_request(world: World, website: Caller) -> None:
    website.redeem(world.code(0), key="once")

    answer = website.redeem(world.code(1), key="once")

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency-mismatch"
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
def test_refuses_a_request_without_a_key(world: World, website: Caller, key: str) -> None:
    answer = website.http.post(
        "/api/v1/redemptions", {"code": world.code(0), "member": "m"}, format="json", HTTP_IDEMPOTENCY_KEY=key
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency-key-missing"


def test_keys_of_two_clients_do_not_meet(world: World, website: Caller) -> None:
    other = make_client(world.planner, ClientKind.WEBSITE, [world.market, world.brand], "Another")
    website.redeem(world.code(0), key="once")

    answer = other.redeem(world.code(1), key="once")

    assert answer.status_code == 201


def test_two_requests_with_one_key_at_once_have_one_effect(world: World, website: Caller) -> None:
    def redeem(_number: int) -> Any:
        try:
            return website.redeem(world.code(0), key="once")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(redeem, range(8)))

    codes = {answer.json().get("code", "redeemed") for answer in answers}
    assert codes <= {"redeemed", "idempotency-in-progress"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert Redemption.objects.count() == 1


def test_refuses_a_repetition_while_the_first_is_worked_on(world: World, website: Caller) -> None:
    website.redeem(world.code(0), key="once")
    IdempotentRequest.objects.update(status=None, body=None)

    answer = website.redeem(world.code(0), key="once")

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency-in-progress"


def test_forgets_answers_after_their_time(world: World, website: Caller) -> None:
    website.redeem(world.code(0), key="old")
    website.redeem(world.code(1), key="new")
    IdempotentRequest.objects.filter(key="old").update(
        created_at=datetime.now(UTC) - KEPT - timedelta(minutes=1)
    )

    removed = forget_answers(now=datetime.now(UTC))

    assert removed == 1
    assert IdempotentRequest.objects.get().key == "new"


def test_a_process_taken_for_dead_cannot_overwrite_the_answer_of_its_successor(
    world: World, website: Caller
) -> None:
    from portal.api.idempotency import Slot, Stored, keep_answer

    now = datetime.now(UTC)
    dead = claim(website.client.pk, "key", b"1" * 32, now=now)
    successor = claim(website.client.pk, "key", b"1" * 32, now=now + timedelta(minutes=1))
    assert isinstance(dead, Slot)
    assert isinstance(successor, Slot)
    keep_answer(successor, Stored(201, b"{}"))

    keep_answer(dead, Stored(500, b"late"))

    assert bytes(IdempotentRequest.objects.get().body or b"") == b"{}"
