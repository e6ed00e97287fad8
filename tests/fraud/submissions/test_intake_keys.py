"""Files that are encrypted to the institution's key, by each door, before and after the key was replaced."""

import subprocess
from datetime import timedelta
from hashlib import sha256
from shutil import which
from typing import Any

import pyrage
import pytest
import urllib3
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from rest_framework.test import APIClient

from fraud.models import Institution, IntakeKey, Submission
from fraud.operations.submissions import dropping
from fraud.operations.submissions.dropping import collect_drops
from fraud.operations.submissions.keys import make_intake_key, replace_intake_key
from fraud.operations.submissions.objects import submission_bucket
from fraud.operations.submissions.splitting import split_submission
from fraud.rules.submissions import SubmissionState as S
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import ClientKind, Role
from portal.core import clock
from portal.core.errors import InvalidError, WrongStateError
from portal.keys.models import SubjectKey
from portal.retention.operations.runs import carry_out
from portal.retention.policies import policy_named
from tests import makers
from tests.cast import signed_in, with_key
from tests.fraud.submissions.conftest import content, fetched, finished, received, rows
from tests.makers_fraud import NOW, make_institution

pytestmark = pytest.mark.django_db(transaction=True)
_http = urllib3.PoolManager()


@pytest.fixture
def key(bank: Institution) -> IntakeKey:
    return make_intake_key(bank, by=SYSTEM, now=NOW)


@pytest.fixture
def api(bank: Institution) -> APIClient:
    return with_key(makers.client_with_key(ClientKind.INSTITUTION, bank)[1])


@pytest.fixture
def at_work(operator: Actor) -> Browser:
    return signed_in(operator)


def encrypted(body: bytes, key: IntakeKey) -> bytes:
    return bytes(pyrage.encrypt(body, [pyrage.x25519.Recipient.from_str(key.recipient)]))


def by_portal(bank: Institution, body: bytes, _api: APIClient) -> Submission:
    lead = signed_in(makers.an_actor("Lea Lead", Role.LEAD, bank))
    lead.post(reverse("submission-new"), {"institution": bank.public_id, "layout": "", "rows": ""})
    submission = Submission.objects.get()
    lead.post(
        reverse("submission-upload", args=[submission.public_id]),
        {"file": SimpleUploadedFile("m.age", body)},
    )
    return fetched(submission)


def by_api(_bank: Institution, body: bytes, api: APIClient) -> Submission:
    told = {"size": len(body), "sha256": sha256(body).hexdigest()}
    opened = api.post("/api/v1/submissions", told, format="json", headers={"idempotency-key": "a"}).json()
    _http.request("PUT", opened["upload"]["parts"][0]["url"], body=body)
    path = f"/api/v1/submissions/{opened['id']}/complete"
    api.post(path, {}, format="json", headers={"idempotency-key": "b"})
    return Submission.objects.select_related("institution").get()


def by_drop(_bank: Institution, body: bytes, _api: APIClient) -> Submission:
    submission_bucket().put("drop/bank-a/in/m.jsonl.age", body, "text/plain")
    collect_drops(by=SYSTEM, clock=clock.now)
    return Submission.objects.select_related("institution").get()


@pytest.mark.parametrize("door", [by_portal, by_api, by_drop])
def test_an_encrypted_file_comes_in_by_each_door(
    bank: Institution, key: IntakeKey, api: APIClient, monkeypatch: pytest.MonkeyPatch, door: Any
) -> None:
    monkeypatch.setattr(dropping, "SETTLED_AFTER", timedelta(0))

    submission = finished(door(bank, encrypted(content(rows(3)), key), api))

    assert (submission.state, submission.rows) == (S.FINISHED, 3)


@pytest.mark.skipif(which("age") is None, reason="needs Debian's age")
def test_what_age_itself_encrypts_is_read(bank: Institution, key: IntakeKey, tmp_path: Any) -> None:
    plain, sealed = tmp_path / "a.jsonl", tmp_path / "a.age"
    plain.write_bytes(content(rows(2)))
    subprocess.run(["age", "-r", key.recipient, "-o", sealed, plain], check=True)

    submission = finished(received(bank, sealed.read_bytes()))

    assert (submission.state, submission.rows) == (S.FINISHED, 2)


