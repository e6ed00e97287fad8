"""`/api/v1/submissions`: announced, uploaded in parts that may be cut off, completed, followed, fetched."""

from hashlib import sha256
from typing import Any

import pytest
import urllib3
from rest_framework.test import APIClient

from fraud.models import Institution, Submission
from fraud.operations.submissions import addresses, receiving
from fraud.rules.submissions import SubmissionState as S
from portal.accounts.roles import ClientKind
from tests import makers
from tests.cast import with_key
from tests.fraud.submissions.conftest import content, finished, received, rows
from tests.makers_fraud import make_institution

pytestmark = pytest.mark.django_db(transaction=True)
_http = urllib3.PoolManager()


@pytest.fixture
def client(bank: Institution) -> APIClient:
    return with_key(makers.client_with_key(ClientKind.INSTITUTION, bank)[1])


@pytest.fixture
def outsider(db: None) -> APIClient:
    return with_key(makers.client_with_key(ClientKind.INSTITUTION, make_institution("bank-b"))[1])


def send(client: APIClient, path: str, body: dict[str, Any] | None = None, key: str = "k") -> Any:
    return client.post(
        f"/api/v1/{path}", body or {}, format="json", headers={"idempotency-key": f"{key}-{path}"}
    )


def announce(client: APIClient, body: bytes, key: str = "k", **facts: Any) -> Any:
    return send(client, "submissions", {"size": len(body), "sha256": sha256(body).hexdigest(), **facts}, key)


def put(part: dict[str, Any], body: bytes) -> None:
    answer = _http.request("PUT", part["url"], body=body[: part["size"]])
    assert answer.status == 200


def test_a_file_goes_in_and_its_result_comes_out(client, bank):
    body = content(rows(3))

    opened = announce(client, body, file_name="march.jsonl").json()
    put(opened["upload"]["parts"][0], body)
    completed = send(client, f"submissions/{opened['id']}/complete")
    finished(Submission.objects.get(public_id=opened["id"]))
    shown = client.get(f"/api/v1/submissions/{opened['id']}").json()
    result = b"".join(client.get(shown["result"]["url"]).streaming_content)

    assert completed.status_code == 200
    assert (shown["state"], shown["progress"]["screened"]) == ("finished", 3)
    assert sha256(result).hexdigest() == shown["result"]["sha256"]
    assert len(result.splitlines()) == 3


def test_an_upload_that_was_cut_goes_on_where_it_was(client, bank, monkeypatch):
    monkeypatch.setattr(addresses, "PART_BYTES", 5 << 20)
    body = b"x" * (11 << 20)
    opened = announce(client, body).json()
    first, second, third = opened["upload"]["parts"]
    put(first, body)

    cut = send(client, f"submissions/{opened['id']}/complete")
    missing = client.get(f"/api/v1/submissions/{opened['id']}").json()["upload"]["parts"]
    put(missing[0], body)
    put(missing[1], body)
    done = send(client, f"submissions/{opened['id']}/complete", key="again")

    assert (first["size"], second["size"], third["size"]) == (5 << 20, 5 << 20, 1 << 20)
    assert (cut.status_code, cut.json()["code"]) == (422, "invalid")
    assert [part["number"] for part in missing] == [2, 3]
    assert (done.status_code, done.json()["state"]) == (200, "received")


def test_the_same_file_again_leads_to_the_first(client, bank):
    body = content(rows(2))
    first = finished(received(bank, body))

    again = announce(client, body)

    assert (again.status_code, again.json()["id"]) == (200, first.public_id)
    assert again.json()["result"]["sha256"] == first.result_sha256


def test_another_file_than_was_announced_is_refused(client, bank):
    body, other = content(rows(2)), content(rows(2, first=7))
    opened = announce(client, body).json()
    put(opened["upload"]["parts"][0], other)
    send(client, f"submissions/{opened['id']}/complete")

    failed = receiving_and_splitting(opened["id"])

    assert failed.state == S.FAILED
    assert "SHA-256" in failed.problem


def receiving_and_splitting(public_id: str) -> Submission:
    from fraud.operations.submissions.splitting import split_submission
    from portal.accounts.actors import SYSTEM
    from portal.core import clock

    return split_submission(Submission.objects.get(public_id=public_id), by=SYSTEM, clock=clock.now)


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"sha256": "nope"}, "sha256"), ({"size": 0}, "size"), ({"layout": "unknown"}, "layout")],
)
def test_refuses_what_makes_no_sense(client, facts, field):
    refused = announce(client, b"x", **facts)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


@pytest.mark.parametrize("address", ["", "/result", "/rejects"])
def test_another_institution_sees_nothing_of_it(client, outsider, bank, address):
    submission = finished(received(bank, content(rows(2))))

    seen = client.get(f"/api/v1/submissions/{submission.public_id}{address}")
    hidden = outsider.get(f"/api/v1/submissions/{submission.public_id}{address}")

    assert (seen.status_code, hidden.status_code) == (200, 404)
    assert outsider.get("/api/v1/submissions").json()["items"] == []


def test_is_paused_resumed_and_cancelled(client, bank):
    submission = received(bank, content(rows(2)))
    path = f"submissions/{submission.public_id}"

    states = [send(client, f"{path}/{verb}").json() for verb in ("pause", "resume", "cancel")]
    refused = send(client, f"{path}/resume", key="late")

    assert [(each["paused"], each["state"]) for each in states] == [
        (True, "received"),
        (False, "received"),
        (False, "cancelled"),
    ]
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")


def test_parts_are_large_enough_for_s3():
    assert receiving.PART_BYTES >= 5 << 20
