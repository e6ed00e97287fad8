"""Batches over HTTP: order, second signature, receipt, activation, recall, voiding; and who sees what."""

from typing import Any

import pytest

from campaigns.models import Batch, VoidRange
from campaigns.rules.states import BatchState
from portal.accounts.roles import ClientKind
from tests.campaigns.api.conftest import (
    Caller,
    World,
    in_state,
    make_brand,
    make_campaign,
    make_client,
    make_delivered,
    make_market,
    make_printer,
)


@pytest.fixture
def orders(world: World) -> Caller:
    """A client issued by the planner."""
    return world.client(ClientKind.AUTOMATION)


@pytest.fixture
def signs(world: World) -> Caller:
    """A client issued by the approver."""
    return make_client(world.approver, ClientKind.AUTOMATION, [world.market, world.brand], "Signs")


@pytest.fixture
def press(world: World) -> Caller:
    return world.client(ClientKind.PRINTER)


def order(world: World, **changes: Any) -> dict[str, Any]:
    printer, campaign = world.printer.public_id, world.campaign.public_id
    return {"campaign": campaign, "printer": printer, "quantity": 1000, "lot": "L1", **changes}


def receipt(batch: Batch, **changes: Any) -> dict[str, Any]:
    hashes = {f"{batch.public_id}-{file.number:04d}.csv.age": file.sha256 for file in batch.files.all()}
    return {"sha256": hashes, "count": batch.quantity, **changes}


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.json()["code"] == code
    body: dict[str, Any] = answer.json()
    return body


def test_plans_a_batch(world: World, orders: Caller) -> None:
    answer = orders.post("batches", order(world))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["state"] == "planned"
    assert body["quantity"] == 1000
    assert body["progress"]["files"] == 2
    assert [file["rows"] for file in body["files"]] == [600, 400]
    assert answer["Location"] == f"/api/v1/batches/{body['id']}"


@pytest.mark.parametrize("quantity", [0, -1, 10**18, 10**30, "many", None, 1.5, "1000", "10.000", True])
def test_refuses_a_quantity_that_cannot_be(world: World, orders: Caller, quantity: Any) -> None:
    answer = orders.post("batches", order(world, quantity=quantity))

    assert refused(answer, 422, "invalid")["errors"][0]["field"] == "quantity"


def test_refuses_a_time_without_its_zone(world: World, orders: Caller) -> None:
    answer = orders.post("batches", order(world, activates_at="2027-01-01T06:00:00"))

    assert refused(answer, 422, "invalid")["errors"][0]["field"] == "activates_at"


def test_refuses_more_codes_than_the_odds_allow(world: World, orders: Caller) -> None:
    small = make_campaign(
        world.market, world.brand, "small", alphabet="0123456789", length=9, grouping=(), expected_codes=50
    )

    answer = orders.post("batches", order(world, campaign=small.public_id, quantity=50_000))

    refused(answer, 422, "guess-odds")


@pytest.mark.parametrize("field", ["campaign", "printer"])
def test_refuses_an_order_for_what_it_cannot_see(world: World, orders: Caller, field: str) -> None:
    foreign = {
        "campaign": make_campaign(make_market("mx"), make_brand("b"), "x").public_id,
        "printer": "prn_no",
    }

    answer = orders.post("batches", order(world, **{field: foreign[field]}))

    assert refused(answer, 422, "invalid")["errors"][0]["field"] == field


def test_a_website_key_without_that_scope_plans_nothing(world: World, desk: Caller) -> None:
    answer = desk.post("batches", order(world))

    assert answer.status_code in (403, 422)
    assert Batch.objects.count() == 1


def test_shows_a_batch_with_its_files(world: World, orders: Caller) -> None:
    answer = orders.get(f"batches/{world.batch.public_id}")

    assert answer.status_code == 200
    body = answer.json()
    assert body["state"] == "active"
    assert body["progress"]["files_done"] == 2
    assert body["files"][0]["name"].endswith("-0001.csv.age")


