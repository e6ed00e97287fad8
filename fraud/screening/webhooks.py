"""Telling institutions, and their case systems, by signed requests what was decided: one try at a time."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fraud.models import Case, Screening, WebhookDelivery, WebhookEndpoint
from fraud.operations.webhooks import Destination, claim_delivery, settle_delivery
from fraud.rules.feeds import IN_USE
from fraud.rules.reasons import reason_words
from fraud.rules.webhooks import Event
from fraud.screening.case_records import NoMappingError, UnfitRecordError, case_record
from portal.api.renderers import to_json
from portal.core.addresses import OutsideError, send_outside
from portal.core.errors import UnavailableError
from portal.core.language import said
from portal.core.signing import signer
from portal.crypto.http_signatures import SignedRequest, sign_request
from portal.crypto.keyring import Purpose

log = structlog.get_logger(__name__)

# In one round; what is left is found at the next.
MOST_AT_ONCE = 200
DELIVERY = "Countersign-Delivery"


def send_webhooks(*, by: object, clock: Callable[[], datetime]) -> int:
    """Send what is due, until nothing is; return how many arrived.

    An address that fails is left for this round, so that the others do not wait for it. What a worker
    took with it to its death is sent again under the same id: rather twice, where the receiver can tell, than never.
    """
    arrived, failing = 0, set[Destination]()
    for _turn in range(MOST_AT_ONCE):
        delivery = claim_delivery(leaving=failing, now=clock())
        if delivery is None:
            break
        if _try(delivery, clock=clock):
            arrived += 1
        else:
            failing.add((delivery.institution_id, delivery.feed_id))
    return arrived


def _try(delivery: WebhookDelivery, *, clock: Callable[[], datetime]) -> bool:
    url = _address(delivery)
    if not url:
        settle_delivery(delivery, status=None, problem="nobody-listens", is_final=True, now=clock())
        return False
    try:
        status, problem = _sent(url, delivery, clock())
    except UnfitRecordError as error:
        # Nothing is wrong with the address: what comes behind it may go.
        settle_delivery(delivery, status=None, problem=error.problem, is_final=True, now=clock())
        return True
    settle_delivery(delivery, status=status, problem=problem, now=clock())
    if problem:
        log.info("webhook.failed", delivery=delivery.public_id, problem=problem, tries=delivery.tries)
    return not problem


def _address(delivery: WebhookDelivery) -> str:
    """Say where a delivery goes now; nowhere once nobody listens."""
    if delivery.feed is not None:
        # One that was paused this moment keeps what is under way.
        return delivery.feed.url if delivery.feed.state in IN_USE else ""
    listens = WebhookEndpoint.objects.filter(institution=delivery.institution_id, disabled_at=None).first()
    return listens.url if listens else ""


def _sent(url: str, delivery: WebhookDelivery, now: datetime) -> tuple[int | None, str]:
    """Send once; give the status of the answer, and a code for what went wrong, "" for nothing.

    :raises UnfitRecordError: there is no record to send, and never will be
    """
    try:
        status = send_outside(url, **signed(url, delivery, key=signer(Purpose.RESULTS), now=now))
    except NoMappingError:
        return None, "no-mapping"
    except OutsideError:
        return None, "address-refused"
    except UnavailableError:
        return None, "no-answer"
    return status, "" if 200 <= status < 300 else "refused"


def signed(url: str, delivery: WebhookDelivery, *, key: Ed25519PrivateKey, now: datetime) -> dict[str, Any]:
    """Give body and headers of a request (RFC 9421): who receives it can tell that it is ours, new, and whole.

    The id stays the same however often it is tried; moment and nonce of the signature are new each time.
    """
    body = to_json(content(delivery))
    headers = {"Content-Type": "application/json", DELIVERY: delivery.public_id}
    request = SignedRequest("POST", url, headers, body)
    return {"body": body, "headers": sign_request(request, key, nonce=secrets.token_urlsafe(16), now=now)}


def content(delivery: WebhookDelivery) -> dict[str, Any]:
    """Say what is told: ids, the institution's own reference, codes and words.

    No personal data, but for a case system's: its record is beside, as its mapping writes it.

    :raises UnfitRecordError: there is no record to send, and never will be
    :raises NoMappingError: the mapping is not published now
    """
    application = delivery.application
    told: dict[str, Any] = {"id": application.public_id, "reference": application.reference}
    if delivery.event == Event.VERDICT:
        told |= _verdict(delivery)
    elif delivery.screening is not None:
        told |= _screening(delivery.screening)
    created_at = delivery.created_at.astimezone(UTC)
    said = {"id": delivery.public_id, "type": delivery.event, "created_at": created_at, "application": told}
    return said if delivery.feed is None else said | {"record": case_record(delivery)}


def _screening(screening: Screening) -> dict[str, Any]:
    return {
        "screening": screening.public_id,
        "outcome": screening.outcome,
        "score": screening.score,
        "reasons": [{"code": code, "text": said(reason_words(code))} for code in screening.reasons],
        "degraded": screening.is_degraded,
        "screened_at": screening.screened_at,
    }


def _verdict(delivery: WebhookDelivery) -> dict[str, Any]:
    case = Case.objects.filter(application=delivery.application_id).first()
    return {"verdict": case.verdict if case else "", "decided_at": case.decided_at if case else None}
