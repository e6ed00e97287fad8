"""How far a delivery is, and what became of a campaign's codes."""

from datetime import timedelta

import pytest

from campaigns.models import BatchFile
from campaigns.operations.activation import recall_batch
from campaigns.operations.delivery import claim_file, deliver_file, report_progress
from campaigns.operations.voiding import void_serials
from campaigns.queries.batches import codes_ordered, progress
from campaigns.queries.campaigns import funnel
from portal.accounts.actors import SYSTEM
from tests import makers
from tests.makers import NOW, still

pytestmark = pytest.mark.django_db


def file_of(batch, number) -> BatchFile:
    return batch.files.select_related("batch").get(number=number)


def test_a_batch_that_has_not_begun_has_no_rate_and_no_end_in_sight():
    far = progress(makers.approved_batch(quantity=250), now=NOW)

    assert (far.files_done, far.files, far.codes_done, far.codes, far.share) == (0, 3, 0, 250, 0.0)
    assert (far.rate, far.seconds_left, far.heard_at) == (None, None, None)


def test_a_delivery_under_way_shows_codes_rate_and_time_left():
    batch = makers.approved_batch(quantity=250)
    deliver_file(file_of(batch, 1), by=SYSTEM, clock=still())
    claim = claim_file(file_of(batch, 2), by=SYSTEM, now=NOW)
    heard = NOW + timedelta(seconds=10)
    report_progress(claim, 50, now=heard)

    far = progress(makers.fetched(batch), now=heard)

    assert (far.files_done, far.codes_done, far.share) == (1, 150, 0.6)
    assert (far.rate, far.heard_at) == (15.0, heard)
    assert far.seconds_left == pytest.approx(100 / 15)


def test_a_delivery_that_is_over_keeps_the_rate_it_had():
    batch = makers.approved_batch()
    claim_file(file_of(batch, 1), by=SYSTEM, now=NOW)
    over = NOW + timedelta(seconds=25)
    deliver_file(file_of(batch, 1), by=SYSTEM, clock=still(over))

    far = progress(makers.fetched(batch), now=NOW + timedelta(days=1))

    assert (far.rate, far.seconds_left, far.share) == (2.0, 0.0, 1.0)


def test_progress_is_one_query(django_assert_num_queries):
    batch = makers.approved_batch(quantity=250)

    with django_assert_num_queries(1):
        progress(batch, now=NOW)


def test_the_funnel_counts_each_batch_as_far_as_it_came(django_assert_num_queries):
    campaign = makers.make_campaign()
    makers.planned_batch(campaign, quantity=10)
    makers.delivered_batch(campaign, quantity=20)
    makers.active_batch(campaign, quantity=30)

    with django_assert_num_queries(2):
        found = funnel(campaign)

    assert (found.ordered, found.delivered, found.active, found.redeemed) == (60, 50, 30, 0)


def test_a_recalled_batch_leaves_the_funnel_and_the_count_for_the_odds(marketer):
    batch = makers.active_batch(quantity=30)
    recall_batch(batch, reason="stolen", by=marketer, now=NOW)

    assert codes_ordered(batch.campaign) == 0
    assert (funnel(batch.campaign).ordered, funnel(batch.campaign).guess_odds) == (0, None)


def test_void_serials_stay_in_the_count_for_the_odds(marketer):
    batch = makers.active_batch(quantity=30)
    void_serials(batch, first=0, last=9, reason="stolen", by=marketer, now=NOW)

    assert codes_ordered(batch.campaign) == 30