def test_answers_alike_for_a_foreign_batch_and_for_none(world: World) -> None:
    stranger = make_client(world.planner, ClientKind.AUTOMATION, [make_market("mx"), world.brand], "Stranger")

    foreign = refused(stranger.get(f"batches/{world.batch.public_id}"), 404, "not-found")
    missing = refused(stranger.get("batches/bat_nothing"), 404, "not-found")

    assert foreign | {"request_id": ""} == missing | {"request_id": ""}
    assert stranger.get("batches").json() == {"items": [], "next": None}


def test_a_printer_sees_its_own_batches_alone(world: World, press: Caller) -> None:
    make_delivered(world.campaign, make_printer("Another press"), world.planner, world.approver)

    items = press.get("batches").json()["items"]

    assert [item["id"] for item in items] == [world.batch.public_id]


def test_lists_batches_page_by_page(world: World, orders: Caller) -> None:
    for number in range(4):
        orders.post("batches", order(world, lot=f"L{number}"))

    first = orders.get("batches?limit=2").json()
    second = orders.get(f"batches?limit=2&cursor={first['next']}").json()
    third = orders.get(f"batches?limit=2&cursor={second['next']}").json()

    lots = [item["lot"] for page in (first, second, third) for item in page["items"]]
    assert lots == ["L3", "L2", "L1", "L0", ""]
    assert third["next"] is None


def test_a_list_of_batches_takes_the_same_queries_for_one_and_for_many(
    world: World, orders: Caller, django_assert_num_queries: Any
) -> None:
    for _number in range(3):
        orders.post("batches", order(world))

    # Key, its organizations, its limit; the page.
    with django_assert_num_queries(4):
        orders.get("batches")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=٣", "cursor=bat_nothing"])
def test_refuses_a_page_that_cannot_be(world: World, orders: Caller, query: str) -> None:
    answer = orders.get(f"batches?{query}")

    refused(answer, 422, "invalid")


def test_a_second_person_approves(world: World, orders: Caller, signs: Caller) -> None:
    planned = orders.post("batches", order(world)).json()

    answer = signs.post(f"batches/{planned['id']}/approve", {})

    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "approved"


def test_the_planner_cannot_approve_under_another_key(world: World, orders: Caller) -> None:
    planned = orders.post("batches", order(world)).json()
    another = make_client(world.planner, ClientKind.WEBSITE, [world.market, world.brand], "Same person")

    answer = another.post(f"batches/{planned['id']}/approve", {})

    refused(answer, 403, "four-eyes")


def test_approves_no_batch_twice(world: World, orders: Caller, signs: Caller) -> None:
    planned = orders.post("batches", order(world)).json()
    signs.post(f"batches/{planned['id']}/approve", {})

    answer = signs.post(f"batches/{planned['id']}/approve", {})

    refused(answer, 409, "wrong-state")


def test_a_printer_acknowledges(world: World, press: Caller) -> None:
    batch = in_state(world.batch, BatchState.DELIVERED)

    answer = press.post(f"batches/{batch.public_id}/acknowledge", receipt(batch))

    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "acknowledged"
    assert answer.json()["differences"] == []


def test_a_receipt_with_another_count_is_a_dispute(world: World, press: Caller) -> None:
    batch = in_state(world.batch, BatchState.DELIVERED)

    answer = press.post(f"batches/{batch.public_id}/acknowledge", receipt(batch, count=batch.quantity - 1))

    assert answer.json()["state"] == "disputed"
    assert answer.json()["differences"] == [{"what": "count", "sent": "1200", "received": "1199"}]


@pytest.mark.parametrize(
    "changes", [{"count": -1}, {"count": "x"}, {"sha256": []}, {"sha256": {"a": 1.5e400}}]
)
def test_refuses_a_receipt_that_makes_no_sense(world: World, press: Caller, changes: dict[str, Any]) -> None:
    batch = in_state(world.batch, BatchState.DELIVERED)
    body = receipt(batch, **changes)
    if "sha256" in changes and isinstance(changes["sha256"], dict):
        body["sha256"] = {"a": None}

    answer = press.post(f"batches/{batch.public_id}/acknowledge", body)

    refused(answer, 422, "invalid")


