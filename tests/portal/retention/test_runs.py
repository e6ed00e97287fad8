"""Runs of retention: what goes and what stays to the moment, holds before all, and nothing lost or twice."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from campaigns.models import Batch, Member
from campaigns.retention import POLICIES
from portal.accounts.actors import SYSTEM, OrganizationKind
from portal.accounts.models import ClientKey, User
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import verify
from portal.keys.models import Certificate, SubjectKey
from portal.keys.signing import signing_key
from portal.retention.models import LegalHold, RetentionRun
from portal.retention.operations.holds import ask_to_lift, hold_organization, hold_subject
from portal.retention.operations.periods import ask_for_days
from portal.retention.operations.runs import advance_run, begin_run, carry_out
from portal.retention.policies import Action, RetentionPolicy, policies, policy_named, register
from portal.retention.queries import days_kept, due, forecast, preview
from portal.security.models import Alert
from tests import makers
from tests.makers import NOW, still

pytestmark = pytest.mark.django_db
MEMBERS = POLICIES[0]
LONG_AGO = NOW - timedelta(days=1095)


def member(market, number=1, *, at=LONG_AGO):
    return makers.make_member(market, f"ext:{number}", now=at)


def place_of(market):
    return {OrganizationKind.MARKET: market.pk}


def is_there(member):
    member.refresh_from_db()
    has_key = SubjectKey.objects.get(subject=member.public_id).wrapped is not None
    assert (member.erased_at is None) == has_key == (member.sealed_reference is not None)
    return has_key


def run(policy, organization=None, *, now=NOW, **more):
    return carry_out(policy, organization, by=SYSTEM, clock=still(now), **more)


@pytest.fixture
def privacy(mexico):
    return makers.an_actor("Petra Privacy", Role.PRIVACY, mexico)


@pytest.fixture
def another(mexico):
    return makers.an_actor("Paul Privacy", Role.PRIVACY, mexico)


# ── What goes ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_as_old_as_the_period_goes_and_what_is_younger_stays(mexico):
    old, young = member(mexico, 1), member(mexico, 2, at=LONG_AGO + NOW.resolution)

    done = run(MEMBERS, mexico)

    assert (is_there(old), is_there(young)) == (False, True)
    assert (done.done, done.total, done.cut_off) == (1, 1, LONG_AGO)


def test_a_member_who_redeemed_lately_stays(mexico, press):
    from campaigns.operations.redemption import redeem_code

    batch = makers.active_batch(makers.make_campaign(market=mexico), printer=press)
    redeem_code(
        makers.a_code(batch),
        member="ext:1",
        campaign=batch.campaign.slug,
        by=makers.a_marketer(mexico),
        now=NOW,
    )
    Member.objects.update(created_at=LONG_AGO)

    assert run(MEMBERS, mexico) is None
    assert is_there(Member.objects.get())


def test_a_preview_counts_and_names_and_changes_nothing(mexico):
    rows = [member(mexico, number) for number in range(7)]

    seen = preview(MEMBERS, mexico, now=NOW)

    assert (seen.count, seen.samples) == (7, [row.public_id for row in rows[:5]])
    assert all(is_there(row) for row in rows)
    assert not RetentionRun.objects.exists()


def test_the_command_changes_nothing_until_it_is_told_to(mexico, capsys):
    row = member(mexico)

    call_command("retain", "--policy", "members")
    dry = capsys.readouterr().out
    assert is_there(row)
    call_command("retain", "--policy", "members", "--apply")

    assert not is_there(row)
    assert "members in Mexico: 1 to shred" in dry
    assert "Nothing was changed" in dry
    assert f"1 gone by {RetentionRun.objects.get().public_id}" in capsys.readouterr().out


def test_the_command_knows_the_names_of_policies():
    with pytest.raises(CommandError, match="There is no such policy"):
        call_command("retain", "--policy", "memers")


def test_ended_sessions_go_and_live_ones_stay():
    Session.objects.create(session_key="old", session_data="", expire_date=NOW - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=NOW - timedelta(hours=23))

    done = run(policy_named("sessions"))

    assert [row.session_key for row in Session.objects.all()] == ["new"]
    assert (done.done, done.first, done.last) == (1, "", "")


def test_keys_of_clients_go_long_after_their_end(mexico, lumo, operator):
    client, _key = makers.client_with_key("automation", mexico, lumo, issuer=operator)
    client.keys.update(expires_at=None)
    policy = policy_named("client-keys")

    assert run(policy, now=NOW + timedelta(days=4000)) is None
    client.keys.update(revoked_at=NOW, expires_at=NOW + timedelta(days=100))

    assert run(policy, now=NOW + timedelta(days=400) - NOW.resolution) is None
    assert run(policy, now=NOW + timedelta(days=400)).done == 1
    assert not ClientKey.objects.exists()


def test_the_request_key_of_a_batch_is_blanked_and_the_batch_stays(mexico):
    batch = makers.planned_batch(makers.make_campaign(market=mexico), request_key="order-1")

    done = run(policy_named("batch-request-keys"), now=NOW + timedelta(days=90))

    assert done.done == 1
    assert Batch.objects.get(pk=batch.pk).request_key == ""


def test_decided_requests_go_and_open_ones_stay(mexico):
    campaign = makers.make_campaign(market=mexico)
    makers.approved_batch(campaign)
    waiting = makers.planned_batch(campaign)

    done = run(policy_named("requests"), now=NOW + timedelta(days=1095))

    assert done.done == 1
    assert [row.subject_id for row in Approval.objects.all()] == [waiting.public_id]


@pytest.mark.parametrize("policy", [policy.name for policy in policies()])
def test_every_policy_runs_on_an_empty_house(policy, mexico):
    assert run(policy_named(policy), mexico if policy_named(policy).per else None) is None
    assert forecast(policy_named(policy), [NOW, NOW + timedelta(days=30)], [None]) == [0, 0]


def test_what_will_go_is_counted_by_month(mexico, canada):
    for days, market in [(0, mexico), (10, mexico), (40, canada), (400, mexico)]:
        member(market, days, at=LONG_AGO + timedelta(days=days))

    months = [NOW, NOW + timedelta(days=30), NOW + timedelta(days=60)]

    assert forecast(MEMBERS, months, [mexico, canada]) == [1, 1, 1]


# ── Runs, certificates, the trail ────────────────────────────────────────────────────────────────────────


def test_a_run_goes_chunk_by_chunk_and_its_certificate_says_what_went(mexico):
    rows = [member(mexico, number) for number in range(7)]

    done = run(MEMBERS, mexico, chunk=3)

    names = [row.public_id for row in rows]
    digest = ""
    for chunk in (names[:3], names[3:6], names[6:]):
        digest = hashlib.sha256("\n".join([digest, *chunk]).encode()).hexdigest()
    certificate = Certificate.objects.get(public_id=done.certificate)
    told = json.loads(certificate.content)
    assert (done.done, done.first, done.last, done.digest) == (7, names[0], names[-1], digest)
    assert (told["rows"], told["digest"], told["organization"]) == (7, digest, mexico.public_id)
    assert told["cut_off"] == LONG_AGO.isoformat()
    verify(
        signing_key(Purpose.CERTIFICATES).public_key(), certificate.signature, certificate.content.encode()
    )


def test_a_run_is_written_into_the_trail(mexico):
    member(mexico)

    done = run(MEMBERS, mexico)

    acts = Entry.objects.filter(subject_id=done.public_id).order_by("id").values_list("act", flat=True)
    assert list(acts) == ["retention.started", "retention.advanced", "retention.finished"]


def test_a_run_that_was_broken_off_is_taken_up_again(mexico):
    rows = [member(mexico, number) for number in range(5)]
    first = begin_run(MEMBERS, mexico, by=SYSTEM, now=NOW)
    advance_run(first, chunk=2, by=SYSTEM, now=NOW)

    done = run(MEMBERS, mexico, now=NOW + timedelta(hours=1), chunk=2)

    assert (done.public_id, done.done, done.total) == (first.public_id, 5, 5)
    assert not any(is_there(row) for row in rows)


def test_a_run_leaves_the_rest_when_its_time_is_over(mexico):
    member(mexico)

    left = run(MEMBERS, mexico, until=NOW)

    assert (left.done, left.finished_at) == (0, None)


def test_a_run_that_has_ended_goes_no_further(mexico):
    member(mexico)
    done = run(MEMBERS, mexico)

    with pytest.raises(WrongStateError):
        advance_run(done, by=SYSTEM, now=NOW)


def test_who_may_not_edit_retention_runs_nothing(mexico, marketer):
    member(mexico)

    with pytest.raises(ForbiddenError):
        begin_run(MEMBERS, mexico, by=marketer, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_remove_each_row_once():
    market = makers.make_market("mx")
    rows = [member(market, number) for number in range(40)]
    start = threading.Barrier(2)

    def work():
        start.wait()
        try:
            return run(MEMBERS, market, chunk=3)
        except WrongStateError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _number: work(), range(2)))
    run(MEMBERS, market)

    done = RetentionRun.objects.get()
    removed = [entry.facts["rows"] for entry in Entry.objects.filter(act="retention.advanced")]
    assert (done.done, sum(removed)) == (40, 40)
    assert not any(is_there(row) for row in rows)


# ── Periods ──────────────────────────────────────────────────────────────────────────────────────────────


def change(policy, organization, days, privacy, another, now=NOW):
    approval = ask_for_days(policy, organization=organization, days=days, by=privacy, now=now)
    return approve_request(approval, by=another, now=now)


def test_each_market_keeps_for_as_long_as_it_says(mexico, canada, privacy, another):
    here, there = (member(market, at=NOW - timedelta(days=200)) for market in (mexico, canada))
    change(MEMBERS, mexico, 200, privacy, another)

    assert run(MEMBERS, mexico).done == 1
    assert run(MEMBERS, canada) is None
    assert (is_there(here), is_there(there)) == (False, True)
    assert (days_kept(MEMBERS, mexico), days_kept(MEMBERS, canada)) == (200, 1095)


def test_a_period_changes_only_once_a_second_person_has_approved(mexico, privacy, another):
    approval = ask_for_days(MEMBERS, organization=mexico, days=400, by=privacy, now=NOW)
    assert days_kept(MEMBERS, mexico) == 1095

    approve_request(approval, by=another, now=NOW)

    assert days_kept(MEMBERS, mexico) == 400
    assert Entry.objects.filter(act="period.changed", facts__policy="members").exists()


@pytest.mark.parametrize("days", [MEMBERS.floor - 1, MEMBERS.ceiling + 1])
def test_refuses_a_period_outside_its_bounds(mexico, privacy, days):
    with pytest.raises(InvalidError) as refused:
        ask_for_days(MEMBERS, organization=mexico, days=days, by=privacy, now=NOW)

    assert set(refused.value.fields) == {"days"}


@pytest.mark.parametrize("days", [MEMBERS.floor, MEMBERS.ceiling])
def test_takes_a_period_at_its_bounds(mexico, privacy, days):
    assert ask_for_days(MEMBERS, organization=mexico, days=days, by=privacy, now=NOW)


def test_refuses_the_period_that_holds_already(mexico, privacy):
    with pytest.raises(WrongStateError):
        ask_for_days(MEMBERS, organization=mexico, days=1095, by=privacy, now=NOW)


def test_refuses_a_place_for_what_is_kept_alike_everywhere(mexico, privacy):
    with pytest.raises(InvalidError):
        ask_for_days(policy_named("requests"), organization=mexico, days=400, by=privacy, now=NOW)


def test_a_market_does_not_decide_for_everybody(privacy):
    with pytest.raises(ForbiddenError):
        ask_for_days(policy_named("requests"), organization=None, days=400, by=privacy, now=NOW)


def test_a_longer_period_counts_for_a_run_that_has_begun(mexico, privacy, another):
    row = member(mexico)
    begun = begin_run(MEMBERS, mexico, by=SYSTEM, now=NOW)
    change(MEMBERS, mexico, 2000, privacy, another)

    done = advance_run(begun, by=SYSTEM, now=NOW)

    assert is_there(row)
    assert (done.done, done.state) == (0, "done")


# ── Holds ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hold_on_a_market_beats_the_policy_there_and_nowhere_else(mexico, canada, privacy):
    here, there = member(mexico), member(canada)
    hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)

    assert run(MEMBERS, mexico) is None
    assert run(MEMBERS, canada).done == 1
    assert (is_there(here), is_there(there)) == (True, False)


def test_a_hold_on_one_person_keeps_them_alone(mexico, privacy):
    kept, other = member(mexico, 1), member(mexico, 2)
    hold_subject(kept.public_id, place=place_of(mexico), reason="Case 7", by=privacy, now=NOW)

    assert run(MEMBERS, mexico).done == 1
    assert (is_there(kept), is_there(other)) == (True, False)


def test_a_hold_on_the_operator_keeps_everything(mexico, operator):
    member(mexico)
    Session.objects.create(session_key="old", session_data="", expire_date=NOW - timedelta(days=9))
    hold_organization(makers.make_house(), reason="Case 7", by=operator, now=NOW)

    assert run(MEMBERS, mexico) is None
    assert run(policy_named("sessions")) is None


@pytest.mark.parametrize(("held", "left"), [(True, 1), (False, 0)])
def test_a_hold_on_a_market_keeps_what_was_decided_there(mexico, canada, privacy, held, left):
    makers.approved_batch(makers.make_campaign(market=mexico))
    if held:
        hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)

    run(policy_named("requests"), now=NOW + timedelta(days=1095))

    assert Approval.objects.count() == left


@pytest.mark.parametrize(("held", "left"), [(True, 1), (False, 0)])
def test_a_hold_on_a_market_keeps_the_alerts_there(mexico, privacy, operator, held, left):
    holder = User.objects.get(public_id=operator.person)
    Alert.objects.create(
        **dict.fromkeys(("since", "opened_at", "last_at", "closed_at"), NOW),
        within=[mexico.pk],
        severity=1,
        state="closed",
        holder=holder,
    )
    if held:
        hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)

    run(policy_named("alerts"), now=NOW + timedelta(days=1095))

    assert Alert.objects.count() == left


@pytest.mark.parametrize(("held", "left"), [(True, 1), (False, 0)])
def test_a_hold_on_a_market_keeps_the_keys_of_its_clients(mexico, lumo, privacy, held, left):
    makers.client_with_key("automation", mexico, lumo)
    ClientKey.objects.update(revoked_at=NOW)
    if held:
        hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)

    run(policy_named("client-keys"), now=NOW + timedelta(days=400))

    assert ClientKey.objects.count() == left


@pytest.mark.parametrize(("held", "left"), [(True, 1), (False, 0)])
def test_a_hold_on_a_market_keeps_the_devices_of_its_people(mexico, marketer, privacy, held, left):
    user = User.objects.get(public_id=marketer.person)
    device = UserSession.objects.create(user=user, ip="192.0.2.7", user_agent="Firefox", session_key="old")
    UserSession.objects.filter(pk=device.pk).update(last_seen_at=NOW)
    if held:
        hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)

    run(policy_named("devices"), now=NOW + timedelta(days=90))

    assert UserSession.objects.count() == left


def test_a_hold_placed_in_the_midst_of_a_run_stops_the_rest(mexico, privacy):
    rows = [member(mexico, number) for number in range(4)]
    begun = begin_run(MEMBERS, mexico, by=SYSTEM, now=NOW)
    advance_run(begun, chunk=2, by=SYSTEM, now=NOW)
    hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)

    done = advance_run(begun, chunk=2, by=SYSTEM, now=NOW)

    assert [is_there(row) for row in rows] == [False, False, True, True]
    assert (done.done, done.state) == (2, "done")


def test_a_hold_is_lifted_by_two(mexico, privacy, another):
    row = member(mexico)
    hold = hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)
    approval = ask_to_lift(hold, by=privacy, now=NOW)
    assert run(MEMBERS, mexico) is None

    approve_request(approval, by=another, now=NOW)

    assert run(MEMBERS, mexico).done == 1
    assert not is_there(row)
    with pytest.raises(WrongStateError):
        ask_to_lift(hold, by=privacy, now=NOW)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_hold_needs_a_reason(mexico, privacy, reason):
    with pytest.raises(InvalidError):
        hold_organization(mexico, reason=reason, by=privacy, now=NOW)


def test_a_hold_is_not_for_other_markets(canada, privacy):
    with pytest.raises(ForbiddenError):
        hold_organization(canada, reason="Case 7", by=privacy, now=NOW)


def test_the_database_itself_refuses_a_hold_on_nothing_or_on_two_things(mexico):
    for organization, subject in [(None, ""), (mexico, "mem_1")]:
        with pytest.raises(IntegrityError, match="a_hold_is_on_one_thing"), transaction.atomic():
            LegalHold.objects.create(
                organization=organization, subject=subject, reason="x", placed_at=NOW, placed_by="x"
            )


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────


def policy(**changes):
    facts = {
        "name": "things",
        "title": "Things",
        "what": "Things.",
        "days": 10,
        "floor": 1,
        "ceiling": 20,
        "action": Action.DELETE,
        "rows": Session.objects.all,
        "since": "expire_date",
    }
    return RetentionPolicy(**{**facts, **changes})


def test_a_policy_that_hangs_together_is_taken():
    assert policy().days == 10


@pytest.mark.parametrize(
    "changes",
    [{"days": 21}, {"days": 0}, {"per": "market"}, {"action": Action.REDACT}, {"action": Action.SHRED}],
)
def test_a_policy_that_does_not_hang_together_is_refused(changes):
    with pytest.raises(ValueError, match="the policy things"):
        policy(**changes)


def test_two_policies_cannot_have_one_name():
    with pytest.raises(ValueError, match="another policy named members"):
        register(policy(name="members"))


@pytest.mark.parametrize("name", [policy.name for policy in policies()])
def test_no_policy_touches_what_is_written_for_good(name):
    for_good = {"audit_entry", "campaigns_redemption", "campaigns_ledgerentry", "keys_certificate"}

    assert due(policy_named(name), None, cut_off=NOW).model._meta.db_table not in for_good
