"""Applicants are forgotten in time, handed out and erased on request; holds keep them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from fraud.models import Application, Case, FraudElement, Institution, Screening, WatchEntry
from fraud.queries.applicants import opened_application
from fraud.retention import APPLICANTS, POLICIES
from fraud.rules.cases import CaseState
from fraud.screening.tokens import own_tokens
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import Role
from portal.approvals.operations import approve_request
from portal.audit.models import Entry
from portal.core.errors import WrongStateError
from portal.core.tenancy import EVERYWHERE, acting_within
from portal.keys.sealed import ErasedError
from portal.privileges import Process
from portal.retention.operations.holds import hold_subject
from portal.retention.operations.runs import carry_out
from portal.retention.operations.subjects import HeldError, ask_to_erase, export_subject, find_subject
from tests import makers
from tests.fraud.cases.conftest import analyst, bank_a, bank_b
from tests.makers_fraud import NOW, canonical, make_application, make_case, make_screening, party
from tests.roles import acting_as

__all__ = ["analyst", "bank_a", "bank_b"]
pytestmark = pytest.mark.django_db
APPLICANT_POLICY, DETAILS_POLICY = POLICIES[:2]
LATER = NOW + timedelta(days=APPLICANT_POLICY.days + 1)


@pytest.fixture
def officer(bank_a: Institution) -> Actor:
    return makers.an_actor("Petra Privacy", Role.PRIVACY, makers.make_house())


@pytest.fixture
def second_officer(bank_a: Institution) -> Actor:
    return makers.an_actor("Paul Privacy", Role.PRIVACY, makers.make_house())


def with_tokens(stored: Application) -> Application:
    FraudElement.objects.bulk_create(
        FraudElement(
            institution=stored.institution, application=stored, kind=str(kind), token=token, arrived_at=NOW
        )
        for kind, token in own_tokens(stored.institution, canonical(stored.reference))
    )
    return stored


def run(policy: Any, bank: Institution, at: Any = LATER) -> Any:
    with acting_as(Process.PLATFORM), acting_within(EVERYWHERE):
        return carry_out(policy, bank, by=SYSTEM, clock=lambda: at)


def test_an_applicant_is_forgotten_in_time(bank_a: Institution) -> None:
    application = with_tokens(make_application(bank_a))
    make_screening(application, "clear")

    run(APPLICANT_POLICY, bank_a)

    application.refresh_from_db()
    assert (application.sealed, application.erased_at, application.facts) == (None, LATER, {})
    assert not FraudElement.objects.exists()
    assert Screening.objects.get().outcome == "clear"
    with pytest.raises(ErasedError):
        opened_application(application)


def test_an_applicant_stays_until_then(bank_a: Institution) -> None:
    make_application(bank_a)

    assert run(APPLICANT_POLICY, bank_a, LATER - timedelta(days=2)) is None


def test_an_applicant_stays_as_long_as_the_case_is_open(bank_a: Institution) -> None:
    make_case(bank_a)

    assert run(APPLICANT_POLICY, bank_a) is None


def test_the_time_counts_from_the_verdict(bank_a: Institution) -> None:
    case = make_case(bank_a)
    facts = {"verdict": "clear", "decided_by": "usr_1", "decided_at": NOW + timedelta(days=30)}
    Case.objects.filter(pk=case.pk).update(state=CaseState.DECIDED, **facts)

    assert run(APPLICANT_POLICY, bank_a) is None
    assert run(APPLICANT_POLICY, bank_a, LATER + timedelta(days=30)).done == 1


def test_a_hold_keeps_an_applicant(bank_a: Institution, officer: Actor) -> None:
    application = make_application(bank_a)
    hold_subject(application.public_id, place=application.place, reason="Case 7", by=officer, now=NOW)

    assert run(APPLICANT_POLICY, bank_a) is None


def test_details_of_screenings_go_and_their_outcome_stays(bank_a: Institution) -> None:
    application = make_application(bank_a)
    make_screening(application, hits=[{"tier": "strong"}], explanation=[{"rule": "x"}])

    run(DETAILS_POLICY, bank_a, NOW + timedelta(days=DETAILS_POLICY.days + 1))

    screening = Screening.objects.get()
    assert (screening.hits, screening.explanation, screening.score) == ([], [], 720)


@pytest.mark.parametrize("reference", ["A-1", "046 454 286"])
def test_an_applicant_is_found_and_handed_out(bank_a: Institution, officer: Actor, reference: str) -> None:
    application = with_tokens(make_application(bank_a))
    with_tokens(make_application(bank_a, "A-0"))

    subject = find_subject(APPLICANTS, reference, organization=bank_a, by=officer, now=NOW)
    held = export_subject(application.public_id, by=officer, now=NOW)

    assert subject.kind == "applicant"
    assert subject.public_id
    assert {each["reference"] for each in held["applications"]} == {"A-0", "A-1"}
    assert "Tremblay" in held["applications"][0]["facts"]


def test_nobody_is_found_at_another_bank(bank_a: Institution, bank_b: Institution, officer: Actor) -> None:
    with_tokens(make_application(bank_a))

    found = find_subject(APPLICANTS, "046454286", organization=bank_b, by=officer, now=NOW)

    assert found.public_id == ""


def test_erasing_takes_every_application_of_one_person(
    bank_a: Institution, officer: Actor, second_officer: Actor
) -> None:
    first = with_tokens(make_application(bank_a, "A-1"))
    second = with_tokens(make_application(bank_a, "A-2"))

    with acting_as(Process.WEB), acting_within(EVERYWHERE):
        approval = ask_to_erase(first.public_id, by=officer, now=NOW)
        approve_request(approval, by=second_officer, now=NOW)

    assert not Application.objects.filter(erased_at=None).exists()
    for each in (first, second):
        each.refresh_from_db()
        with pytest.raises(ErasedError):
            opened_application(each)


def test_a_hold_on_another_application_of_the_person_refuses_the_erasure(
    bank_a: Institution, officer: Actor, second_officer: Actor
) -> None:
    first = with_tokens(make_application(bank_a, "A-1"))
    second = with_tokens(make_application(bank_a, "A-2"))
    approval = ask_to_erase(first.public_id, by=officer, now=NOW)
    hold_subject(second.public_id, place=second.place, reason="Case 7", by=officer, now=NOW)

    with pytest.raises((WrongStateError, HeldError)):
        approve_request(approval, by=second_officer, now=NOW)


def watch(bank: Institution, token: bytes, kind: str) -> WatchEntry:
    return WatchEntry.objects.create(
        institution=bank,
        listed="suspect",
        kind=kind,
        token=token,
        reason="pattern",
        added_at=NOW,
        added_by="per_x",
    )


def test_whom_a_watch_list_knows_is_taken_off_when_they_are_erased_and_a_shared_place_stays(
    bank_a: Institution,
) -> None:
    application = with_tokens(make_application(bank_a))
    neighbour = make_application(bank_a, "A-2", parties=[party(national_id="", phones=[])])
    of_kind = dict(own_tokens(bank_a, canonical()))
    FraudElement.objects.create(
        institution=bank_a,
        application=neighbour,
        kind="address.1",
        token=of_kind["address.1"],
        arrived_at=NOW,
    )
    for kind in ("sin.1", "phone.1", "address.1", "device.1"):
        watch(bank_a, of_kind[kind], kind)
    watch(bank_a, b"somebody else" + b"." * 3, "phone.1")
    subject = APPLICANTS.get(application.public_id)
    assert subject is not None

    with transaction.atomic():
        APPLICANTS.erase(subject, by=SYSTEM, now=LATER)

    left = WatchEntry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(left) == ["address.1", "phone.1"]
    assert Entry.objects.filter(act="watch_entry.removed").count() == 3
