"""What the printer says it received: it agrees and is acknowledged, or it differs and says where."""

import json
from datetime import timedelta

import pytest

from campaigns.jobs import Job
from campaigns.models import Batch, Printer
from campaigns.operations.parties import bucket_of
from campaigns.operations.receipts import acknowledge_batch, read_receipt
from campaigns.queries.batches import batches_awaiting_receipt
from campaigns.rules.states import BatchState
from campaigns.tasks import read_receipts
from portal.accounts.actors import SYSTEM
from portal.accounts.roles import ClientKind
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from tests import makers
from tests.makers import NOW, receipt_for, still

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(press):
    return makers.delivered_batch(printer=press, quantity=150)


def acknowledge(batch, by, **changes):
    return acknowledge_batch(batch, **{**receipt_for(batch), **changes}, by=by, now=NOW)


def names(batch):
    return list(receipt_for(batch)["sha256"])


def test_a_receipt_that_agrees_acknowledges_the_batch(batch, printer):
    acknowledged = acknowledge(batch, printer)

    assert (acknowledged.state, acknowledged.acknowledged_at) == (BatchState.ACKNOWLEDGED, NOW)
    assert acknowledged.differences == []


def test_a_receipt_may_name_files_with_their_folder_and_hashes_in_capitals(batch, printer):
    hashes = {
        f"countersign/{batch.folder}{name}": f" {sha256.upper()}\n"
        for name, sha256 in receipt_for(batch)["sha256"].items()
    }

    assert acknowledge(batch, printer, sha256=hashes).state == BatchState.ACKNOWLEDGED


def test_a_receipt_with_another_count_is_disputed(batch, printer):
    disputed = acknowledge(batch, printer, count=149)

    assert disputed.state == BatchState.DISPUTED
    assert disputed.acknowledged_at is None
    assert disputed.differences == [{"what": "count", "sent": "150", "received": "149"}]


def test_a_receipt_with_another_hash_is_disputed(batch, printer):
    hashes = receipt_for(batch)["sha256"]
    name, other = names(batch)[1], "0" * 64

    disputed = acknowledge(batch, printer, sha256=hashes | {name: other})

    assert disputed.differences == [{"what": name, "sent": hashes[name], "received": other}]


def test_a_receipt_that_lacks_a_file_is_disputed(batch, printer):
    hashes = receipt_for(batch)["sha256"]
    name = names(batch)[0]

    disputed = acknowledge(batch, printer, sha256={other: hashes[other] for other in names(batch)[1:]})

    assert disputed.differences == [{"what": name, "sent": hashes[name], "received": ""}]


def test_a_receipt_with_a_file_too_many_is_disputed(batch, printer):
    hashes = receipt_for(batch)["sha256"]

    disputed = acknowledge(batch, printer, sha256=hashes | {"holiday.jpg": "ab"})

    assert disputed.differences == [{"what": "holiday.jpg", "sent": "", "received": "ab"}]


def test_a_disputed_batch_takes_a_receipt_that_agrees(batch, printer):
    disputed = acknowledge(batch, printer, count=149)

    settled = acknowledge(disputed, printer)

    assert (settled.state, settled.differences) == (BatchState.ACKNOWLEDGED, [])


def test_a_disputed_batch_stays_disputed_by_another_wrong_receipt(batch, printer):
    disputed = acknowledge(batch, printer, count=149)

    again = acknowledge(disputed, printer, count=148)

    assert again.state == BatchState.DISPUTED
    assert again.differences[0]["received"] == "148"


def test_an_acknowledged_batch_takes_no_second_receipt(batch, printer):
    acknowledged = acknowledge(batch, printer)

    with pytest.raises(WrongStateError, match="this one is acknowledged"):
        acknowledge(acknowledged, printer)


def test_a_batch_under_way_takes_no_receipt(press, printer):
    batch = makers.approved_batch(printer=press)

    with pytest.raises(WrongStateError, match="Only a delivered batch"):
        acknowledge_batch(batch, sha256={}, count=50, by=printer, now=NOW)


def test_refuses_a_name_that_the_database_cannot_hold(batch, printer):
    with pytest.raises(InvalidError) as refused:
        acknowledge(batch, printer, sha256={"zero\0.csv": "ab"})

    assert set(refused.value.fields) == {"sha256"}


