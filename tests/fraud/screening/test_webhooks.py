"""Telling institutions by webhook: signed, tried again, and never into our own network."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from fraud.models import Application, Institution, WebhookDelivery, WebhookEndpoint
from fraud.operations.cases.claiming import claim_case
from fraud.operations.cases.deciding import Finding, find_fraud
from fraud.operations.webhooks import (
    Telling,
    claim_delivery,
    disable_webhook,
    pause_webhook,
    resume_webhook,
    send_again,
    set_webhook,
    tell,
)
from fraud.rules.cases import Proof
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.elements import ElementKind
from fraud.rules.webhooks import DeliveryState, Event
from fraud.screening.finishing import finish
from fraud.screening.intake import Incoming, take
from fraud.screening.webhooks import send_webhooks
from portal.accounts.actors import SYSTEM
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.core.signing import signer
from portal.crypto.keyring import Purpose
from tests import makers
from tests.fraud.screening.listening import Listener
from tests.makers_fraud import NOW, canonical, make_case, make_institution

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bank() -> Institution:
    return make_institution()


def late(bank: Institution, reference: str = "A-1") -> Application:
    """An application that was answered with 202, and screened afterwards."""
    (taken,) = take(bank, [Incoming(canonical(reference))], arrived_at=NOW, by=SYSTEM, now=NOW)
    application = Application.objects.get(pk=taken.id)
    finish(application, by=SYSTEM, clock=makers.still(NOW))
    return application


def sent(now: datetime = NOW) -> int:
    return send_webhooks(by=SYSTEM, clock=makers.still(now))


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return signer(Purpose.RESULTS).public_key()


@dataclass
class Message:
    method: str
    url: str
    headers: dict[str, str]


def verify(url: str, headers: dict[str, str]) -> Any:
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Keys())
    verifier.validate_created_and_expires = lambda *_, **__: None  # type: ignore[method-assign]
    return verifier.verify(Message("POST", url, headers))[0]


def test_tells_what_was_decided_late_without_personal_data(bank: Institution, listener: Listener) -> None:
    set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    application = late(bank)

    arrived = sent()

    ((headers, body),) = listener.came
    told = json.loads(body)
    delivery = WebhookDelivery.objects.get()
    assert (arrived, delivery.state, delivery.status) == (1, DeliveryState.DELIVERED, 204)
    assert (told["id"], told["type"]) == (delivery.public_id, "application.decided")
    assert headers["Countersign-Delivery"] == delivery.public_id
    assert told["application"]["id"] == application.public_id
    assert told["application"]["outcome"] in {"clear", "review", "refer"}
    assert "Tremblay" not in body.decode()


def test_tells_a_verdict_of_fraud_once_a_second_analyst_agrees(bank: Institution, listener: Listener) -> None:
    set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    case = make_case(bank)
    first, second = (makers.an_actor(name, Role.ANALYST, bank) for name in ("Anil Analyst", "Bea Analyst"))
    finding = Finding(
        fraud_type=FraudType.IDENTITY_THEFT,
        role=RecordRole.PERPETRATOR,
        proof=Proof.VICTIM_STATEMENT,
        party=0,
        kinds=[ElementKind.SIN],
    )
    claim_case(case, by=first, now=NOW)
    find_fraud(case, finding, by=first, now=NOW)
    early = sent()
    approve_request(Approval.objects.get(), by=second, now=NOW)

    arrived = sent()

    ((_headers, body),) = listener.came
    told = json.loads(body)
    assert (early, arrived, told["type"]) == (0, 1, "application.verdict")
    assert told["application"] == {
        "id": case.application.public_id,
        "reference": "A-1",
        "verdict": "fraud",
        "decided_at": "2026-03-02T15:00:00Z",
    }


def test_signs_each_try_anew_for_its_address_and_body(bank: Institution, listener: Listener) -> None:
    set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    late(bank)
    listener.status = 500
    sent()
    listener.status = 204
    sent(NOW + timedelta(hours=3))

    first, second = (verify(listener.url, headers) for headers, _body in listener.came)

    assert first.parameters["nonce"] != second.parameters["nonce"]
    assert {'"@method"', '"@target-uri"', '"content-digest"', '"countersign-delivery"'} <= set(
        first.covered_components
    )
    with pytest.raises(InvalidSignature):
        verify(f"{listener.url}/elsewhere", listener.came[0][0])


def test_tries_again_after_longer_and_longer_pauses_and_gives_up_in_the_end(
    bank: Institution, listener: Listener
) -> None:
    set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    late(bank)
    listener.status = 503
    now, pauses = NOW, []

    while WebhookDelivery.objects.get().state == DeliveryState.WAITING:
        sent(now)
        due_at = WebhookDelivery.objects.get().due_at
        pauses.append((due_at - now) if due_at else None)
        now = due_at or now

    assert pauses[:3] == [timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=40)]
    assert pauses[-1] is None
    assert timedelta(days=2) < now - NOW <= timedelta(days=3)
    assert WebhookDelivery.objects.get().state == DeliveryState.GIVEN_UP


def test_sends_nothing_into_our_own_network(bank: Institution, listener: Listener, settings: Any) -> None:
    WebhookEndpoint.objects.create(institution=bank, url=listener.url, created_at=NOW)
    late(bank)
    settings.ALLOW_PRIVATE_ADDRESSES = False

    sent()

    assert listener.came == []
    assert WebhookDelivery.objects.get().problem == "address-refused"


def test_one_institution_that_does_not_answer_holds_up_no_other(
    bank: Institution, listener: Listener
) -> None:
    other = make_institution("bank-b")
    set_webhook(bank, url="http://127.0.0.1:9/closed", by=SYSTEM, now=NOW)
    set_webhook(other, url=listener.url, by=SYSTEM, now=NOW)
    late(bank, "A-1"), late(bank, "A-2"), late(other, "B-1")

    arrived = sent()

    tries = WebhookDelivery.objects.filter(institution=bank).values_list("tries", flat=True)
    assert arrived == 1
    assert sorted(tries) == [0, 1]


def test_tells_nobody_where_nobody_listens(bank: Institution) -> None:
    late(bank)

    assert not WebhookDelivery.objects.exists()


def test_gives_up_what_waits_for_an_address_that_is_no_longer_told(
    bank: Institution, listener: Listener
) -> None:
    endpoint = set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    late(bank)
    disable_webhook(endpoint, by=SYSTEM, now=NOW)

    sent()

    assert listener.came == []
    assert WebhookDelivery.objects.get().problem == "nobody-listens"


def test_sends_again_what_was_given_up(bank: Institution, listener: Listener) -> None:
    set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    late(bank)
    sent()

    send_again(WebhookDelivery.objects.get(), by=SYSTEM, now=NOW)
    sent()

    ids = {json.loads(body)["id"] for _headers, body in listener.came}
    assert (len(listener.came), len(ids)) == (2, 1)


def test_a_delivery_is_one_workers_at_a_time(bank: Institution, listener: Listener) -> None:
    set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    late(bank)

    first, second = claim_delivery(now=NOW), claim_delivery(now=NOW)
    after_its_death = claim_delivery(now=NOW + timedelta(minutes=3))

    assert first is not None
    assert second is None
    assert after_its_death == first


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://me:secret@example.com/", "ftp://example.com"]
)
def test_refuses_an_address_without_tls_or_with_a_password(bank: Institution, url: str) -> None:
    with pytest.raises(InvalidError):
        set_webhook(bank, url=url, by=SYSTEM, now=NOW)


def test_only_whoever_edits_institutions_says_where_it_is_told(bank: Institution) -> None:
    with pytest.raises(ForbiddenError):
        set_webhook(bank, url="https://example.com/", by=makers.an_actor("Ana Analyst"), now=NOW)


def test_tells_an_event_of_one_screening_once(bank: Institution, listener: Listener) -> None:
    set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    application = late(bank)
    screening = application.screenings.get()

    again = tell([Telling(bank.pk, application.pk, Event.DECIDED, screening.pk)], now=NOW)

    assert again == 0
    assert WebhookDelivery.objects.count() == 1


def test_a_paused_webhook_sends_nothing_until_it_is_resumed(bank: Institution, listener: Listener) -> None:
    endpoint = set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    late(bank)
    pause_webhook(endpoint, by=SYSTEM, now=NOW)
    paused = sent(NOW + timedelta(days=7))

    resume_webhook(endpoint, by=SYSTEM, now=NOW + timedelta(days=7))
    resumed = sent(NOW + timedelta(days=7))

    assert (paused, resumed) == (0, 1)
    assert len(listener.came) == 1


def test_a_pause_takes_nothing_from_the_time_in_which_it_is_tried(
    bank: Institution, listener: Listener
) -> None:
    endpoint = set_webhook(bank, url=listener.url, by=SYSTEM, now=NOW)
    late(bank)
    pause_webhook(endpoint, by=SYSTEM, now=NOW)
    listener.status = 503
    resume_webhook(endpoint, by=SYSTEM, now=NOW + timedelta(days=7))

    sent(NOW + timedelta(days=7))

    assert WebhookDelivery.objects.get().state == DeliveryState.WAITING


def test_refuses_to_pause_twice_and_to_resume_what_is_not_paused(bank: Institution) -> None:
    endpoint = set_webhook(bank, url="https://example.com/", by=SYSTEM, now=NOW)
    with pytest.raises(WrongStateError):
        resume_webhook(endpoint, by=SYSTEM, now=NOW)
    pause_webhook(endpoint, by=SYSTEM, now=NOW)

    with pytest.raises(WrongStateError):
        pause_webhook(endpoint, by=SYSTEM, now=NOW)
