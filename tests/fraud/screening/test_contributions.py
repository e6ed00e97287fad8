"""The whole way of a fraud: found by two analysts of one bank, registered, learned by another bank, taken back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from fraud.models import (
    Case,
    Contribution,
    Institution,
    RegistryMember,
    RegistryRecord,
    RegistryToken,
    Screening,
)
from fraud.models.registry import RecordState
from fraud.operations.cases.claiming import claim_case
from fraud.operations.cases.deciding import FRAUD_VERDICT, Finding, decide_case, find_fraud
from fraud.operations.cases.opening import reopen_case
from fraud.retention import forget
from fraud.rules.cases import CaseOrigin, ContributionState, Proof, Verdict
from fraud.rules.consortium import FraudType, Question, RecordRole
from fraud.rules.decisions import Outcome, ScreeningKind
from fraud.rules.elements import ElementKind
from fraud.screening import consortium
from fraud.screening.contributions import send_contributions
from fraud.screening.intake import Incoming, take
from fraud.screening.notices import learn
from fraud.screening.pipeline import screen
from fraud.screening.tokens import consortium_tokens
from portal.accounts.actors import SYSTEM, Actor
from portal.approvals.operations import approve_request
from portal.approvals.queries import request_about
from portal.core import clock
from tests.fraud.registry.process import SECRET, registry_process
from tests.makers_fraud import canonical, make_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def _registry(settings: Any) -> Iterator[None]:
    """A registry in a process of its own, which this process is set to ask."""
    with registry_process() as url:
        settings.REGISTRY_URL, settings.REGISTRY_SECRET = url, SECRET
        forget_registry()
        yield
    forget_registry()


def forget_registry() -> None:
    consortium.registry.cache_clear()
    consortium.consortium.cache_clear()


@pytest.fixture
def confirmed(bank_b: Institution, analyst: Actor, second_analyst: Actor) -> Contribution:
    """What two analysts found about an application at bank B."""
    case = claim_case(make_case(bank_b, "B-1"), by=analyst, now=now())
    found = Finding(
        fraud_type=FraudType.IDENTITY_THEFT,
        role=RecordRole.PERPETRATOR,
        proof=Proof.VICTIM_STATEMENT,
        party=0,
        kinds=[ElementKind.SIN, ElementKind.NAME_BIRTH],
    )
    find_fraud(case, found, by=analyst, now=now())
    approval = request_about(FRAUD_VERDICT, case)
    assert approval is not None
    approve_request(approval, by=second_analyst, now=now())
    return Contribution.objects.get()


def now() -> datetime:
    return clock.now()


def arrived(institution: Institution) -> Screening:
    """The same person, who applied at another bank before."""
    taken = take(institution, [Incoming(canonical("A-1"))], arrived_at=now(), by=SYSTEM, now=now())
    screen(institution, taken, by=SYSTEM, clock=clock.now)
    return Screening.objects.get(application__institution=institution)


@pytest.mark.usefixtures("_registry")
def test_a_fraud_goes_to_the_registry_and_comes_back_as_a_case_of_another_bank(
    bank_a: Institution, confirmed: Contribution
) -> None:
    first = arrived(bank_a)

    sent = send_contributions(by=SYSTEM, clock=clock.now)
    learned = learn(by=SYSTEM, clock=clock.now)

    confirmed.refresh_from_db()
    case = Case.objects.get(institution=bank_a)
    assert first.outcome != Outcome.REFER
    assert (sent, confirmed.state, confirmed.record[:4]) == (1, ContributionState.REGISTERED, "rec_")
    assert learned >= 1
    assert (case.origin, case.application_id) == (CaseOrigin.RETRO, first.application_id)
    retro = Screening.objects.filter(application=first.application_id, kind=ScreeningKind.RETRO).get()
    assert [hit["fraud_type"] for hit in retro.hits] == ["identity-theft"]


@pytest.mark.usefixtures("_registry")
def test_news_reaches_a_member_that_may_ask_no_more_today(
    bank_a: Institution, confirmed: Contribution
) -> None:
    arrived(bank_a)
    RegistryMember.objects.update(quota=0)
    send_contributions(by=SYSTEM, clock=clock.now)

    learn(by=SYSTEM, clock=clock.now)

    assert Case.objects.get(institution=bank_a).origin == CaseOrigin.RETRO


@pytest.mark.usefixtures("_registry")
def test_news_of_what_a_dead_worker_had_asked_about_is_its_first_word(
    bank_a: Institution, confirmed: Contribution
) -> None:
    taken = take(bank_a, [Incoming(canonical("A-1"))], arrived_at=now(), by=SYSTEM, now=now())
    asked = Question(application=taken[0].public_id, tokens=consortium_tokens(taken[0].canonical))
    consortium.consortium().ask(bank_a.public_id, [asked])
    send_contributions(by=SYSTEM, clock=clock.now)

    learn(by=SYSTEM, clock=clock.now)
    (again,) = screen(bank_a, taken, by=SYSTEM, clock=clock.now)

    first = Screening.objects.get(application__institution=bank_a)
    assert (first.kind, first.outcome, again.public_id) == (
        ScreeningKind.FIRST,
        Outcome.REFER,
        first.public_id,
    )
    assert Case.objects.get(institution=bank_a).application_id == taken[0].id


@pytest.mark.usefixtures("_registry")
def test_telling_twice_registers_once(confirmed: Contribution) -> None:
    send_contributions(by=SYSTEM, clock=clock.now)
    confirmed.refresh_from_db()
    Contribution.objects.update(state=ContributionState.WAITING, record="")

    send_contributions(by=SYSTEM, clock=clock.now)

    assert Contribution.objects.get().record == confirmed.record


@pytest.mark.usefixtures("_registry")
def test_what_is_taken_back_is_retracted(
    bank_a: Institution, confirmed: Contribution, analyst: Actor
) -> None:
    arrived(bank_a)
    send_contributions(by=SYSTEM, clock=clock.now)
    learn(by=SYSTEM, clock=clock.now)
    case = reopen_case(confirmed.case, reason="The wrong person.", by=analyst, now=now())
    decide_case(claim_case(case, by=analyst, now=now()), verdict=Verdict.CLEAR, by=analyst, now=now())

    send_contributions(by=SYSTEM, clock=clock.now)
    learn(by=SYSTEM, clock=clock.now)

    assert Contribution.objects.get().state == ContributionState.RETRACTED
    newest = Screening.objects.filter(application__institution=bank_a).order_by("-pk")[0]
    assert (newest.kind, newest.hits) == (ScreeningKind.RETRO, [])


@pytest.mark.usefixtures("_registry")
def test_a_record_that_has_expired_meanwhile_needs_no_retraction(
    confirmed: Contribution, analyst: Actor
) -> None:
    send_contributions(by=SYSTEM, clock=clock.now)
    RegistryRecord.objects.all().delete()
    case = reopen_case(confirmed.case, reason="The wrong person.", by=analyst, now=now())
    decide_case(claim_case(case, by=analyst, now=now()), verdict=Verdict.CLEAR, by=analyst, now=now())

    send_contributions(by=SYSTEM, clock=clock.now)

    assert Contribution.objects.get().state == ContributionState.RETRACTED


@pytest.mark.usefixtures("_registry")
@pytest.mark.parametrize("arrived_before", [False, True], ids=["never sent", "sent, and the answer lost"])
def test_what_is_taken_back_before_it_is_known_to_be_registered_is_no_news(
    bank_a: Institution, confirmed: Contribution, analyst: Actor, arrived_before: bool
) -> None:
    arrived(bank_a)
    if arrived_before:
        send_contributions(by=SYSTEM, clock=clock.now)
        learn(by=SYSTEM, clock=clock.now)
        Contribution.objects.update(state=ContributionState.WAITING, record="")
    case = reopen_case(confirmed.case, reason="The wrong person.", by=analyst, now=now())
    decide_case(claim_case(case, by=analyst, now=now()), verdict=Verdict.CLEAR, by=analyst, now=now())

    send_contributions(by=SYSTEM, clock=clock.now)

    assert Contribution.objects.get().state == ContributionState.RETRACTED
    # Whoever had the hit is told that it is gone; whoever had none hears nothing.
    assert learn(by=SYSTEM, clock=clock.now) == int(arrived_before)
    assert RegistryToken.objects.count() == 0


@pytest.mark.usefixtures("_registry")
def test_a_report_that_comes_after_its_withdrawal_is_no_record(
    bank_a: Institution, confirmed: Contribution
) -> None:
    Contribution.objects.update(state=ContributionState.RETRACTING)
    send_contributions(by=SYSTEM, clock=clock.now)
    Contribution.objects.update(state=ContributionState.WAITING, record="")

    send_contributions(by=SYSTEM, clock=clock.now)

    assert RegistryRecord.objects.get().state == RecordState.RETRACTED
    assert arrived(bank_a).hits == []


def test_a_registry_that_is_away_is_told_later(confirmed: Contribution, settings: Any) -> None:
    settings.REGISTRY_URL, settings.REGISTRY_SECRET = "http://127.0.0.1:9", SECRET
    forget_registry()

    sent = send_contributions(by=SYSTEM, clock=clock.now)
    again = send_contributions(by=SYSTEM, clock=clock.now)

    confirmed.refresh_from_db()
    forget_registry()
    assert (sent, again, confirmed.state, confirmed.tries) == (0, 0, ContributionState.WAITING, 1)
    assert confirmed.retry_at is not None
    assert "told again later" in confirmed.problem


@pytest.mark.usefixtures("_registry")
def test_an_erased_applicant_is_not_registered_any_more(confirmed: Contribution) -> None:
    forget(confirmed.case.application, now=now())

    send_contributions(by=SYSTEM, clock=clock.now)

    confirmed.refresh_from_db()
    assert confirmed.state == ContributionState.REFUSED
    assert "erased" in confirmed.problem
