"""Files of submissions go when their time is over: their key at once, then the objects; held ones stay."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fraud.models import Application, Institution, Submission
from fraud.operations.submissions import dropping
from fraud.operations.submissions.assembling import result_pieces
from fraud.operations.submissions.dropping import collect_drops
from fraud.operations.submissions.erasing import delete_erased_files
from fraud.operations.submissions.objects import submission_bucket
from fraud.operations.submissions.receiving import begin_upload, open_submission
from fraud.rules.submissions import SubmissionState as S
from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.keys.models import SubjectKey
from portal.keys.sealed import ErasedError
from portal.retention.models import LegalHold
from portal.retention.operations.runs import carry_out
from portal.retention.policies import policy_named
from tests.fraud.submissions.conftest import announced, content, fetched, finished, received, rows
from tests.makers_fraud import NOW

pytestmark = pytest.mark.django_db(transaction=True)
POLICY = policy_named("submission-files")


def in_days(days: int) -> datetime:
    return clock.now() + timedelta(days=days)


def carried_out(bank: Institution, days: int) -> Any:
    return carry_out(POLICY, bank, by=SYSTEM, clock=lambda: in_days(days))


def delete() -> int:
    return delete_erased_files(by=SYSTEM, clock=clock.now)


def lying(prefix: str) -> list[str]:
    return [listed.key for listed in submission_bucket().list(prefix)]


@pytest.mark.parametrize(("days", "is_over"), [(POLICY.days - 1, False), (POLICY.days + 1, True)])
def test_files_go_after_their_time_and_not_before(bank: Institution, days: int, is_over: bool) -> None:
    submission = finished(received(bank, content(rows(3))))

    run = carried_out(bank, days)
    deleted = delete()

    submission = fetched(submission)
    assert (run is not None, deleted, submission.files_deleted_at is not None) == (is_over, is_over, is_over)
    assert bool(lying(f"{submission.public_id}/")) is not is_over
    assert (submission.state, submission.rows) == (S.FINISHED, 3)
    assert Application.objects.filter(sealed__isnull=False).count() == 3


def test_nobody_can_open_them_even_before_they_are_deleted(bank: Institution) -> None:
    submission = finished(received(bank, content(rows(3))))

    carried_out(bank, POLICY.days + 1)

    assert lying(f"{submission.public_id}/")
    assert SubjectKey.objects.get(pk=submission.public_id).wrapped is None
    with pytest.raises(ErasedError):
        result_pieces(fetched(submission), "result")


@pytest.mark.parametrize("is_lifted", [False, True])
def test_a_hold_keeps_them(bank: Institution, is_lifted: bool) -> None:
    submission = finished(received(bank, content(rows(3))))
    LegalHold.objects.create(
        organization=bank,
        reason="Inquiry 12",
        placed_at=NOW,
        placed_by="usr_x",
        lifted_at=NOW if is_lifted else None,
    )

    carried_out(bank, POLICY.days + 1)

    assert (delete(), bool(lying(f"{submission.public_id}/"))) == (int(is_lifted), not is_lifted)


def test_an_upload_that_never_came_is_given_up(bank: Institution) -> None:
    submission = open_submission(bank, announced(bank, size=9), by=SYSTEM, now=clock.now())
    begin_upload(submission, by=SYSTEM, clock=clock.now)

    carried_out(bank, POLICY.days + 1)

    assert delete() == 1
    assert fetched(submission).state == S.CANCELLED


def test_the_same_file_may_be_sent_again_once_its_result_is_gone(bank: Institution) -> None:
    first = finished(received(bank, content(rows(3))))
    carried_out(bank, POLICY.days + 1)
    delete()

    again = finished(received(bank, content(rows(3))))

    assert (again.state, again.pk != first.pk) == (S.FINISHED, True)
    assert Application.objects.count() == 3


def test_results_in_the_drop_folder_go_too(bank: Institution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropping, "SETTLED_AFTER", timedelta(0))
    submission_bucket().put("drop/bank-a/in/may.jsonl", content(rows(2)), "text/plain")
    collect_drops(by=SYSTEM, clock=clock.now)
    submission = finished(Submission.objects.get())
    collect_drops(by=SYSTEM, clock=clock.now)
    before = lying(f"drop/bank-a/out/{submission.public_id}")

    carried_out(bank, POLICY.days + 1)
    delete()

    assert len(before) == 4
    assert lying(f"drop/bank-a/out/{submission.public_id}") == []


def test_a_file_of_the_same_name_is_another_file(bank: Institution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropping, "SETTLED_AFTER", timedelta(0))
    for first in (1, 5):
        submission_bucket().put("drop/bank-a/in/monthly.jsonl", content(rows(2, first)), "text/plain")
        collect_drops(by=SYSTEM, clock=clock.now)
        finished(Submission.objects.order_by("-pk")[0])

    returned = collect_drops(by=SYSTEM, clock=clock.now)

    assert returned == 1
    assert Submission.objects.exclude(returned_at=None).count() == 2
    assert Application.objects.count() == 4
