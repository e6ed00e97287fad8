"""How often a client may ask and a member may try, and what happens without Redis."""

from typing import Any

from campaigns.models import Redemption
from portal.accounts.models import Client
from portal.api.limits import MEMBER_REFUSALS, MEMBER_TRIES
from portal.api.models import IdempotentRequest
from tests.campaigns.api.conftest import Caller, World


def limited(answer: Any, code: str) -> None:
    assert answer.status_code == 429, answer.content
    assert answer.json()["code"] == code
    assert 1 <= int(answer["Retry-After"]) <= 600


def test_limits_the_requests_of_a_client(world: World, website: Caller) -> None:
    Client.objects.update(requests_per_minute=2)
    website.get("campaigns")
    website.get("campaigns")

    answer = website.get("campaigns")

    limited(answer, "rate-limited")


def test_limits_the_tries_of_a_member(world: World, website: Caller) -> None:
    for number in range(MEMBER_TRIES.most):
        website.redeem(world.code(20 + number))

    answer = website.redeem(world.code(19))

    limited(answer, "member-limit")
    assert website.redeem(world.code(19), "ext:other").status_code == 201


def test_locks_a_member_out_after_refusals(world: World, website: Caller) -> None:
    for number in range(MEMBER_REFUSALS.most):
        assert website.redeem(world.code(1_000_000 + number)).status_code == 404

    answer = website.redeem(world.code(0))

    limited(answer, "locked-out")
    assert website.redeem(world.code(0), "ext:other").status_code == 201


def test_does_not_lock_out_for_typing_errors(world: World, website: Caller) -> None:
    for _number in range(MEMBER_REFUSALS.most):
        assert website.redeem("K7QW").status_code == 422

    answer = website.redeem(world.code(0))

    assert answer.status_code == 201


def test_counts_checks_of_a_member_towards_the_lock_out(world: World, website: Caller) -> None:
    for number in range(MEMBER_REFUSALS.most):
        website.post("codes/check", {"code": world.code(1_000_000 + number), "member": "ext:1"})

    answer = website.redeem(world.code(0))

    limited(answer, "locked-out")


def test_a_limited_request_can_be_repeated_with_its_key(
    world: World, website: Caller, redis_client: Any
) -> None:
    for number in range(MEMBER_REFUSALS.most):
        website.redeem(world.code(1_000_000 + number))
    website.redeem(world.code(0), key="later")
    redis_client.flushdb()

    answer = website.redeem(world.code(0), key="later")

    assert answer.status_code == 201


def test_nothing_passes_without_redis(world: World, website: Caller, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    answer = website.redeem(world.code(0))

    assert answer.status_code == 503
    assert answer.json()["code"] == "overloaded"
    assert answer["Retry-After"] == "5"
    assert not Redemption.objects.exists()
    assert not IdempotentRequest.objects.exists()
