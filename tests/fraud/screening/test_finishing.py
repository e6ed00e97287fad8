"""What the online door left is finished by workers: once, in time, and told of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings

from fraud.models import Application, Institution, Screening, Sweep, WebhookDelivery, WebhookEndpoint
from fraud.queries.applications import applications_to_ask_again
from fraud.rules.consortium import Facts, FraudType, RecordRole, Report
from fraud.rules.decisions import ScreeningKind
from fraud.rules.webhooks import Event
from fraud.screening.consortium import consortium, registry
from fraud.screening.finishing import ask_again, finish, finish_left
from fraud.screening.intake import Incoming, Taken, take
from fraud.screening.online import answer
from fraud.screening.tokens import consortium_tokens
from portal.accounts.actors import SYSTEM
from portal.core.tenancy import EVERYWHERE, acting_within
from tests import makers
from tests.fraud.registry.process import SECRET, registry_process
from tests.makers_fraud import NOW, canonical, make_institution

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def bank() -> Institution:
    bank = make_institution(time_budget=30_000)
    WebhookEndpoint.objects.create(institution=bank, url="https://example.com/", created_at=NOW)
    return bank


def left(bank: Institution, reference: str = "A-1") -> Taken:
    """Stored by a process that died before it had screened."""
    return take(bank, [Incoming(canonical(reference))], arrived_at=NOW, by=SYSTEM, now=NOW)[0]


def swept(now: datetime) -> int:
    return finish_left(by=SYSTEM, clock=makers.still(now))


def forget_consortium() -> None:
    consortium.cache_clear()
    registry.cache_clear()


def test_screens_what_a_dead_process_left_and_tells_the_institution(bank: Institution) -> None:
    taken = left(bank)

    early, done, again = swept(NOW), swept(LATER), swept(LATER)

    screening = Screening.objects.get(application=taken.id)
    assert (early, done, again) == (0, 1, 0)
    assert screening.kind == ScreeningKind.FIRST
    assert WebhookDelivery.objects.get().event == Event.DECIDED


def test_one_that_was_tampered_with_does_not_stand_before_the_others(bank: Institution) -> None:
    taken = [left(bank, f"A-{number}") for number in range(5)]
    Application.objects.filter(pk=taken[1].id).update(sealed=b"somebody else's".ljust(60, b"."))

    done = swept(LATER)

    screened = set(Screening.objects.values_list("application", flat=True))
    assert (done, screened) == (4, {each.id for each in taken} - {taken[1].id})


def test_an_application_that_was_answered_is_left_alone(bank: Institution) -> None:
    answer(bank, canonical(), by=SYSTEM, clock=makers.still())

    assert swept(makers.NOW + timedelta(minutes=5)) == 0
    assert not WebhookDelivery.objects.exists()


def test_two_workers_on_one_application_decide_it_once(bank: Institution) -> None:
    taken = left(bank)

    def work(_number: int) -> str:
        with acting_within(EVERYWHERE):
            try:
                application = Application.objects.get(pk=taken.id)
                return finish(application, by=SYSTEM, clock=makers.still(LATER)).public_id
            finally:
                connection.close()

    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(work, range(4)))

    assert len(found) == Screening.objects.count() == WebhookDelivery.objects.count() == 1


def test_asks_the_consortium_again_when_it_is_back_and_tells_of_another_outcome(bank: Institution) -> None:
    application = canonical()
    first = answer(bank, application, by=SYSTEM, clock=makers.still(NOW)).screened
    assert first is not None
    in_vain = ask_again(by=SYSTEM, clock=makers.still(LATER))
    with registry_process() as url, override_settings(REGISTRY_URL=url, REGISTRY_SECRET=SECRET):
        forget_consortium()
        ours = registry()
        assert ours is not None
        facts = Facts(fraud_type=FraudType.SYNTHETIC_IDENTITY, role=RecordRole.PERPETRATOR, month="2026-02")
        tokens = consortium_tokens(application)
        ours.report(Report(contribution="ctb_0001", institution="org_another", facts=facts, tokens=tokens))

        done = ask_again(by=SYSTEM, clock=makers.still(LATER))
        again = ask_again(by=SYSTEM, clock=makers.still(LATER))
    forget_consortium()

    newest = Screening.objects.order_by("-pk")[0]
    assert (first.is_degraded, in_vain, done, again) == (True, 0, 1, 0)
    assert (newest.kind, newest.outcome, newest.is_degraded) == (ScreeningKind.RECHECK, "refer", False)
    assert WebhookDelivery.objects.get().event == Event.CHANGED


def test_what_was_left_long_ago_is_finished_and_never_looked_for_again(bank: Institution) -> None:
    taken = left(bank)
    much_later = NOW + timedelta(days=40)

    done = swept(much_later)

    assert (done, Screening.objects.get().application_id) == (1, taken.id)
    assert Sweep.objects.get().reached_at == much_later - timedelta(minutes=10)


def test_more_than_a_run_takes_is_left_to_the_next(
    bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fraud.screening.finishing._MOST", 2)
    for number in range(3):
        left(bank, f"A-{number}")

    runs = [swept(LATER + timedelta(hours=1)) for _run in range(3)]

    assert runs == [2, 1, 0]
    assert Screening.objects.count() == 3


def test_the_consortium_is_asked_again_however_long_it_was_away(bank: Institution) -> None:
    answer(bank, canonical(), by=SYSTEM, clock=makers.still(NOW))
    with registry_process() as url, override_settings(REGISTRY_URL=url, REGISTRY_SECRET=SECRET):
        forget_consortium()
        done = ask_again(by=SYSTEM, clock=makers.still(NOW + timedelta(days=40)))
    forget_consortium()

    first = Screening.objects.get(kind=ScreeningKind.FIRST)
    assert (done, first.heard_at) == (1, NOW + timedelta(days=40))
    assert not applications_to_ask_again(bank.pk).exists()


def test_nobody_waits_behind_another_who_has_much_to_ask(
    bank: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fraud.screening.finishing._MOST", 2)
    other = make_institution(code="other", time_budget=30_000)
    for number in range(3):
        answer(bank, canonical(f"A-{number}"), by=SYSTEM, clock=makers.still(NOW))
    answer(other, canonical(), by=SYSTEM, clock=makers.still(NOW))

    with registry_process() as url, override_settings(REGISTRY_URL=url, REGISTRY_SECRET=SECRET):
        forget_consortium()
        done = ask_again(by=SYSTEM, clock=makers.still(LATER))
    forget_consortium()

    assert done == 2
    assert applications_to_ask_again(bank.pk).count() == 2
    assert not applications_to_ask_again(other.pk).exists()
