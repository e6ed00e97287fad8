"""The log of what an institution was sent: seen by those who work there, steered by operators."""

import pytest
from django.test import Client as Browser

from fraud.models import Institution, WebhookDelivery, WebhookEndpoint
from fraud.operations.webhooks import set_webhook
from fraud.rules.webhooks import DeliveryState, Event
from portal.accounts.actors import SYSTEM, Actor
from tests.cast import signed_in
from tests.makers_fraud import NOW, make_application, make_screening

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator_browser(operator: Actor) -> Browser:
    return signed_in(operator)


@pytest.fixture
def endpoint(bank_a: Institution) -> WebhookEndpoint:
    return set_webhook(bank_a, url="https://bank-a.example/hooks", by=SYSTEM, now=NOW)


@pytest.fixture
def given_up(bank_a: Institution) -> WebhookDelivery:
    screening = make_screening(make_application(bank_a))
    return WebhookDelivery.objects.create(
        institution=bank_a,
        application=screening.application,
        screening=screening,
        event=Event.DECIDED,
        state=DeliveryState.GIVEN_UP,
        tries=12,
        status=503,
        problem="refused",
        created_at=NOW,
        ended_at=NOW,
    )


def test_shows_what_was_sent_and_how_it_went(
    analyst_browser: Browser, bank_a: Institution, endpoint: WebhookEndpoint, given_up: WebhookDelivery
) -> None:
    page = analyst_browser.get(f"/institutions/{bank_a.public_id}/deliveries/").content.decode()

    assert given_up.public_id in page
    assert "HTTP 503" in page
    assert "the receiver refused it" in page
    assert endpoint.url in page


def test_whoever_looks_after_webhooks_learns_no_reference(
    operator_browser: Browser, analyst_browser: Browser, bank_a: Institution, given_up: WebhookDelivery
) -> None:
    address = f"/institutions/{bank_a.public_id}/deliveries/"
    application = given_up.application
    type(application).objects.update(reference="TREMBLAY-1988")

    page, analysts = (
        operator_browser.get(address).content.decode(),
        analyst_browser.get(address).content.decode(),
    )
    sought = operator_browser.get(f"{address}?q=TREMBLAY-1988").content.decode()

    link = f"/applications/{application.public_id}/"
    assert application.public_id in page
    assert "TREMBLAY-1988" not in page
    assert (link in page, link in analysts) == (False, True)
    assert given_up.public_id not in sought


def test_nobody_else_sees_it(browser_of_b: Browser, bank_a: Institution, given_up: WebhookDelivery) -> None:
    assert browser_of_b.get(f"/institutions/{bank_a.public_id}/deliveries/").status_code == 404


def test_an_operator_sends_it_again(
    operator_browser: Browser, analyst_browser: Browser, given_up: WebhookDelivery
) -> None:
    here = f"/deliveries/{given_up.public_id}/again/"

    refused = analyst_browser.post(here)
    answer = operator_browser.post(here)

    given_up.refresh_from_db()
    assert (refused.status_code, answer.status_code) == (403, 302)
    assert given_up.state == DeliveryState.WAITING


def test_an_operator_pauses_resumes_and_switches_off(
    operator_browser: Browser, bank_a: Institution, endpoint: WebhookEndpoint
) -> None:
    states = []

    for act in ("pause", "resume", "off"):
        answer = operator_browser.post(f"/institutions/{bank_a.public_id}/webhook/{act}/")
        endpoint.refresh_from_db()
        states.append((answer.status_code, endpoint.state))

    assert states == [(302, "paused"), (302, "active"), (302, "disabled")]


def test_what_is_switched_off_cannot_be_paused(
    operator_browser: Browser, bank_a: Institution, endpoint: WebhookEndpoint
) -> None:
    operator_browser.post(f"/institutions/{bank_a.public_id}/webhook/off/")

    answer = operator_browser.post(f"/institutions/{bank_a.public_id}/webhook/pause/")

    assert answer.status_code == 409
