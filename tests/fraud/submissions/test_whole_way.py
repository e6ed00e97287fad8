"""A file from its arrival to its result: each row is answered once, bad ones go back, the same file changes nothing."""

from hashlib import sha256

import pytest

from fraud.models import Application, Screening, Submission
from fraud.operations.submissions.assembling import result_pieces, signed_line
from fraud.operations.submissions.objects import Cabinet, submission_bucket
from fraud.operations.submissions.receiving import open_submission, receive_stream
from fraud.operations.submissions.splitting import split_submission
from fraud.queries.submissions import progress, rejects_by_code
from fraud.rules import canonical as c
from fraud.rules.submissions import SubmissionState as S
from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.errors import InvalidError
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import public_from_pem, verify
from portal.keys.signing import signing_public_pem
from tests.fraud.submissions.conftest import announced, content, fetched, finished, lines_of, received, rows
from tests.makers_fraud import NOW, canonical

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_is_screened_row_by_row(bank):
    submission = finished(received(bank, content(rows(1100))))

    results = list(lines_of(submission, "result"))
    assert submission.state == S.FINISHED
    assert [each["reference"] for each in results] == [f"R-{number:06d}" for number in range(1, 1101)]
    assert {each["_result"]["outcome"] for each in results} <= {"clear", "review", "refer"}
    assert Application.objects.count() == Screening.objects.count() == 1100
    assert submission.chunks.count() == 3
    far = progress(submission, now=clock.now())
    assert (far.rows, far.screened, far.rejected, far.done) == (1100, 1100, 0, 1100)


def test_bad_rows_go_back_and_can_be_sent_again(bank):
    good, bad = rows(3), [b"nope", b'{"reference":"X","amount":-1}']
    submission = finished(received(bank, content([good[0], bad[0], good[1], bad[1], good[2]])))
    rejects = b"".join(result_pieces(submission, "rejects"))
    mended = rejects.replace(b'"_raw":"nope"', b'"_raw":"' + rows(1, 9)[0].replace(b'"', b'\\"') + b'"')

    again = finished(received(bank, mended))

    assert submission.state == S.FINISHED_WITH_REJECTS
    assert [each["_reject"]["line"] for each in lines_of(submission, "rejects")] == [2, 4]
    assert ("json-wrong", "", 1) in rejects_by_code(submission)
    assert [each["reference"] for each in lines_of(again, "result")] == ["R-000009"]
    assert len(list(lines_of(again, "rejects"))) == 1


def test_the_same_reference_with_other_facts_is_a_reject(bank):
    twice = [c.to_json(canonical("R-1")), c.to_json(canonical("R-1")), c.to_json(canonical("R-1", amount=1))]

    submission = finished(received(bank, content(twice)))

    results = [each["_result"] for each in lines_of(submission, "result")]
    assert len(results) == 2
    assert results[0] == results[1]
    assert [each["_reject"]["code"] for each in lines_of(submission, "rejects")] == ["reference-conflict"]


def test_the_same_file_again_leads_to_the_first(bank):
    first = finished(received(bank, content(rows(5))))

    again = received(bank, content(rows(5)))

    assert (again.state, again.same_as) == (S.DUPLICATE, first)
    assert Application.objects.count() == 5


def test_another_file_with_the_same_rows_gets_the_same_answers(bank):
    first = finished(received(bank, content(rows(5))))

    second = finished(received(bank, content(rows(6))))

    assert list(lines_of(second, "result"))[:5] == list(lines_of(first, "result"))
    assert Application.objects.count() == Screening.objects.count() == 6


def test_the_result_is_signed(bank):
    submission = finished(received(bank, content(rows(5))))

    whole = b"".join(result_pieces(submission, "result"))
    assert submission.result_sha256 == sha256(whole).hexdigest()
    assert submission.result_size == len(whole)
    public = public_from_pem(signing_public_pem(Purpose.RESULTS))
    verify(public, submission.result_signature, signed_line(submission, "result", submission.result_sha256))


def test_nothing_lies_open_in_the_bucket(bank):
    submission = finished(received(bank, content(rows(5))))

    for listed in submission_bucket().list(f"{submission.public_id}/"):
        lies_there = submission_bucket().get(listed.key, 1 << 24) or b""
        assert b"Tremblay" not in lies_there
    assert b"Tremblay" in Cabinet.of(submission).get("result-000001")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"\x1f\x8b\x08broken file of gzip", "damaged", id="damaged"),
        pytest.param(b"PK\x03\x04 a workbook", "ZIP", id="a workbook"),
    ],
)
def test_a_file_that_cannot_be_read_fails_in_words(bank, body, reason):
    submission = received(bank, body)

    failed = split_submission(submission, by=SYSTEM, clock=clock.now)

    assert failed.state == S.FAILED
    assert reason in failed.problem


@pytest.mark.parametrize(("said", "state"), [(3, S.WORKING), (4, S.FAILED)])
def test_the_announced_number_of_rows_is_checked_before_any_is_taken(bank, said, state):
    submission = received(bank, content(rows(3)), rows=said)

    split_submission(submission, by=SYSTEM, clock=clock.now)

    assert fetched(submission).state == state
    assert Application.objects.count() == 0


def test_an_upload_cut_off_leaves_nothing(bank):
    submission = open_submission(bank, announced(bank), by=SYSTEM, now=NOW)

    def cut_off():
        yield b"x" * (7 << 20)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        receive_stream(submission, cut_off(), by=SYSTEM, clock=clock.now)

    assert Submission.objects.get().state == S.WAITING_FOR_UPLOAD
    assert submission_bucket().list(f"{submission.public_id}/") == []


def test_an_empty_file_is_refused(bank):
    with pytest.raises(InvalidError):
        received(bank, b"")
