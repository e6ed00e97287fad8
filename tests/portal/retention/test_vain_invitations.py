"""Invitations in vain: people who never came in go, those who came in or still may stay, and a hold keeps all."""

from datetime import timedelta

import pytest

from portal.accounts.actors import SYSTEM
from portal.accounts.models import Invitation, Membership, User
from portal.accounts.operations.access import deactivate_person
from portal.accounts.operations.invitations import (
    OPENS_FOR,
    accept_invitation,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from portal.accounts.queries import actor_of
from portal.accounts.roles import Role
from portal.approvals.operations import approve_request
from portal.audit.models import Entry
from portal.retention.operations.holds import hold_organization, hold_subject
from portal.retention.operations.runs import carry_out
from portal.retention.operations.subjects import ask_to_erase
from portal.retention.policies import policy_named
from tests import makers
from tests.makers import NOW, PASSWORD, still

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)
EXPIRED = NOW + OPENS_FOR


@pytest.fixture
def invitation(operator, mexico):
    return invite_person("ana@example.com", organization=mexico, role=Role.MARKETER, by=operator, now=NOW)


def run(now):
    return carry_out(policy_named("vain-invitations"), None, by=SYSTEM, clock=still(now))


def is_there(invitation):
    return User.objects.filter(pk=invitation.user_id).exists()


def test_who_never_came_in_goes_a_month_after_the_link_expired(invitation):
    done = run(EXPIRED + MONTH)

    assert (done.done, done.first) == (1, invitation.user.public_id)
    assert not is_there(invitation)
    assert not Invitation.objects.exists()
    assert not Membership.objects.filter(user=invitation.user_id).exists()
    assert Entry.objects.filter(subject_id=invitation.public_id).exists()


def test_what_is_not_due_yet_stays(invitation):
    assert run(EXPIRED + MONTH - NOW.resolution) is None
    assert is_there(invitation)


def test_who_was_withdrawn_goes_a_month_after_that(invitation, operator):
    withdraw_invitation(invitation, by=operator, now=NOW)

    early, done = run(NOW + MONTH - NOW.resolution), run(NOW + MONTH)

    assert (early, done.done) == (None, 1)
    assert not is_there(invitation)


def test_who_was_invited_again_stays(invitation, operator):
    resend_invitation(invitation, by=operator, now=EXPIRED + MONTH)

    assert run(EXPIRED + MONTH) is None
    assert is_there(invitation)


@pytest.mark.parametrize("is_shut_out", [False, True])
def test_who_came_in_stays(invitation, operator, is_shut_out):
    by = actor_of(invitation.user)
    ana = accept_invitation(invitation, name="Ana", password=PASSWORD, language="en", by=by, now=NOW)
    if is_shut_out:
        deactivate_person(ana, by=operator, now=NOW)

    assert run(EXPIRED + 10 * MONTH) is None
    assert ana.memberships.exists()


def test_a_hold_on_the_person_beats_it(invitation):
    officer = makers.an_actor("Olivia Officer", Role.PRIVACY, makers.make_house())
    hold_subject(invitation.user.public_id, place={}, reason="Case 7", by=officer, now=NOW)

    assert run(EXPIRED + MONTH) is None
    assert is_there(invitation)


@pytest.mark.parametrize("is_everything", [False, True])
def test_a_hold_on_the_organization_or_on_everything_beats_it(invitation, mexico, is_everything):
    officer = makers.an_actor("Olivia Officer", Role.PRIVACY, makers.make_house())
    on = makers.make_house() if is_everything else mexico
    hold_organization(on, reason="Case 7", by=officer, now=NOW)

    assert run(EXPIRED + MONTH) is None
    assert is_there(invitation)


def test_who_was_erased_stays_without_a_name(invitation, operator):
    officer = makers.an_actor("Olivia Officer", Role.PRIVACY, makers.make_house())
    approval = ask_to_erase(invitation.user.public_id, by=officer, now=NOW)
    approve_request(approval, by=makers.an_actor("Paul Privacy", Role.PRIVACY, makers.make_house()), now=NOW)

    assert run(EXPIRED + MONTH) is None
    assert User.objects.get(pk=invitation.user_id).name == "Erased"


def test_who_went_can_be_invited_anew(invitation, operator, mexico):
    run(EXPIRED + MONTH)

    again = invite_person(
        "ana@example.com", organization=mexico, role=Role.MARKETER, by=operator, now=EXPIRED + MONTH
    )

    assert again.user_id != invitation.user_id
    assert again.user.memberships.get().role == Role.MARKETER
