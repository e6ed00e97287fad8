"""What comes alone is counted as files are: in memory at first, in one row a day, and never a value."""

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction

from fraud.models import Institution, MappingDrift
from fraud.operations.mappings.drafting import create_mapping, save_mapping_draft
from fraud.operations.mappings.publishing import ask_to_publish_mapping
from fraud.queries.mappings import live_mapping
from fraud.rules.translation import Direction
from fraud.screening import drifting
from fraud.screening.drifting import count_alone
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request
from tests import makers
from tests.fraud.api.test_applications import Caller
from tests.fraud.rules.translation.sample import ROW, document
from tests.makers_fraud import NOW, make_institution

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drifting, "_tallies", {})


@pytest.fixture
def bank() -> Institution:
    """A bank whose systems send single records of its own, as JSON."""
    bank = make_institution()
    lead = makers.an_actor("Lea Lead", Role.LEAD, bank)
    other = makers.an_actor("Sami Second", Role.LEAD, bank)
    mapping = create_mapping(bank, name="cards", direction=Direction.INBOUND, by=lead, now=NOW)
    version = save_mapping_draft(mapping, document(layout={"kind": "json"}), by=lead, now=NOW)
    ask_to_publish_mapping(version, by=lead, now=NOW)
    approve_request(Approval.objects.get(subject_id=version.public_id), by=other, now=NOW)
    return bank


def send(caller: Caller, number: int, **changes: Any) -> Any:
    return caller.send(ROW | {"No": f"A-{number}"} | changes, query="?layout=cards")


def seen() -> dict[str, Any]:
    found: dict[str, Any] = MappingDrift.objects.get().seen
    return found


def test_what_comes_alone_is_counted_without_its_values(
    bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drifting, "MOST_RECORDS", 3)
    caller = Caller(bank)

    answers = [
        send(caller, 1),
        send(caller, 2, Neu="TREMBLAY", Courriel=""),
        send(caller, 3, Produit="ZZ", **{"g.tremblay@example.com": "x"}),
    ]

    found = seen()
    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert (found["records"], found["faulty"], found["empty"]["Courriel"]) == (3, 1, 1)
    assert (found["unknown"], found["outside"]) == ({"Neu": 1, f"#{len(ROW) + 1}": 1}, {"Produit": 1})
    assert not {"TREMBLAY", "g.tremblay@example.com", "Geneviève"} & set(str(found).split("'"))


def test_nothing_is_written_before_there_is_enough(bank: Institution) -> None:
    caller = Caller(bank)

    send(caller, 1)

    assert not MappingDrift.objects.exists()


def test_a_few_are_handed_over_after_a_while(bank: Institution, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller(bank)
    send(caller, 1)
    monkeypatch.setattr(drifting, "LONGEST_WAIT", 0.0)
    next(iter(drifting._tallies.values())).begin()

    send(caller, 2)

    assert seen()["records"] == 2


def test_canonical_json_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drifting, "MOST_RECORDS", 1)
    live = live_mapping(make_institution())

    count_alone(live, {"reference": "A-1"}, (), now=NOW)

    assert not MappingDrift.objects.exists()


def test_what_is_no_record_is_not_counted(bank: Institution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drifting, "MOST_RECORDS", 1)

    count_alone(live_mapping(bank, "cards"), [1, 2], (), now=NOW)

    assert not MappingDrift.objects.exists()


def test_nobody_waits_while_another_adds_to_the_same_day(
    bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drifting, "MOST_RECORDS", 2)
    live = live_mapping(bank, "cards")
    for _each in range(2):
        count_alone(live, ROW, (), now=NOW)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            MappingDrift.objects.select_for_update().get()
            held.set()
            let_go.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    begun = time.monotonic()
    for _each in range(3):
        count_alone(live, ROW, (), now=NOW)
    waited = time.monotonic() - begun
    let_go.set()
    holder.join()
    count_alone(live, ROW, (), now=NOW)

    assert waited < 1
    assert seen()["records"] == 6


def test_two_threads_lose_no_record(bank: Institution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drifting, "MOST_RECORDS", 10)
    live = live_mapping(bank, "cards")

    def count() -> None:
        for _each in range(100):
            count_alone(live, ROW, (), now=NOW)
        connection.close()

    threads = [threading.Thread(target=count) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    left = sum(tally.watch.seen.records for tally in drifting._tallies.values())
    assert seen()["records"] + left == 200
