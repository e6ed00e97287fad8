"""Feeding case systems: each application leaves once under a mapping, as a signed webhook or in a signed file."""

import csv
import io
import json
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pyrage
import pytest
from django.conf import settings as conf

from fraud.jobs import Job
from fraud.models import Application, CaseFile, Institution, WebhookDelivery
from fraud.operations.case_files import claim_case_file
from fraud.operations.feeds import end_feed, pause_feed, resume_feed
from fraud.operations.screenings import NewScreening, store_screenings
from fraud.operations.submissions.objects import submission_bucket
from fraud.operations.webhooks import claim_delivery, send_again
from fraud.retention import forget
from fraud.rules.decisions import Decision, Outcome, ScreeningKind
from fraud.rules.webhooks import DeliveryState
from fraud.screening import case_files, webhooks
from fraud.screening.case_files import write_case_files
from fraud.screening.intake import Incoming, take
from fraud.screening.webhooks import send_webhooks
from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.signing import signer
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import verify
from tests import makers
from tests.fraud.screening.listening import Listener
from tests.gate import Gate
from tests.makers_fraud import NOW, canonical, make_case_mapping, make_feed, make_institution, party
from tests.processes import ROOT, on_these_engines

pytestmark = pytest.mark.django_db(transaction=True)
IDENTITY = pyrage.x25519.Identity.generate()
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def bank() -> Institution:
    return make_institution()


@pytest.fixture(autouse=True)
def _bucket() -> None:
    bucket = submission_bucket()
    bucket.create()
    for listed in bucket.list(f"{conf.SUBMISSIONS_DROP_PREFIX}/"):
        bucket.delete(listed.key)


def screened(
    bank: Institution, reference: str, outcome: Outcome = Outcome.REFER, **facts: Any
) -> Application:
    """An application that screening has spoken of."""
    (taken,) = take(bank, [Incoming(canonical(reference, **facts))], arrived_at=NOW, by=SYSTEM, now=NOW)
    said(bank, taken.id, outcome)
    return Application.objects.get(pk=taken.id)


def said(
    bank: Institution,
    application_id: int,
    outcome: Outcome,
    kind: ScreeningKind = ScreeningKind.FIRST,
    score: int = 700,
) -> None:
    decision = Decision(outcome=outcome, score=score, reasons=("shared-fraud-information",), explanation=[])
    store_screenings(bank, [NewScreening(application_id, decision)], kind=kind, by=SYSTEM, now=NOW)


def sent(now: Any = NOW) -> int:
    return send_webhooks(by=SYSTEM, clock=makers.still(now))


def written(now: Any = NOW) -> int:
    return write_case_files(by=SYSTEM, clock=makers.still(now))


def bodies(listener: Listener) -> list[dict[str, Any]]:
    return [json.loads(body) for _headers, body in listener.came]


def folder(bank: Institution) -> dict[str, bytes]:
    """What lies in the institution's folder of case files, by the ending of its name."""
    prefix = f"{conf.SUBMISSIONS_DROP_PREFIX}/{bank.code}/cases/"
    found = {}
    for listed in submission_bucket().list(prefix):
        content = submission_bucket().get(listed.key, 1 << 20)
        assert content is not None
        found[listed.key.removeprefix(prefix).partition(".")[2]] = content
    return found


def opened(content: bytes) -> bytes:
    return bytes(pyrage.decrypt(content, [IDENTITY]))


def test_what_is_referred_leaves_as_the_mapping_writes_it(bank: Institution, listener: Listener) -> None:
    make_feed(make_case_mapping(bank), url=listener.url, outcomes=["refer"])
    application = screened(bank, "A-1")
    screened(bank, "A-2", Outcome.CLEAR)

    arrived = sent()

    (told,) = bodies(listener)
    assert (arrived, told["type"]) == (1, "case.new")
    assert told["record"] == {
        "ref": "A-1",
        "surname": "TREMBLAY",
        "born": "09/04/1988",
        "dollars": "5000.00",
    }
    assert (told["application"]["id"], told["application"]["score"]) == (application.public_id, 700)
    assert "Countersign-Delivery" in listener.came[0][0]
    assert "Signature" in listener.came[0][0]


def test_every_outcome_that_was_chosen_leaves(bank: Institution, listener: Listener) -> None:
    make_feed(make_case_mapping(bank), url=listener.url, outcomes=["clear", "refer"])

    for reference, outcome in (("A-1", Outcome.CLEAR), ("A-2", Outcome.REVIEW), ("A-3", Outcome.REFER)):
        screened(bank, reference, outcome)
    sent()

    assert [told["record"]["ref"] for told in bodies(listener)] == ["A-1", "A-3"]


