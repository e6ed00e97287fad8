"""Small submissions are not stuck behind a giant one, whether one worker or several take turns."""

from datetime import timedelta

import pytest
from django.test import override_settings

from fraud.models import Institution
from fraud.operations.submissions.chunks import claim_chunk
from fraud.operations.submissions.splitting import split_submission
from fraud.screening.chunks import work_on_chunk
from fraud.screening.intake import Incoming, take
from portal.accounts.actors import SYSTEM
from portal.core import clock
from tests.fraud.submissions.conftest import content, received, rows
from tests.makers_fraud import canonical, make_institution

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def giant_and_small(bank: Institution, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Twelve chunks that were there first, and two of another institution."""
    monkeypatch.setattr("fraud.operations.submissions.splitting.rows_per_chunk", lambda _size: 1)
    giant = received(bank, content(rows(12)))
    small = received(make_institution("bank-b"), content(rows(2)))
    for submission in (giant, small):
        split_submission(submission, by=SYSTEM, clock=clock.now)
    return giant.pk, small.pk


def test_one_worker_takes_turns(giant_and_small: tuple[int, int]) -> None:
    _giant, small = giant_and_small

    served = []
    while claim := claim_chunk(now=clock.now()):
        served.append(claim.submission.pk)
        work_on_chunk(claim, by=SYSTEM, clock=clock.now)

    assert len(served) == 28
    assert [place for place, each in enumerate(served) if each == small][-1] < 8


def test_several_workers_share_themselves_out(giant_and_small: tuple[int, int]) -> None:
    giant, small = giant_and_small

    held = [claim_chunk(now=clock.now()) for _worker in range(4)]

    assert sorted(claim.submission.pk for claim in held if claim) == sorted([giant, giant, small, small])


@override_settings(FRAUD_HANDS_BESIDE_ONLINE=1)
def test_files_have_fewer_hands_while_somebody_waits_for_an_answer(
    giant_and_small: tuple[int, int], bank: Institution
) -> None:
    now = clock.now()
    take(bank, [Incoming(canonical("alone"))], arrived_at=now, by=SYSTEM, now=now)

    first, second = claim_chunk(now=now), claim_chunk(now=now)
    later = claim_chunk(now=now + timedelta(seconds=6))

    assert first is not None
    assert second is None
    assert later is not None


def test_files_with_machines_of_their_own_wait_for_nobody(
    giant_and_small: tuple[int, int], bank: Institution
) -> None:
    now = clock.now()
    take(bank, [Incoming(canonical("alone"))], arrived_at=now, by=SYSTEM, now=now)

    claims = [claim_chunk(now=now) for _worker in range(2)]

    assert None not in claims