def test_the_printers_own_key_may_acknowledge(batch, press):
    _client, key = makers.client_with_key(ClientKind.PRINTER, press)

    assert acknowledge(batch, makers.actor_behind(key)).state == BatchState.ACKNOWLEDGED


def test_another_printer_may_not_acknowledge(batch):
    other = makers.make_printer()
    _client, key = makers.client_with_key(ClientKind.PRINTER, other)

    with pytest.raises(ForbiddenError):
        acknowledge(batch, makers.actor_behind(key))


def test_the_marketer_may_not_acknowledge_for_the_printer(batch, marketer):
    with pytest.raises(ForbiddenError):
        acknowledge(batch, marketer)


def test_an_acknowledgement_after_its_time_activates_at_once(
    press, printer, django_capture_on_commit_callbacks, sent
):
    batch = makers.delivered_batch(printer=press)
    Batch.objects.filter(pk=batch.pk).update(activates_at=NOW - timedelta(hours=1))

    with django_capture_on_commit_callbacks(execute=True):
        acknowledge(batch, printer)

    assert sent() == [(Job.ACTIVATE_DUE, {"batch_id": batch.pk})]


# ── Receipts in the bucket ───────────────────────────────────────────────────────────────────────────────


def drop(batch, content: bytes) -> None:
    bucket_of(batch.printer).put(f"{batch.folder}receipt.json", content, "application/json")


def read(batch):
    return read_receipt(makers.fetched(batch), by=SYSTEM, clock=still())


def test_a_receipt_in_the_bucket_acknowledges_the_batch(batch):
    drop(batch, json.dumps(receipt_for(batch)).encode())

    assert read(batch).state == BatchState.ACKNOWLEDGED


def test_without_a_receipt_in_the_bucket_nothing_happens(batch):
    assert read(batch) is None
    assert makers.fetched(batch).state == BatchState.DELIVERED


def test_a_receipt_in_the_bucket_that_differs_disputes_the_batch_once(batch):
    drop(batch, json.dumps({**receipt_for(batch), "count": 1}).encode())

    first, second = read(batch), read(batch)

    assert (first.state, second) == (BatchState.DISPUTED, None)
    assert Entry.objects.filter(act="batch.disputed").count() == 1


def test_a_corrected_receipt_in_the_bucket_settles_the_dispute(batch):
    drop(batch, json.dumps({**receipt_for(batch), "count": 1}).encode())
    read(batch)
    drop(batch, json.dumps(receipt_for(batch)).encode())

    assert list(batches_awaiting_receipt()) == [batch]
    assert read(batch).state == BatchState.ACKNOWLEDGED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"thanks, all received!",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"sha256": {}, "count": "150"}',
        b'{"sha256": {}, "count": 1.5}',
        b'{"sha256": {"a": 1}, "count": 150}',
        b'{"sha256": {"zero\\u0000": "ab"}, "count": 150}',
        b"[" * 100_000,
    ],
)
def test_garbage_in_place_of_a_receipt_is_named_and_changes_no_state(batch, content):
    drop(batch, content)

    read(batch)

    refused = makers.fetched(batch)
    assert refused.state == BatchState.DELIVERED
    assert "is not of the form" in refused.problem


def test_a_receipt_of_three_megabytes_is_not_read(batch):
    drop(batch, b" " * 3_000_000)

    read(batch)

    assert "larger than" in makers.fetched(batch).problem


def test_the_same_garbage_is_written_down_once(batch):
    drop(batch, b"nonsense")

    read(batch)
    read(batch)

    assert Entry.objects.filter(act="receipt.refused").count() == 1


def test_an_honest_receipt_clears_what_was_said_of_the_garbage(batch):
    drop(batch, b"nonsense")
    read(batch)
    drop(batch, json.dumps(receipt_for(batch)).encode())

    settled = read(batch)

    assert (settled.state, settled.problem) == (BatchState.ACKNOWLEDGED, "")


def test_the_round_of_receipts_goes_past_a_store_that_does_not_answer(batch):
    gone = makers.make_printer()
    for _ in range(3):
        makers.delivered_batch(batch.campaign, printer=gone)
    Printer.objects.filter(pk=gone.pk).update(endpoint_url="http://127.0.0.1:9")
    agreeing = makers.delivered_batch(batch.campaign, printer=batch.printer)
    drop(agreeing, json.dumps(receipt_for(agreeing)).encode())

    read_receipts()

    assert makers.fetched(agreeing).state == BatchState.ACKNOWLEDGED
