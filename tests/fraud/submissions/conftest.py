"""A bucket for files, an institution, and workers that do all there is to do."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from fraud.models import Institution, Submission
from fraud.operations.submissions.assembling import assemble_result, result_pieces
from fraud.operations.submissions.chunks import claim_chunk
from fraud.operations.submissions.objects import submission_bucket
from fraud.operations.submissions.receiving import Announcement, open_submission, receive_stream
from fraud.operations.submissions.splitting import split_submission
from fraud.queries.layouts import current_layout
from fraud.rules import canonical as c
from fraud.rules.submissions import SubmissionDoor
from fraud.screening.chunks import work_on_chunk
from portal.accounts.actors import SYSTEM
from portal.core import clock
from tests.makers_fraud import NOW, canonical, make_institution


@pytest.fixture
def bank(db: None) -> Institution:
    return make_institution("bank-a")


@pytest.fixture(autouse=True)
def _bucket(settings: Any, worker_id: str = "main") -> None:
    submission_bucket().create()


def rows(count: int, first: int = 1) -> list[bytes]:
    """Canonical applications as JSON, one for each row."""
    return [c.to_json(canonical(f"R-{number:06d}")) for number in range(first, first + count)]


def content(lines: list[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


def announced(bank: Institution, **facts: Any) -> Announcement:
    name, document, checksum = current_layout(bank, "")
    defaults = {
        "layout": name,
        "mapping": document,
        "mapping_checksum": checksum,
        "door": SubmissionDoor.PORTAL,
    }
    return Announcement(**defaults | facts)


def received(bank: Institution, body: bytes, **facts: Any) -> Submission:
    """A submission whose file came as a stream."""
    submission = open_submission(bank, announced(bank, **facts), by=SYSTEM, now=NOW)
    pieces = (body[at : at + 1000] for at in range(0, len(body), 1000))
    return receive_stream(submission, pieces, by=SYSTEM, clock=clock.now)


def finished(submission: Submission) -> Submission:
    """Let one worker do all that is to do."""
    split_submission(submission, by=SYSTEM, clock=clock.now)
    work_off()
    return assemble_result(fetched(submission), by=SYSTEM, clock=clock.now)


def work_off() -> int:
    done = 0
    while claim := claim_chunk(now=clock.now()):
        work_on_chunk(claim, by=SYSTEM, clock=clock.now)
        done += 1
    return done


def fetched(submission: Submission) -> Submission:
    return Submission.objects.select_related("institution").get(pk=submission.pk)


def lines_of(submission: Submission, kind: str) -> Iterator[dict[str, Any]]:
    """The lines of the result or reject file, as JSON."""
    whole = b"".join(result_pieces(fetched(submission), kind))
    return (msgspec.json.decode(line) for line in whole.splitlines())