def test_a_receipt_for_a_thousand_files_is_read(world: World, press: Caller) -> None:
    batch = in_state(world.batch, BatchState.DELIVERED)
    hashes = {f"{batch.public_id}-{number:04d}.csv.age": "0" * 64 for number in range(1000)}

    answer = press.post(f"batches/{batch.public_id}/acknowledge", {"sha256": hashes, "count": 1200})

    assert answer.json()["state"] == "disputed"


def test_activates_an_acknowledged_batch(world: World, orders: Caller) -> None:
    in_state(world.batch, BatchState.ACKNOWLEDGED)

    answer = orders.post(f"batches/{world.batch.public_id}/activate", {})

    assert answer.json()["state"] == "active"


def test_activates_no_batch_before_its_receipt(world: World, orders: Caller) -> None:
    in_state(world.batch, BatchState.DELIVERED)

    answer = orders.post(f"batches/{world.batch.public_id}/activate", {})

    refused(answer, 409, "wrong-state")


def test_a_printer_may_not_activate(world: World, press: Caller) -> None:
    in_state(world.batch, BatchState.ACKNOWLEDGED)

    answer = press.post(f"batches/{world.batch.public_id}/activate", {})

    refused(answer, 403, "forbidden")


def test_recalls_a_batch_and_its_codes_with_it(world: World, orders: Caller, website: Caller) -> None:
    answer = orders.post(f"batches/{world.batch.public_id}/recall", {"reason": "Wrong caps"})

    assert answer.json()["state"] == "recalled"
    assert answer.json()["end_reason"] == "Wrong caps"
    refused(website.redeem(world.code(0)), 410, "code-void")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}])
def test_recalls_nothing_without_a_reason(world: World, orders: Caller, body: dict[str, str]) -> None:
    answer = orders.post(f"batches/{world.batch.public_id}/recall", body)

    assert refused(answer, 422, "invalid")["errors"][0]["field"] == "reason"


def test_voids_a_run_of_serials(world: World, orders: Caller, website: Caller) -> None:
    body = {"first_serial": 10, "last_serial": 19, "reason": "A reel was stolen"}

    answer = orders.post(f"batches/{world.batch.public_id}/void", body)

    assert answer.status_code == 200, answer.content
    refused(website.redeem(world.code(19)), 410, "code-void")
    assert website.redeem(world.code(20)).status_code == 201


def test_voids_codes_that_were_given_back(world: World, orders: Caller, website: Caller) -> None:
    body = {"codes": [world.code(30), world.code(31).lower()], "reason": "Given back"}

    answer = orders.post(f"batches/{world.batch.public_id}/void", body)

    assert answer.status_code == 200, answer.content
    refused(website.redeem(world.code(31)), 410, "code-void")
    assert VoidRange.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "r"},
        {"first_serial": 1, "reason": "r"},
        {"first_serial": 1, "last_serial": 2, "codes": [], "reason": "r"},
        {"first_serial": 2, "last_serial": 1, "reason": "r"},
        {"first_serial": 0, "last_serial": 10**9, "reason": "r"},
        {"codes": ["K7QW"], "reason": "r"},
        {"codes": [], "reason": "r"},
    ],
)
def test_refuses_a_void_that_makes_no_sense(world: World, orders: Caller, body: dict[str, Any]) -> None:
    answer = orders.post(f"batches/{world.batch.public_id}/void", body)

    refused(answer, 422, "invalid")
    assert not VoidRange.objects.exists()


def test_refuses_a_void_range_that_overlaps(world: World, orders: Caller) -> None:
    path = f"batches/{world.batch.public_id}/void"
    orders.post(path, {"first_serial": 10, "last_serial": 19, "reason": "r"})

    answer = orders.post(path, {"first_serial": 19, "last_serial": 25, "reason": "r"})

    refused(answer, 409, "already-void")


def test_lists_the_campaigns_of_a_client(world: World, orders: Caller) -> None:
    make_campaign(make_market("mx"), make_brand("b"), "foreign")

    items = orders.get("campaigns").json()["items"]

    assert [(item["slug"], item["phase"]) for item in items] == [("summer", "live")]
