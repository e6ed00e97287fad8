"""Redemption over HTTP: what is given, and what is refused in which words."""

from campaigns.models import LedgerEntry, Member, Redemption
from tests.campaigns.api.conftest import Caller, World


def test_redeems_a_code_for_points(world: World, website: Caller) -> None:
    answer = website.redeem(world.code(0), "ext:123")

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["status"] == "redeemed"
    assert body["campaign"] == "summer"
    assert body["awards"] == [{"type": "points", "base": 10, "multiplier": 1, "total": 10}]
    assert body["balance"] == 10
    assert Redemption.objects.get().public_id == body["id"]
    assert LedgerEntry.objects.get().balance_after == 10
    assert Member.objects.get().balance == 10
