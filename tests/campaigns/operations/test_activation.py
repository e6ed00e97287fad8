"""The life of a delivered batch: active by hand or at its time, recalled, closed."""

from datetime import timedelta

import pytest

from campaigns.operations.activation import (
    activate_batch,
    activate_due_batch,
    close_batch,
    recall_batch,
    schedule_activation,
)
from campaigns.queries.batches import batches_to_activate
from campaigns.rules.states import BatchState
from portal.accounts.actors import SYSTEM
from portal.audit.queries import history
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from tests import makers
from tests.makers import NOW

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(hours=1)


def test_an_acknowledged_batch_becomes_active(marketer):
    batch = activate_batch(makers.acknowledged_batch(), by=marketer, now=NOW)

    assert (batch.state, batch.activated_at) == (BatchState.ACTIVE, NOW)
    assert history(batch).first().act == "batch.activated"


def test_a_batch_that_the_printer_has_not_acknowledged_cannot_become_active(marketer):
    batch = makers.delivered_batch()

    with pytest.raises(WrongStateError, match="It is delivered and cannot become active"):
        activate_batch(batch, by=marketer, now=NOW)


def test_a_batch_becomes_active_once(marketer):
    batch = makers.active_batch()

    with pytest.raises(WrongStateError):
        activate_batch(batch, by=marketer, now=NOW)


def test_a_batch_of_a_closed_campaign_cannot_become_active(marketer):
    batch = makers.acknowledged_batch()

    with pytest.raises(WrongStateError, match="campaign has closed"):
        activate_batch(batch, by=marketer, now=batch.campaign.closes_at)

    assert makers.fetched(batch).state == BatchState.ACKNOWLEDGED


def test_an_outsider_cannot_activate(outsider):
    batch = makers.acknowledged_batch()

    with pytest.raises(ForbiddenError):
        activate_batch(batch, by=outsider, now=NOW)


# ── At its time ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_is_due_from_its_time_on(marketer):
    batch = makers.acknowledged_batch()
    schedule_activation(batch, activates_at=SOON, by=marketer, now=NOW)

    assert list(batches_to_activate(now=SOON - timedelta.resolution)) == []
    assert list(batches_to_activate(now=SOON)) == [batch]


def test_a_batch_is_not_due_once_its_campaign_has_closed(marketer):
    batch = makers.acknowledged_batch()
    schedule_activation(batch, activates_at=SOON, by=marketer, now=NOW)

    assert list(batches_to_activate(now=batch.campaign.closes_at)) == []


def test_a_due_batch_becomes_active_by_itself(marketer):
    batch = makers.acknowledged_batch()
    schedule_activation(batch, activates_at=SOON, by=marketer, now=NOW)

    assert activate_due_batch(batch, by=SYSTEM, now=SOON).state == BatchState.ACTIVE


def test_a_nudge_that_comes_after_the_time_was_moved_activates_nothing(marketer):
    batch = makers.acknowledged_batch(activates_at=SOON)
    schedule_activation(batch, activates_at=SOON + timedelta(days=1), by=marketer, now=NOW)

    with pytest.raises(WrongStateError, match="has not come"):
        activate_due_batch(batch, by=SYSTEM, now=SOON)


def test_a_nudge_that_comes_after_the_time_was_cleared_activates_nothing(marketer):
    batch = makers.acknowledged_batch(activates_at=SOON)
    schedule_activation(batch, activates_at=None, by=marketer, now=NOW)

    with pytest.raises(WrongStateError):
        activate_due_batch(batch, by=SYSTEM, now=SOON)


@pytest.mark.parametrize("wrong", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=400)])
def test_refuses_a_time_outside_now_and_the_campaigns_end(marketer, wrong):
    batch = makers.acknowledged_batch()

    with pytest.raises(InvalidError) as refused:
        schedule_activation(batch, activates_at=wrong, by=marketer, now=NOW)

    assert set(refused.value.fields) == {"activates_at"}


def test_an_active_batch_has_no_time_to_set(marketer):
    batch = makers.active_batch()

    with pytest.raises(WrongStateError):
        schedule_activation(batch, activates_at=SOON, by=marketer, now=NOW)


# ── Its end ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("made", [makers.delivered_batch, makers.acknowledged_batch, makers.active_batch])
def test_a_batch_that_left_the_house_can_be_recalled(marketer, made):
    batch = recall_batch(made(), reason="stolen from the lorry", by=marketer, now=NOW)

    assert (batch.state, batch.end_reason) == (BatchState.RECALLED, "stolen from the lorry")


@pytest.mark.parametrize("made", [makers.planned_batch, makers.approved_batch])
def test_a_batch_that_never_left_the_house_is_not_recalled(marketer, made):
    batch = made()

    with pytest.raises(WrongStateError):
        recall_batch(batch, reason="stolen", by=marketer, now=NOW)


def test_a_recall_needs_a_reason(marketer):
    batch = makers.active_batch()

    with pytest.raises(InvalidError):
        recall_batch(batch, reason=" ", by=marketer, now=NOW)


def test_a_recalled_batch_never_becomes_active(marketer):
    batch = recall_batch(makers.acknowledged_batch(), reason="stolen", by=marketer, now=NOW)

    with pytest.raises(WrongStateError):
        activate_batch(batch, by=marketer, now=NOW)


def test_an_active_batch_is_closed_with_its_reason(marketer):
    batch = close_batch(makers.active_batch(), reason="run its course", by=marketer, now=NOW)

    assert batch.state == BatchState.CLOSED


def test_a_batch_that_was_never_active_is_not_closed(marketer):
    batch = makers.acknowledged_batch()

    with pytest.raises(WrongStateError):
        close_batch(batch, reason="run its course", by=marketer, now=NOW)


@pytest.mark.parametrize("act", [recall_batch, close_batch])
def test_an_outsider_cannot_end_a_batch(outsider, act):
    batch = makers.active_batch()

    with pytest.raises(ForbiddenError):
        act(batch, reason="mischief", by=outsider, now=NOW)