@pytest.mark.parametrize(("overlap_days", "state"), [(30, S.WORKING), (0, S.FAILED)])
def test_a_replaced_key_opens_files_for_as_long_as_was_said(
    bank: Institution, key: IntakeKey, overlap_days: int, state: S
) -> None:
    body = encrypted(content(rows(1)), key)
    replace_intake_key(bank, overlap_days=overlap_days, by=SYSTEM, now=clock.now())

    submission = split_submission(received(bank, body), by=SYSTEM, clock=clock.now)

    assert submission.state == state


def test_the_new_key_opens_files_too(bank: Institution, key: IntakeKey) -> None:
    newer = replace_intake_key(bank, overlap_days=30, by=SYSTEM, now=clock.now())

    submission = finished(received(bank, encrypted(content(rows(1)), newer)))

    assert submission.state == S.FINISHED
    assert newer.recipient != key.recipient


def test_the_secret_half_of_a_closed_key_is_destroyed(bank: Institution, key: IntakeKey) -> None:
    replace_intake_key(bank, overlap_days=0, by=SYSTEM, now=NOW)
    policy = policy_named("intake-keys")

    carry_out(policy, bank, by=SYSTEM, clock=lambda: NOW + timedelta(days=policy.days + 1))

    assert SubjectKey.objects.get(pk=key.public_id).wrapped is None
    assert list(IntakeKey.objects.exclude(erased_at=None)) == [key]


def test_refuses_to_replace_what_is_not_there(bank: Institution) -> None:
    with pytest.raises(WrongStateError):
        replace_intake_key(bank, overlap_days=30, by=SYSTEM, now=NOW)


def test_refuses_an_overlap_of_years(bank: Institution, key: IntakeKey) -> None:
    with pytest.raises(InvalidError):
        replace_intake_key(bank, overlap_days=91, by=SYSTEM, now=NOW)


def test_the_api_shows_an_institution_its_own_key(bank: Institution, api: APIClient) -> None:
    outsider = with_key(makers.client_with_key(ClientKind.INSTITUTION, make_institution("bank-b"))[1])
    before = api.get("/api/v1/intake-key")
    key = make_intake_key(bank, by=SYSTEM, now=NOW)

    shown, hidden = api.get("/api/v1/intake-key"), outsider.get("/api/v1/intake-key")

    assert (before.status_code, shown.status_code, hidden.status_code) == (404, 200, 404)
    assert (shown.json()["recipient"], shown.json()["fingerprint"]) == (key.recipient, key.fingerprint)


def test_the_page_makes_shows_and_replaces_the_key(bank: Institution, at_work: Browser) -> None:
    page = reverse("institution-intake-key", args=[bank.public_id])
    at_work.post(reverse("institution-intake-key-make", args=[bank.public_id]))
    first = IntakeKey.objects.get()

    replaced = at_work.post(
        reverse("institution-intake-key-replace", args=[bank.public_id]), {"overlap_days": "30"}
    )
    shown = at_work.get(page).content.decode()

    second = IntakeKey.objects.get(closes_at=None)
    assert replaced.status_code == 302
    assert f"--recipient {second.recipient}" in shown
    assert first.fingerprint in shown
    assert first.recipient not in shown


def test_people_of_the_institution_see_its_key_and_cannot_replace_it(
    bank: Institution, key: IntakeKey
) -> None:
    lead = signed_in(makers.an_actor("Lea Lead", Role.LEAD, bank))
    stranger = signed_in(makers.an_actor("Sam Stranger", Role.LEAD, make_institution("bank-b")))
    page = reverse("institution-intake-key", args=[bank.public_id])
    replace = reverse("institution-intake-key-replace", args=[bank.public_id])

    answers = [lead.get(page), lead.post(replace, {"overlap_days": "0"}), stranger.get(page)]

    assert [answer.status_code for answer in answers] == [200, 403, 404]
    assert IntakeKey.objects.get().closes_at is None
