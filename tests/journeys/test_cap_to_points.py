"""From an order of codes to points on a member's account, through doors only, with a real worker behind."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pyrage
import pytest
from celery.contrib.testing.worker import start_worker
from rest_framework.test import APIClient

from campaigns.models import Batch, Campaign, LedgerEntry, Printer
from portal.accounts.roles import ClientKind, Role
from portal.celery import app
from portal.core import clock
from portal.core.storage import Bucket
from tests import makers
from tests.cast import signed_in, with_key

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

QUANTITY = 250


@pytest.fixture
def campaign() -> Campaign:
    """A campaign that is open today: doors look at the real clock."""
    today = clock.now().replace(tzinfo=None, second=0, microsecond=0)
    span = {"opens": today - timedelta(days=30), "closes": today + timedelta(days=60)}
    return makers.make_campaign(slug="summer", **span)


@pytest.fixture
def press() -> Printer:
    return makers.make_printer()


@pytest.fixture
def worker() -> Iterator[None]:
    with start_worker(app, pool="solo", queues=["campaigns"], perform_ping_check=False):
        yield


def post(client: APIClient, path: str, body: dict[str, Any] | None = None) -> Any:
    key = uuid.uuid4().hex
    return client.post(f"/api/v1/{path}", body or {}, format="json", headers={"idempotency-key": key})


def wait_for(state: str, look: Callable[[], str], patience: float = 30.0) -> None:
    until = time.monotonic() + patience
    while (now := look()) != state:
        assert time.monotonic() < until, f"it is {now} and never became {state}"
        time.sleep(0.05)


def read_as_printer(press: Printer, batch_id: str) -> tuple[dict[str, Any], list[str]]:
    """Read the bucket with nothing but the printer's own key: the manifest, and every code."""
    bucket = Bucket(press.bucket, "countersign")
    manifest = json.loads(bucket.get(f"{batch_id}/manifest.json", 1_000_000) or b"")
    codes: list[str] = []
    for file in manifest["files"]:
        sealed = bucket.get(f"{batch_id}/{file['name']}", 1_000_000)
        text = pyrage.decrypt(sealed, [makers.IDENTITY]).decode()
        codes += [row.split(",")[0] for row in text.splitlines()[1:]]
    return manifest, codes


def test_from_order_to_points_by_api(campaign: Campaign, press: Printer, worker: None) -> None:
    places = campaign.market, campaign.brand
    olga = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    oscar = makers.an_actor("Oscar Operator", Role.OPERATOR, makers.make_house())
    planner, approver = (
        with_key(makers.client_with_key(ClientKind.AUTOMATION, *places, issuer=issuer)[1])
        for issuer in (olga, oscar)
    )
    printer = with_key(makers.client_with_key(ClientKind.PRINTER, press, issuer=olga)[1])
    website = with_key(makers.client_with_key(ClientKind.WEBSITE, *places, issuer=olga)[1])

    order = {"campaign": campaign.public_id, "printer": press.public_id, "quantity": QUANTITY}
    planned = post(planner, "batches", order)
    assert (planned.status_code, planned.json()["state"]) == (201, "planned")
    here = f"batches/{planned.json()['id']}"
    assert post(planner, f"{here}/approve").json()["code"] == "four-eyes"
    assert post(approver, f"{here}/approve").json()["state"] == "approved"
    wait_for("delivered", lambda: planner.get(f"/api/v1/{here}").json()["state"])

    manifest, codes = read_as_printer(press, planned.json()["id"])
    assert len(set(codes)) == manifest["quantity"] == QUANTITY
    purchase = {"code": codes[0].lower(), "member": "ext:123", "campaign": "summer"}
    assert post(website, "redemptions", purchase).json()["code"] == "code-not-active"
    receipt = {"sha256": {f["name"]: f["sha256"] for f in manifest["files"]}, "count": QUANTITY}
    assert post(printer, f"{here}/acknowledge", receipt).json()["state"] == "acknowledged"
    assert post(planner, f"{here}/activate").json()["state"] == "active"

    redeemed = post(website, "redemptions", purchase)
    assert redeemed.status_code == 201
    assert redeemed.json()["awards"] == [{"type": "points", "base": 10, "multiplier": 1, "total": 10}]
    assert redeemed.json()["balance"] == 10
    again = post(website, "redemptions", purchase)
    assert (again.status_code, again.json()["code"]) == (409, "code-already-yours")
    other = post(website, "redemptions", {**purchase, "member": "ext:456"})
    assert (other.status_code, other.json()["code"]) == (409, "code-already-redeemed")
    assert LedgerEntry.objects.count() == 1

    assert post(planner, f"{here}/recall", {"reason": "stolen"}).json()["state"] == "recalled"
    late = post(website, "redemptions", {**purchase, "code": codes[1]})
    assert (late.status_code, late.json()["code"]) == (410, "code-void")


def test_from_order_to_active_batch_by_pages(campaign: Campaign, press: Printer, worker: None) -> None:
    marketer, approver, printer = (
        signed_in(actor)
        for actor in (
            makers.a_marketer(campaign.market),
            makers.an_approver(campaign.market),
            makers.a_press_operator(press),
        )
    )

    order = {"campaign": campaign.public_id, "printer": press.public_id, "quantity": "250", "lot": "L-7"}
    planned = marketer.post("/batches/new/", order)
    assert planned.status_code == 302, planned.content.decode()
    here = planned.headers["Location"]
    batch = Batch.objects.get()
    assert marketer.post(f"{here}approve/").status_code == 403
    assert approver.get(f"{here}approve/").status_code == 200
    assert approver.post(f"{here}approve/").status_code == 302
    wait_for("delivered", lambda: str(makers.fetched(batch).state))

    manifest, _codes = read_as_printer(press, batch.public_id)
    assert marketer.get(f"{here}manifest/").content == makers.fetched(batch).manifest.encode()
    lines = "\n".join(f"{file['sha256']}  {file['name']}" for file in manifest["files"])
    wrong = printer.post(f"{here}acknowledge/", {"count": "249", "hashes": lines})
    assert wrong.status_code == 302
    assert "249" in printer.get(here).content.decode()
    assert makers.fetched(batch).state == "disputed"
    printer.post(f"{here}acknowledge/", {"count": "250", "hashes": lines})
    marketer.post(f"{here}activate/")

    assert makers.fetched(batch).state == "active"
    assert marketer.get(here).status_code == 200


def test_an_outsider_finds_nothing_of_it(campaign: Campaign, press: Printer) -> None:
    batch = makers.planned_batch(campaign, printer=press)
    canada = makers.make_market("ca")
    stranger = signed_in(makers.an_actor("Otto Outsider", Role.APPROVER, canada))
    key = makers.client_with_key(ClientKind.AUTOMATION, canada, campaign.brand)[1]

    assert stranger.get(f"/batches/{batch.public_id}/").status_code == 404
    assert stranger.post(f"/batches/{batch.public_id}/approve/").status_code == 404
    refused = post(with_key(key), f"batches/{batch.public_id}/approve")
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert makers.fetched(batch).state == "planned"
