"""Retention with the rights that its processes really have: the worker removes, the web erases and holds."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from campaigns.models import Batch, Member
from campaigns.retention import POLICIES as CAMPAIGNS
from portal.accounts.actors import SYSTEM
from portal.accounts.models import ClientKey, User
from portal.accounts.operations.invitations import invite_person
from portal.accounts.roles import ClientKind, Role
from portal.approvals.operations import approve_request, expire_requests
from portal.core.tenancy import EVERYWHERE, acting_within
from portal.mail.models import Mail, MailState
from portal.privileges import Process
from portal.retention.models import RetentionRun
from portal.retention.operations.holds import hold_organization
from portal.retention.operations.periods import ask_for_days
from portal.retention.operations.runs import carry_out
from portal.retention.operations.subjects import ask_to_erase, export_subject
from portal.retention.policies import policies
from portal.retention.queries import places_of
from portal.security.models import Alert, AlertNote
from tests import makers
from tests.makers import NOW, still
from tests.roles import acting_as

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = NOW - timedelta(days=4000)


def one_of_each(mexico):
    """Something old enough for every policy."""
    makers.make_member(mexico, now=LONG_AGO)
    campaign = makers.make_campaign(
        market=mexico, opens=makers.NOW.replace(tzinfo=None) - timedelta(days=4100)
    )
    makers.approved_batch(campaign, request_key="order-1", now=LONG_AGO)
    operator = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    invite_person("ana@example.com", organization=mexico, role=Role.MARKETER, by=operator, now=LONG_AGO)
    Session.objects.create(session_key="old", session_data="", expire_date=LONG_AGO)
    Mail.objects.create(state=MailState.SENT, created_at=LONG_AGO, sent_at=LONG_AGO)
    makers.client_with_key(ClientKind.WEBSITE, mexico, makers.make_brand())
    ClientKey.objects.update(revoked_at=LONG_AGO)
    olga = User.objects.get(email="olga.operator@example.com")
    alert = Alert.objects.create(
        severity=1,
        state="closed",
        holder=olga,
        since=LONG_AGO,
        opened_at=LONG_AGO,
        last_at=LONG_AGO,
        closed_at=LONG_AGO,
    )
    AlertNote.objects.create(alert=alert, author=olga, text="Nothing", at=LONG_AGO)


def test_the_worker_may_all_that_the_policies_ask_of_it(mexico, canada):
    one_of_each(mexico)
    # With a hold elsewhere, which every policy has to look at.
    operator = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    hold_organization(canada, reason="Case 7", by=operator, now=NOW)

    with acting_as(Process.PLATFORM), acting_within(EVERYWHERE):
        for policy in policies():
            for organization in places_of(policy):
                carry_out(policy, organization, by=SYSTEM, clock=still())

    went = set(RetentionRun.objects.filter(done__gt=0).values_list("policy", flat=True))
    assert went == {
        *("alerts", "batch-request-keys", "client-keys", "mails", "members", "requests", "sessions"),
        "vain-invitations",
    }
    assert Member.objects.get().erased_at == NOW
    assert Batch.objects.get().request_key == ""
    assert not Alert.objects.exists()
    assert not User.objects.filter(email="ana@example.com").exists()


def test_the_worker_ends_overdue_requests(mexico):
    makers.planned_batch(makers.make_campaign(market=mexico))

    with acting_as(Process.PLATFORM), acting_within(EVERYWHERE):
        ended = expire_requests(by=SYSTEM, now=NOW + timedelta(days=14))

    assert ended == 1


def test_the_web_asks_holds_hands_out_and_erases(mexico):
    member = makers.make_member(mexico)
    petra, paul = (makers.an_actor(f"{name} Privacy", Role.PRIVACY, mexico) for name in ("Petra", "Paul"))

    with acting_as(Process.WEB), acting_within(petra.tenants):
        held = export_subject(member.public_id, by=petra, now=NOW)
        approve_request(ask_to_erase(member.public_id, by=petra, now=NOW), by=paul, now=NOW)
        change = ask_for_days(CAMPAIGNS[0], organization=mexico, days=500, by=petra, now=NOW)
        approve_request(change, by=paul, now=NOW)
        hold_organization(mexico, reason="Case 7", by=petra, now=NOW)

    member.refresh_from_db()
    assert held["member"]["reference"] == "ext:1"
    assert member.erased_at == NOW


def test_the_web_erases_somebody_who_signs_in(mexico):
    officer = makers.an_actor("Olivia Officer", Role.PRIVACY, makers.make_house())
    operator = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    marketer = makers.a_marketer(mexico)

    with acting_as(Process.WEB), acting_within(EVERYWHERE):
        export_subject(marketer.person, by=officer, now=NOW)
        approve_request(ask_to_erase(marketer.person, by=officer, now=NOW), by=operator, now=NOW)

    assert User.objects.get(public_id=marketer.person).name == "Erased"