def test_what_is_learned_later_leaves_as_a_new_message(bank: Institution, listener: Listener) -> None:
    make_feed(make_case_mapping(bank), url=listener.url, outcomes=["refer"])
    application = screened(bank, "A-1")
    never_left = screened(bank, "A-2", Outcome.CLEAR)

    said(bank, application.pk, Outcome.REFER, ScreeningKind.RETRO)
    said(bank, application.pk, Outcome.CLEAR, ScreeningKind.RETRO, score=10)
    said(bank, never_left.pk, Outcome.REFER, ScreeningKind.RETRO)
    sent()

    told = [
        (each["record"]["ref"], each["type"], each["application"]["outcome"]) for each in bodies(listener)
    ]
    assert told == [
        ("A-1", "case.new", "refer"),
        ("A-1", "case.changed", "clear"),
        ("A-2", "case.new", "refer"),
    ]


def test_nothing_leaves_without_a_feed_or_to_another_institutions(
    bank: Institution, listener: Listener
) -> None:
    other = make_institution("bank-b")
    make_feed(make_case_mapping(other), url=listener.url)

    screened(bank, "A-1")
    sent()

    assert listener.came == []
    assert not WebhookDelivery.objects.exists()


def test_what_waits_is_nothing_but_ids(bank: Institution, listener: Listener) -> None:
    make_feed(make_case_mapping(bank), url=listener.url)

    screened(bank, "A-1")

    kept = str(WebhookDelivery.objects.values().get())
    assert "Tremblay" not in kept
    assert "TREMBLAY" not in kept


def test_a_paused_feed_waits_and_an_ended_one_gives_up(bank: Institution, listener: Listener) -> None:
    feed = make_feed(make_case_mapping(bank), url=listener.url)
    screened(bank, "A-1")
    pause_feed(feed, by=SYSTEM, now=NOW)
    screened(bank, "A-2")
    paused = sent()
    resume_feed(feed, by=SYSTEM, now=NOW)
    resumed = sent()
    pause_feed(feed, by=SYSTEM, now=NOW)
    screened(bank, "A-3")

    end_feed(feed, by=SYSTEM, now=NOW)
    screened(bank, "A-4")

    assert (paused, resumed, sent()) == (0, 2, 0)
    states = WebhookDelivery.objects.order_by("pk").values_list("state", "problem")
    assert list(states) == [("delivered", ""), ("delivered", ""), ("given-up", "nobody-listens")]


def test_an_application_that_the_mapping_refuses_holds_up_no_other(
    bank: Institution, listener: Listener
) -> None:
    mapping = make_case_mapping(bank)
    document = dict(mapping.live.document) if mapping.live else {}
    codes = {"step": "codes", "codes": {"Roy": "R"}}
    document["fields"] = [{"target": "who", "source": "parties[0].family_name", "steps": [codes]}]
    type(mapping.live).objects.update(document=document, checksum="another")
    make_feed(mapping, url=listener.url)
    screened(bank, "A-1")
    screened(bank, "A-2", parties=[party(family_name="Roy", national_id="130692544")])

    sent()

    refused = WebhookDelivery.objects.get(application__reference="A-1")
    assert [told["record"] for told in bodies(listener)] == [{"who": "R"}]
    assert (refused.state, refused.problem) == (DeliveryState.GIVEN_UP, "mapping-refused")


def test_an_erased_applicant_never_leaves(bank: Institution, listener: Listener) -> None:
    make_feed(make_case_mapping(bank), url=listener.url)
    application = screened(bank, "A-1")
    forget(application, now=NOW)

    sent()

    assert listener.came == []
    assert WebhookDelivery.objects.get().problem == "erased"


def test_a_worker_killed_while_it_sends_costs_nothing(bank: Institution, listener: Listener) -> None:
    make_feed(make_case_mapping(bank), url=listener.url)
    screened(bank, "A-1")
    WebhookDelivery.objects.update(due_at=clock.now(), created_at=clock.now())
    listener.may_answer.clear()
    with subprocess.Popen(*worker(Job.SEND_WEBHOOKS)) as process:
        try:
            assert listener.arrived.wait(30), "the worker never came so far"
        finally:
            process.kill()
        process.wait()
    listener.may_answer.set()
    left = WebhookDelivery.objects.get()

    sent(clock.now() + timedelta(minutes=3))

    ids = {told["id"] for told in bodies(listener)}
    delivery = WebhookDelivery.objects.get()
    assert process.returncode == -signal.SIGKILL
    assert (left.state, left.tries) == (DeliveryState.WAITING, 1)
    assert (len(listener.came), ids) == (2, {delivery.public_id})
    assert (delivery.state, delivery.tries) == (DeliveryState.DELIVERED, 2)


def worker(job: Job, **env: str) -> tuple[Any, ...]:
    """The command and surroundings of a worker in a process of its own."""
    script = f"from tests.worker_process import run; run({str(job)!r})"
    own = on_these_engines() | {"PROCESS": "migrate", "ALLOW_PRIVATE_ADDRESSES": "true"} | env
    command = [sys.executable, "-c", script]
    return (command, -1, None, None, None, None, None, True, False, ROOT, own)


