"""Taking serials out of a batch: by range, or by the codes that came back."""

import pytest
from django.db.backends.postgresql.psycopg_any import NumericRange

from campaigns.operations.voiding import AlreadyVoidError, void_codes, void_serials
from campaigns.queries.codebooks import codebook
from portal.audit.queries import history
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from tests import makers
from tests.makers import NOW, a_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch():
    campaign = makers.make_campaign()
    # A batch before it, so that serials do not begin at zero.
    makers.planned_batch(campaign)
    return makers.delivered_batch(campaign)


def void(batch, by, first, last, reason="stolen reel"):
    return void_serials(batch, first=first, last=last, reason=reason, by=by, now=NOW)


def runs(batch):
    return [(run.serials.lower, run.serials.upper) for run in batch.void_ranges.order_by("serials")]


def test_voids_a_range_with_both_its_ends(batch, marketer):
    first = batch.first_serial

    void(batch, marketer, first + 3, first + 9)

    assert runs(batch) == [(first + 3, first + 10)]
    assert history(batch).first().facts == {"ranges": 1, "serials": 7}


def test_voids_the_whole_batch(batch, marketer):
    void(batch, marketer, batch.first_serial, batch.end_serial - 1)

    assert runs(batch) == [(batch.first_serial, batch.end_serial)]


def test_voids_a_single_serial(batch, marketer):
    void(batch, marketer, batch.first_serial, batch.first_serial)

    assert runs(batch) == [(batch.first_serial, batch.first_serial + 1)]


@pytest.mark.parametrize(("before", "after"), [(-1, 0), (0, 1), (-(10**30), 10**30)])
def test_refuses_a_range_that_reaches_outside_the_batch(batch, marketer, before, after):
    with pytest.raises(InvalidError, match="This batch holds the serials") as refused:
        void(batch, marketer, batch.first_serial + before, batch.end_serial - 1 + after)

    assert set(refused.value.fields) == {"first_serial"}
    assert runs(batch) == []


def test_refuses_a_range_that_ends_before_it_begins(batch, marketer):
    with pytest.raises(InvalidError) as refused:
        void(batch, marketer, batch.first_serial + 2, batch.first_serial + 1)

    assert set(refused.value.fields) == {"last_serial"}


@pytest.mark.parametrize(("first", "last"), [(0, 10), (20, 30), (12, 15), (0, 49), (10, 20)])
def test_refuses_a_range_that_overlaps_a_void_one(batch, marketer, first, last):
    start = batch.first_serial
    void(batch, marketer, start + 10, start + 20)

    with pytest.raises(AlreadyVoidError):
        void(batch, marketer, start + first, start + last)

    assert runs(batch) == [(start + 10, start + 21)]


def test_voids_the_neighbours_of_a_void_range(batch, marketer):
    start = batch.first_serial
    void(batch, marketer, start + 10, start + 20)

    void(batch, marketer, start + 21, start + 30)

    assert len(runs(batch)) == 2


def test_a_void_range_needs_a_reason(batch, marketer):
    with pytest.raises(InvalidError) as refused:
        void(batch, marketer, batch.first_serial, batch.first_serial, reason="")

    assert set(refused.value.fields) == {"reason"}


def test_codes_that_were_never_printed_cannot_be_voided(marketer):
    batch = makers.approved_batch()

    with pytest.raises(WrongStateError, match="Only codes of a delivered batch"):
        void(batch, marketer, 0, 1)


def test_an_outsider_cannot_void(batch, outsider):
    with pytest.raises(ForbiddenError):
        void(batch, outsider, batch.first_serial, batch.first_serial)


# ── Codes that came back ─────────────────────────────────────────────────────────────────────────────────


def give_back(batch, by, *codes):
    return void_codes(batch, codes=codes, reason="returned", by=by, now=NOW)


def code_of(batch, serial):
    return batch.campaign.format.printed(codebook(batch.campaign).code_of(serial))


def test_codes_given_back_become_void_and_neighbours_one_range(batch, marketer):
    start = batch.first_serial
    codes = [code_of(batch, start + place) for place in (7, 3, 4, 5)]

    give_back(batch, marketer, *codes)

    assert runs(batch) == [(start + 3, start + 6), (start + 7, start + 8)]


def test_codes_are_read_as_people_type_them(batch, marketer):
    typed = f"  {a_code(batch).lower().replace('-', ' ')} "

    (found,) = give_back(batch, marketer, typed, "", "  ")

    assert found.serials == NumericRange(found.serials.lower, found.serials.lower + 1)


def test_a_code_given_twice_is_void_once(batch, marketer):
    give_back(batch, marketer, a_code(batch), a_code(batch))

    assert len(runs(batch)) == 1


def test_refuses_codes_of_another_batch_and_names_their_lines(batch, marketer):
    other = makers.delivered_batch(batch.campaign)

    with pytest.raises(InvalidError, match="2 codes are not of this batch; look at line 2, 3") as refused:
        give_back(batch, marketer, a_code(batch), a_code(other), "not a code")

    assert set(refused.value.fields) == {"codes"}
    assert runs(batch) == []


def test_refuses_a_code_that_is_void_already_and_changes_nothing(batch, marketer):
    give_back(batch, marketer, a_code(batch, 5))

    with pytest.raises(AlreadyVoidError):
        give_back(batch, marketer, a_code(batch, 1), a_code(batch, 5))

    assert len(runs(batch)) == 1


@pytest.mark.parametrize("codes", [[], ["", " "], ["X"] * 10_001])
def test_refuses_no_codes_and_too_many(batch, marketer, codes):
    with pytest.raises(InvalidError, match="between 1 and 10,000"):
        give_back(batch, marketer, *codes)
