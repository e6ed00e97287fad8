"""Files that come encrypted, packed, or by a drop folder; and what is wrong with some of them."""

import gzip
from datetime import timedelta

import pyrage
import pytest

from fraud.models import Submission
from fraud.operations.submissions import dropping
from fraud.operations.submissions.dropping import collect_drops
from fraud.operations.submissions.keys import make_intake_key
from fraud.operations.submissions.objects import submission_bucket
from fraud.operations.submissions.splitting import split_submission
from fraud.rules.submissions import SubmissionState as S
from portal.accounts.actors import SYSTEM
from portal.core import clock
from tests.fraud.submissions.conftest import content, fetched, finished, received, rows
from tests.makers_fraud import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def encrypted(body: bytes, recipient: str) -> bytes:
    return bytes(pyrage.encrypt(body, [pyrage.x25519.Recipient.from_str(recipient)]))


def test_a_file_encrypted_to_the_institutions_key_is_read(bank):
    key = make_intake_key(bank, by=SYSTEM, now=NOW)
    again = make_intake_key(bank, by=SYSTEM, now=NOW)

    submission = finished(received(bank, encrypted(gzip.compress(content(rows(3))), key.recipient)))

    assert again.recipient == key.recipient
    assert (submission.state, submission.rows) == (S.FINISHED, 3)


@pytest.mark.parametrize(
    ("cut", "is_ours", "says"),
    [
        pytest.param(0, False, "not encrypted to the key", id="for somebody else"),
        pytest.param(9, True, "not encrypted to the key", id="cut off"),
    ],
)
def test_a_file_that_does_not_open_fails_in_words(bank, cut, is_ours, says):
    key = make_intake_key(bank, by=SYSTEM, now=NOW)
    other = str(pyrage.x25519.Identity.generate().to_public())
    body = encrypted(content(rows(3)), key.recipient if is_ours else other)

    failed = split_submission(received(bank, body[: len(body) - cut]), by=SYSTEM, clock=clock.now)

    assert failed.state == S.FAILED
    assert says in failed.problem


def test_a_dropped_file_is_taken_once_and_its_result_put_beside(bank, settings, monkeypatch):
    monkeypatch.setattr(dropping, "SETTLED_AFTER", timedelta(0))
    bucket = submission_bucket()
    # The store keeps what other tests put there.
    before = {listed.key for listed in bucket.list("drop/bank-a/out/")}
    bucket.put("drop/bank-a/in/march.jsonl", content(rows(3)), "text/plain")

    counts = [collect_drops(by=SYSTEM, clock=clock.now) for _round in range(2)]
    submission = finished(Submission.objects.get())
    collect_drops(by=SYSTEM, clock=clock.now)

    put = [listed.key for listed in bucket.list("drop/bank-a/out/") if listed.key not in before]
    names = [key.rpartition("-")[2] for key in put]
    assert counts == [1, 0]
    assert fetched(submission).state == S.FINISHED
    assert names == ["rejects.jsonl", "rejects.jsonl.sig", "result.jsonl", "result.jsonl.sig"]
    assert bucket.head("drop/bank-a/in/march.jsonl") is None
    assert collect_drops(by=SYSTEM, clock=clock.now) == 0


def test_a_dropped_file_in_an_unknown_layout_stays_where_it_is(bank, monkeypatch):
    monkeypatch.setattr(dropping, "SETTLED_AFTER", timedelta(0))
    submission_bucket().put("drop/bank-a/in/unknown/march.csv", b"a,b\n1,2\n", "text/plain")

    taken = collect_drops(by=SYSTEM, clock=clock.now)

    assert taken == 0
    assert submission_bucket().head("drop/bank-a/in/unknown/march.csv") is not None
    submission_bucket().delete("drop/bank-a/in/unknown/march.csv")
