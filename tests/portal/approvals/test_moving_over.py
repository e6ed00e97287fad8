"""Batches that were planned before there were requests get one, and the planner still may not approve."""

from importlib import import_module

import pytest
from django.apps import apps

from campaigns.operations.approving import BATCH
from campaigns.operations.planning import approve_batch
from campaigns.rules.states import BatchState
from portal.approvals.models import Approval, ApprovalState
from portal.approvals.queries import request_about
from portal.core import clock
from portal.core.errors import FourEyesError
from tests import makers

pytestmark = pytest.mark.django_db
move = import_module("campaigns.migrations.0005_requests_for_planned_batches")


def test_a_batch_planned_before_waits_for_the_same_people(approver):
    planned = makers.planned_batch(by=approver)
    approved = makers.approved_batch(planned.campaign)
    before = request_about(BATCH, planned)
    Approval.objects.all().delete()

    move.ask(apps, None)

    after = request_about(BATCH, planned)
    assert (after.title, after.facts, after.place, after.within) == (
        before.title,
        before.facts,
        before.place,
        before.within,
    )
    assert (after.asked_by, after.asked_by_person, after.asked_at) == (
        approver.id,
        approver.person,
        makers.NOW,
    )
    assert request_about(BATCH, approved) is None
    with pytest.raises(FourEyesError):
        approve_batch(planned, by=approver, now=clock.now())


def test_it_can_then_be_approved_by_another_and_the_move_taken_back(approver, mexico):
    planned = makers.planned_batch()
    Approval.objects.all().delete()
    move.ask(apps, None)

    assert approve_batch(planned, by=approver, now=makers.NOW).state == BatchState.APPROVED
    assert request_about(BATCH, planned).state == ApprovalState.APPROVED
    move.forget(apps, None)
    assert not Approval.objects.exists()
