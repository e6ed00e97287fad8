"""One reference twice in a file: the first row counts, whatever order its chunks are stored in, and online agrees."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from fraud.models import Application, Chunk, FraudElement, Institution, Submission
from fraud.operations.submissions.assembling import assemble_result
from fraud.operations.submissions.chunks import ChunkClaim, claim_chunk
from fraud.operations.submissions.splitting import split_submission
from fraud.queries.applications import first_screenings
from fraud.queries.submissions import progress, rejects_by_code
from fraud.retention import forget
from fraud.rules import canonical as c
from fraud.rules import submissions as rules
from fraud.rules.submissions import ChunkState
from fraud.screening.chunks import work_on_chunk
from fraud.screening.intake import Incoming, take
from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.tenancy import EVERYWHERE, acting_within
from tests.fraud.submissions.conftest import content, fetched, finished, lines_of, received, work_off
from tests.makers_fraud import NOW, canonical, make_institution

pytestmark = pytest.mark.django_db(transaction=True)

# By chunks of two rows: R-1 has other facts in rows 3 and 5, and its own again in row 6.
FILE = [
    c.to_json(canonical(reference, amount=amount))
    for reference, amount in [
        ("R-1", 1),
        ("R-2", 2),
        ("R-1", 3),
        ("R-3", 3),
        ("R-1", 4),
        ("R-1", 1),
        ("R-2", 2),
        ("R-4", 4),
    ]
]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fraud.operations.submissions.splitting.rows_per_chunk", lambda _size: 2)


def claims_of(submission: Submission) -> list[ChunkClaim]:
    """Every chunk of a submission, claimed."""
    split_submission(submission, by=SYSTEM, clock=clock.now)
    claims = []
    while claim := claim_chunk(now=clock.now()):
        claims.append(claim)
    return claims


def said_of(submission: Submission) -> tuple[list[Any], ...]:
    """What the files of a finished submission say of each row, without ids that are drawn anew."""
    submission = assemble_result(fetched(submission), by=SYSTEM, clock=clock.now)
    results = [
        (each["reference"], each["amount"], each["_result"]["outcome"], each["_result"]["score"])
        for each in lines_of(submission, "result")
    ]
    rejects = [(each["_reject"]["line"], each["_reject"]["code"]) for each in lines_of(submission, "rejects")]
    stored = Application.objects.filter(submission=submission).order_by("reference")
    lying = list(stored.values_list("reference", "row_number", "amount"))
    return results, rejects, lying


def in_order(order: Callable[[list[ChunkClaim]], list[ChunkClaim]], code: str) -> tuple[list[Any], ...]:
    """Store a file's chunks in some order, and say what came of it."""
    submission = received(make_institution(code), content(FILE))
    for claim in order(claims_of(submission)):
        work_on_chunk(claim, by=SYSTEM, clock=clock.now)
    work_off()
    return said_of(submission)


def test_the_first_row_counts_whatever_order_its_chunks_are_stored_in() -> None:
    forwards = in_order(lambda claims: claims, "bank-a")
    backwards = in_order(lambda claims: claims[::-1], "bank-b")
    mixed = in_order(lambda claims: [claims[each] for each in (2, 0, 3, 1)], "bank-c")

    assert forwards == backwards == mixed
    results, rejects, lying = forwards
    assert [(each[0], each[1]) for each in results] == [
        ("R-1", 1),
        ("R-2", 2),
        ("R-3", 3),
        ("R-1", 1),
        ("R-2", 2),
        ("R-4", 4),
    ]
    assert rejects == [(3, "reference-conflict"), (5, "reference-conflict")]
    assert lying == [("R-1", 1, 1), ("R-2", 2, 2), ("R-3", 4, 3), ("R-4", 8, 4)]


def test_workers_who_store_all_chunks_at_once_agree_with_one_who_stores_them_in_turn() -> None:
    in_turn = in_order(lambda claims: claims, "bank-a")
    submission = received(make_institution("bank-b"), content(FILE))
    claims = claims_of(submission)

    def work(claim: ChunkClaim) -> None:
        with acting_within(EVERYWHERE):
            work_on_chunk(claim, by=SYSTEM, clock=clock.now)
        connection.close()

    threads = [Thread(target=work, args=[claim]) for claim in reversed(claims)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work_off()

    assert said_of(submission) == in_turn


def test_the_row_that_gave_way_leaves_no_token_behind() -> None:
    in_order(lambda claims: claims[::-1], "bank-a")

    (one,) = Application.objects.filter(reference="R-1")
    (other,) = Application.objects.filter(reference="R-3")

    assert one.elements.count() == other.elements.count()
    assert set(one.elements.values_list("row_number", flat=True)) == {1}
    assert FraudElement.objects.count() == Application.objects.count() * one.elements.count()


def test_rejected_rows_are_counted_once_both_stages_are_over(bank: Institution) -> None:
    submission = finished(received(bank, content([*FILE, b"nope"])))

    far = progress(submission, now=clock.now())

    assert (far.rejected, far.clear + far.review + far.refer) == (3, 6)
    assert rejects_by_code(submission) == [("reference-conflict", "reference", 2), ("json-wrong", "", 1)]


def test_a_chunk_whose_screening_is_done_twice_says_the_same(bank: Institution) -> None:
    submission = received(bank, content(FILE))
    for claim in claims_of(submission):
        work_on_chunk(claim, by=SYSTEM, clock=clock.now)
    work_off()
    Chunk.objects.filter(number=2).update(state=ChunkState.STORED)
    before = rejects_by_code(submission)

    done = work_off()

    assert done == 1
    assert rejects_by_code(submission) == before


def test_a_reference_whose_application_was_erased_gets_its_first_answer(bank: Institution) -> None:
    first = finished(received(bank, content(FILE[:2])))
    row = Application.objects.get(reference="R-1")
    said = first_screenings([row.pk])[row.pk]
    forget(row, now=NOW)

    again = finished(received(bank, content(FILE[:3])))

    results = {each["reference"]: each["_result"]["screening"] for each in lines_of(again, "result")}
    assert results["R-1"] == said.public_id
    assert first.state == rules.SubmissionState.FINISHED
    assert [each["_reject"]["code"] for each in lines_of(again, "rejects")] == ["reference-conflict"]


def test_of_two_rows_of_one_chunk_the_first_goes_before_a_later_chunks(bank: Institution) -> None:
    submission = received(bank, content(FILE))

    def taken(*rows: tuple[int, int]) -> None:
        incoming = [Incoming(canonical("R-9", amount=amount), row) for row, amount in rows]
        take(bank, incoming, submission=submission, arrived_at=NOW, by=SYSTEM, now=NOW)

    taken((600, 3))
    taken((1, 1), (2, 2))

    stored = Application.objects.get(reference="R-9")
    assert (stored.row_number, stored.amount) == (1, 1)
