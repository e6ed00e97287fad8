"""Second signatures: who may give them, until when, and that one of two wins; each refusal beside its success."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.actors import SYSTEM
from portal.accounts.operations.clients import issue_key
from portal.accounts.roles import ClientKind, Role
from portal.approvals import kinds
from portal.approvals.jobs import Job
from portal.approvals.models import Approval, ApprovalState
from portal.approvals.operations import (
    AskedAlreadyError,
    approve_request,
    expire_requests,
    refuse_request,
    renew_request,
    withdraw_request,
)
from portal.approvals.queries import may_decide, requests, requests_to_decide
from portal.audit.models import Entry
from portal.audit.queries import history
from portal.celery import app
from portal.core.errors import DomainError, ForbiddenError, FourEyesError, InvalidError, WrongStateError
from tests import makers
from tests.makers import NOW
from tests.portal.approvals.conftest import asked

pytestmark = pytest.mark.django_db
S = ApprovalState
LAST_MOMENT = NOW + timedelta(days=2) - NOW.resolution
TOO_LATE = NOW + timedelta(days=2)


def state(approval):
    approval.refresh_from_db()
    return approval.state


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_says_in_words_what_is_asked_for(approval, mexico, lumo, marketer):
    approval.refresh_from_db()

    assert str(approval.title) == "Break 3 things"
    assert [str(sentence) for sentence in kinds.kind_named("thing").told(approval)] == ["All 3 of them."]
    assert (approval.place, approval.within) == (
        {"market": mexico.pk, "brand": lumo.pk},
        sorted([mexico.pk, lumo.pk]),
    )
    assert (approval.asked_by, approval.asked_by_person) == (marketer.id, marketer.person)
    assert approval.expires_at == TOO_LATE


def test_a_request_is_written_into_the_trail(approval):
    entry = history(approval).get()

    assert (entry.act, entry.facts) == ("request.made", {"kind": "thing", "about": "thi_1"})


def test_refuses_to_ask_twice_for_one_thing(kind, approval, mexico, approver):
    with pytest.raises(AskedAlreadyError):
        asked(kind, mexico, by=approver)

    assert Approval.objects.count() == 1


def test_another_thing_can_be_asked_for(kind, approval, mexico, approver):
    asked(kind, mexico, by=approver, thing="thi_2")

    assert Approval.objects.count() == 2


def test_what_was_refused_can_be_asked_for_again(kind, approval, mexico, marketer, approver):
    refuse_request(approval, reason="not now", by=approver, now=NOW)

    assert asked(kind, mexico, by=marketer).state == S.PENDING


def test_who_may_not_ask_for_it_does_not_ask(kind, mexico, support):
    with pytest.raises(ForbiddenError):
        asked(kind, mexico, by=support)


def test_two_kinds_cannot_have_one_name(kind):
    with pytest.raises(ValueError, match="another kind of request named thing"):
        kinds.register(replace(kind, lasts=timedelta(days=1)))


# ── Approving ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_person_approves_and_it_is_carried_out(approval, approver, done):
    approve_request(approval, by=approver, now=NOW)

    assert state(approval) == S.APPROVED
    assert (approval.decided_by, approval.decided_by_person, approval.decided_at) == (
        approver.id,
        approver.person,
        NOW,
    )
    assert done.carried_out == [approval.public_id]
    assert [entry.act for entry in history(approval)] == ["request.approved", "request.made"]


def test_who_asked_does_not_approve(kind, mexico, approver, done):
    approval = asked(kind, mexico, by=approver)

    with pytest.raises(FourEyesError, match="Another person has to decide"):
        approve_request(approval, by=approver, now=NOW)

    assert (state(approval), done.carried_out) == (S.PENDING, [])


def test_an_administrator_who_asked_does_not_approve(kind, mexico, done):
    both = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    both = makers.an_actor("Olga Operator", Role.APPROVER, makers.make_house())
    approval = asked(kind, mexico, by=both)

    with pytest.raises(FourEyesError):
        approve_request(approval, by=both, now=NOW)


def test_who_asked_does_not_approve_with_a_key_that_they_issued(kind, mexico, lumo, marketer, done):
    makers.an_actor("Mariana Marketer", Role.OPERATOR, makers.make_house())
    asker = makers.an_actor("Mariana Marketer")
    approval = asked(kind, mexico, by=asker)
    _client, key = makers.client_with_key(ClientKind.AUTOMATION, mexico, lumo, issuer=asker)

    with pytest.raises(FourEyesError):
        approve_request(approval, by=makers.actor_behind(key), now=NOW)


def test_a_key_that_somebody_else_issued_approves(approval, mexico, lumo, operator, done):
    _client, key = makers.client_with_key(ClientKind.AUTOMATION, mexico, lumo, issuer=operator)

    approved = approve_request(approval, by=makers.actor_behind(key), now=NOW)

    assert approved.decided_by_person != approval.asked_by_person
    assert done.carried_out == [approval.public_id]


def test_a_program_does_not_approve_what_it_asked_for_whoever_answers_for_its_key(
    kind, mexico, lumo, operator
):
    client, key = makers.client_with_key(ClientKind.AUTOMATION, mexico, lumo, issuer=operator)
    another = makers.an_actor("Otto Operator", Role.OPERATOR, makers.make_house())
    _row, later = issue_key(client, by=another, now=NOW)
    approval = asked(kind, mexico, by=makers.actor_behind(key))

    with pytest.raises(FourEyesError):
        approve_request(approval, by=makers.actor_behind(later), now=NOW)


def test_the_system_decides_nothing(approval):
    with pytest.raises(FourEyesError, match="Only a person"):
        approve_request(approval, by=SYSTEM, now=NOW)


@pytest.mark.parametrize("role", [Role.MARKETER, Role.SUPPORT, Role.AUDITOR])
def test_who_may_not_decide_does_not_approve(approval, mexico, role):
    with pytest.raises(ForbiddenError):
        approve_request(approval, by=makers.an_actor(f"Another {role}", role, mexico), now=NOW)


def test_an_approver_of_another_market_does_not_approve(approval, canada):
    with pytest.raises(ForbiddenError):
        approve_request(approval, by=makers.an_approver(canada), now=NOW)


def test_a_request_is_approved_until_the_last_moment(approval, approver):
    assert approve_request(approval, by=approver, now=LAST_MOMENT).state == S.APPROVED


def test_an_expired_request_is_not_approved(approval, approver, done):
    with pytest.raises(WrongStateError, match="expired"):
        approve_request(approval, by=approver, now=TOO_LATE)

    assert done.carried_out == []


def test_a_request_is_decided_once(approval, approver, done):
    approve_request(approval, by=approver, now=NOW)

    for again in (
        lambda: approve_request(approval, by=approver, now=NOW),
        lambda: refuse_request(approval, reason="changed my mind", by=approver, now=NOW),
    ):
        with pytest.raises(WrongStateError, match="decided already"):
            again()
    assert done.carried_out == [approval.public_id]


def test_what_cannot_be_carried_out_leaves_the_request_open(approval, approver, done):
    done.is_impossible = True

    with pytest.raises(WrongStateError):
        approve_request(approval, by=approver, now=NOW)

    assert state(approval) == S.PENDING
    assert [entry.act for entry in history(approval)] == ["request.made"]


@pytest.mark.parametrize("decider", ["asker", "nobody"])
def test_the_database_itself_refuses_a_decision_by_whoever_asked_or_nobody(approval, decider):
    person = approval.asked_by_person if decider == "asker" else ""

    with pytest.raises(IntegrityError, match="a_request_is_decided_by_another"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            state=S.APPROVED, decided_by="usr_2", decided_by_person=person, decided_at=NOW
        )


# ── Refusing, taking back, expiring, asking again ────────────────────────────────────────────────────────


def test_a_second_person_refuses_with_a_reason(approval, approver, done):
    refuse_request(approval, reason=" too many ", by=approver, now=NOW)

    assert (state(approval), approval.reason) == (S.REFUSED, "too many")
    assert (done.carried_out, done.dropped) == ([], [approval.public_id])


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_refusal_needs_a_reason(approval, approver, reason):
    with pytest.raises(InvalidError) as refused:
        refuse_request(approval, reason=reason, by=approver, now=NOW)

    assert set(refused.value.fields) == {"reason"}
    assert state(approval) == S.PENDING


def test_who_asked_does_not_refuse_but_takes_back(kind, mexico, approver, done):
    approval = asked(kind, mexico, by=approver)

    with pytest.raises(FourEyesError):
        refuse_request(approval, reason="no", by=approver, now=NOW)
    withdraw_request(approval, reason="a mistake", by=approver, now=NOW)

    assert (state(approval), done.dropped) == (S.WITHDRAWN, [approval.public_id])


def test_a_stranger_does_not_take_it_back(approval, outsider):
    with pytest.raises(ForbiddenError):
        withdraw_request(approval, reason="mine", by=outsider, now=NOW)


def test_what_was_decided_is_not_taken_back(approval, approver, marketer):
    approve_request(approval, by=approver, now=NOW)

    with pytest.raises(WrongStateError):
        withdraw_request(approval, reason="too late", by=marketer, now=NOW)


def test_requests_expire_at_their_time_and_not_before(approval):
    assert expire_requests(by=SYSTEM, now=LAST_MOMENT) == 0
    assert state(approval) == S.PENDING

    assert expire_requests(by=SYSTEM, now=TOO_LATE) == 1
    assert (state(approval), approval.decided_at) == (S.EXPIRED, TOO_LATE)
    assert history(approval)[0].act == "request.expired"
    assert expire_requests(by=SYSTEM, now=TOO_LATE) == 0


def test_the_job_ends_what_is_overdue(kind, mexico, marketer):
    approval = asked(kind, mexico, by=marketer, now=NOW - timedelta(days=3650))

    app.loader.import_default_modules()
    app.tasks[Job.EXPIRE_REQUESTS]()

    assert state(approval) == S.EXPIRED


def test_an_expired_request_is_made_again_and_then_approved(approval, approver, marketer, done):
    expire_requests(by=SYSTEM, now=TOO_LATE)

    renew_request(approval, by=marketer, now=TOO_LATE)
    approve_request(approval, by=approver, now=TOO_LATE)

    assert (state(approval), done.carried_out) == (S.APPROVED, [approval.public_id])


def test_asking_again_for_somebody_does_not_let_them_decide(kind, mexico, approver):
    approval = asked(kind, mexico, by=approver)
    another = makers.an_actor("Ana Approver", Role.APPROVER, mexico)

    renew_request(approval, by=another, now=TOO_LATE)

    with pytest.raises(FourEyesError):
        approve_request(approval, by=approver, now=TOO_LATE)


def test_whoever_asks_again_does_not_decide(approval, mexico, approver, done):
    another = makers.an_actor("Ana Approver", Role.APPROVER, mexico)

    renew_request(approval, by=approver, now=TOO_LATE)

    with pytest.raises(FourEyesError):
        approve_request(approval, by=approver, now=TOO_LATE)
    assert list(requests_to_decide(approver, now=TOO_LATE)) == []
    assert list(requests_to_decide(another, now=TOO_LATE)) == [approval]
    approve_request(approval, by=another, now=TOO_LATE)
    assert done.carried_out == [approval.public_id]


def test_the_database_itself_refuses_whoever_asked_again(approval, approver):
    renew_request(approval, by=approver, now=TOO_LATE)
    decided = {"decided_at": TOO_LATE, "decided_by": "other", "decided_by_person": approver.person}

    with (
        pytest.raises(IntegrityError, match="a_renewed_request_is_decided_by_another"),
        transaction.atomic(),
    ):
        Approval.objects.filter(pk=approval.pk).update(state=S.APPROVED, **decided)


def test_an_open_request_is_not_made_again(approval, marketer):
    with pytest.raises(WrongStateError):
        renew_request(approval, by=marketer, now=LAST_MOMENT)


def test_a_request_is_not_made_again_beside_a_newer_one(kind, approval, mexico, marketer):
    expire_requests(by=SYSTEM, now=TOO_LATE)
    asked(kind, mexico, by=marketer, now=TOO_LATE)

    with pytest.raises(AskedAlreadyError):
        renew_request(approval, by=marketer, now=TOO_LATE)


# ── Who sees what ────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_waits_for_others_than_whoever_asked(kind, mexico, marketer, approver):
    first = asked(kind, mexico, by=marketer)
    own = asked(kind, mexico, by=approver, thing="thi_2")

    assert list(requests_to_decide(approver, now=NOW)) == [first]
    assert not requests_to_decide(marketer, now=NOW).exists()
    assert not requests_to_decide(SYSTEM, now=NOW).exists()
    assert may_decide(first, approver, now=NOW)
    assert not may_decide(own, approver, now=NOW)


def test_nothing_waits_for_anybody_once_it_has_expired(approval, approver):
    assert list(requests_to_decide(approver, now=LAST_MOMENT)) == [approval]
    assert not requests_to_decide(approver, now=TOO_LATE).exists()
    assert not may_decide(approval, approver, now=TOO_LATE)


def test_requests_are_seen_within_their_place(
    approval, marketer, approver, auditor, operator, outsider, support
):
    for actor in (marketer, approver, auditor, operator):
        assert list(requests(actor)) == [approval]
    for actor in (outsider, support):
        assert not requests(actor).exists()


# ── Two at once ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins(kind, mexico, done):
    approval = asked(kind, mexico, by=makers.a_marketer(mexico))
    deciders = [makers.an_approver(mexico), makers.an_actor("Ana Approver", Role.APPROVER, mexico)]
    start = threading.Barrier(2)

    def decide(approves, by):
        try:
            start.wait()
            if approves:
                return approve_request(approval, by=by, now=NOW)
            return refuse_request(approval, reason="no", by=by, now=NOW)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(decide, [True, False], deciders))

    assert [type(one) for one in results if isinstance(one, DomainError)] == [WrongStateError]
    assert len(done.carried_out) + len(done.dropped) == 1
    assert Entry.objects.filter(act__in=["request.approved", "request.refused"]).count() == 1