@pytest.fixture
def folder_feed(bank: Institution) -> Any:
    return make_feed(make_case_mapping(bank), recipient=str(IDENTITY.to_public()))


def test_a_folder_gets_one_encrypted_file_with_a_signed_manifest(bank: Institution, folder_feed: Any) -> None:
    for number in range(1, 4):
        screened(bank, f"A-{number}")

    rows = written()

    found = folder(bank)
    manifest = json.loads(found["json"])
    lines = [json.loads(line) for line in opened(found["jsonl.age"]).splitlines()]
    assert (rows, manifest["rows"]) == (3, 3)
    assert [line["record"]["ref"] for line in lines] == ["A-1", "A-2", "A-3"]
    assert b"TREMBLAY" not in found["jsonl.age"]
    verify(signer(Purpose.RESULTS).public_key(), found["json.sig"], found["json"])
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert CaseFile.objects.get().rows == 3
    assert (sent(), written()) == (0, 0)


def test_what_is_under_way_when_its_feed_is_paused_still_arrives(
    bank: Institution, folder_feed: Any, listener: Listener
) -> None:
    screened(bank, "A-1")
    file = claim_case_file(now=NOW)
    assert file is not None
    other = make_institution("bank-b")
    feed = make_feed(make_case_mapping(other), url=listener.url, outcomes=["refer"])
    screened(other, "B-1")
    delivery = claim_delivery(now=NOW)
    assert delivery is not None

    pause_feed(folder_feed, by=SYSTEM, now=NOW)
    pause_feed(feed, by=SYSTEM, now=NOW)
    rows = case_files._write(file, makers.still(NOW))
    is_sent = webhooks._try(delivery, clock=makers.still(NOW))

    assert (rows, len(folder(bank)), is_sent, len(listener.came)) == (1, 3, True, 1)


def test_a_spreadsheet_finds_no_formula_in_a_file(bank: Institution) -> None:
    mapping = make_case_mapping(bank, kind="csv")
    make_feed(mapping, recipient=str(IDENTITY.to_public()))
    screened(bank, "A-1", parties=[party(family_name="=cmd|' /C calc'!A0")])

    written()

    head, row = csv.reader(io.StringIO(opened(folder(bank)["csv.age"]).decode()))
    cells = dict(zip(head, row, strict=True))
    assert cells["surname"].startswith("'=CMD")
    assert (cells["delivery_type"], cells["dollars"], cells["score"]) == ("case.new", "5000.00", "700")


def test_a_writer_killed_before_its_manifest_costs_nothing(
    bank: Institution, folder_feed: Any, settings: Any
) -> None:
    for number in range(1, 4):
        screened(bank, f"A-{number}")
    WebhookDelivery.objects.update(due_at=clock.now(), created_at=clock.now())
    with Gate(settings.S3_ENDPOINT_URL) as gate:
        stop = gate.stop_at(lambda method, path: method == "PUT" and path.endswith(".json"), answered=False)
        with subprocess.Popen(*worker(Job.WRITE_CASE_FILES, S3_ENDPOINT_URL=gate.url)) as process:
            try:
                assert stop.reached.wait(30), "the worker never came so far"
            finally:
                process.kill()
            process.wait()
        before = set(folder(bank))
        stop.go.set()
    screened(bank, "A-4")

    rows = written(clock.now() + timedelta(minutes=3))

    files = list(CaseFile.objects.order_by("pk").values_list("rows", "tries"))
    assert "json" not in before
    assert rows == 4
    assert files == [(3, 2), (1, 1)]
    assert WebhookDelivery.objects.filter(state="delivered").count() == 4
    keys = [listed.key for listed in submission_bucket().list(f"{conf.SUBMISSIONS_DROP_PREFIX}/")]
    assert len([key for key in keys if key.endswith(".age")]) == 2


def test_a_store_that_is_away_is_tried_again(bank: Institution, folder_feed: Any, settings: Any) -> None:
    screened(bank, "A-1")
    address, settings.S3_ENDPOINT_URL = settings.S3_ENDPOINT_URL, "http://127.0.0.1:9"
    away = written()
    settings.S3_ENDPOINT_URL = address

    back = written(LATER)

    assert (away, back) == (0, 1)
    assert CaseFile.objects.get().tries == 2


def test_what_is_sent_again_goes_into_the_next_file(bank: Institution, folder_feed: Any) -> None:
    screened(bank, "A-1")
    written()

    send_again(WebhookDelivery.objects.get(), by=SYSTEM, now=NOW)
    again = written(LATER)

    assert again == 1
    assert list(CaseFile.objects.values_list("rows", flat=True)) == [1, 1]
