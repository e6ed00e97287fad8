"""Where an institution listens, what it is told, and how each telling went."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from fraud.jobs import Job
from fraud.models import Institution, WebhookDelivery, WebhookEndpoint
from fraud.models.webhooks import LONGEST_URL
from fraud.rules.feeds import Channel, FeedState
from fraud.rules.webhooks import DeliveryState, Event, next_try
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, prepared
from portal.core.errors import InvalidError, WrongStateError
from portal.core.ids import new_id
from portal.core.jobs import nudge

# Longer than one try may last: after it, whoever took the delivery is believed to be dead.
LEASE = timedelta(minutes=2)


class Telling(NamedTuple):
    """What one institution is to be told of one application."""

    institution_id: int
    application_id: int
    event: Event
    screening_id: int | None = None


# An institution, and the feed of its case system; None for its webhook.
Destination = tuple[int, int | None]
# What goes out one by one and is not paused. What has no end to go to any more is claimed, to be given up.
_TOLD = Q(feed=None, institution__webhook_endpoint__paused_at=None)
_FED = Q(feed__channel=Channel.WEBHOOK) & ~Q(feed__state=FeedState.PAUSED)
_FLOWS = _TOLD | _FED

# Only where somebody listens.
_TELL = """
INSERT INTO fraud_webhookdelivery
    (public_id, institution_id, application_id, screening_id, event, state, tries, problem, created_at, due_at)
SELECT public_id, institution_id, application_id, screening_id, event, 'waiting', 0, '', %(now)s::timestamptz,
    %(now)s::timestamptz
FROM unnest(%(public_ids)s::text[], %(institutions)s::bigint[], %(applications)s::bigint[], %(screenings)s::bigint[],
    %(events)s::text[]) AS telling(public_id, institution_id, application_id, screening_id, event)
WHERE EXISTS (SELECT FROM fraud_webhookendpoint AS listens
    WHERE listens.institution_id = telling.institution_id AND listens.disabled_at IS NULL)
ON CONFLICT DO NOTHING
RETURNING id
"""


def tell(tellings: Sequence[Telling], *, now: datetime) -> int:
    """Put events into the queue within the transaction of what they tell of; give how many found a listener."""
    if not tellings:
        return 0
    values = {
        "public_ids": [new_id("wbh") for _each in tellings],
        "institutions": [each.institution_id for each in tellings],
        "applications": [each.application_id for each in tellings],
        "screenings": [each.screening_id for each in tellings],
        "events": [str(each.event) for each in tellings],
        "now": now,
    }
    made = len(prepared(_TELL, values))
    if made:
        nudge(Job.SEND_WEBHOOKS)
    return made


@transaction.atomic(durable=True)
def set_webhook(institution: Institution, *, url: str, by: Actor, now: datetime) -> WebhookEndpoint:
    """Have an institution told at this address from now on; whether it leads outside is looked at by each try.

    :raises InvalidError: it is no https address
    """
    place = {institution.KIND: institution.pk}
    permit(by, Act.INSTITUTION_EDIT, place)
    check_hook_address(url)
    institution = locked(Institution, institution)
    endpoint, is_new = WebhookEndpoint.objects.update_or_create(
        institution=institution,
        defaults={"url": url, "disabled_at": None},
        create_defaults={"url": url, "created_at": now},
    )
    record(by, "webhook.changed", endpoint, now=now, is_new=is_new)
    return endpoint


@transaction.atomic(durable=True)
def disable_webhook(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> WebhookEndpoint:
    """Tell an institution nothing any more; what waits is given up at its next try.

    :raises WrongStateError: it is told nothing already
    """
    permit(by, Act.INSTITUTION_EDIT, endpoint.place)
    endpoint = locked(WebhookEndpoint, endpoint)
    if endpoint.disabled_at is not None:
        raise WrongStateError(_("Nothing is sent there any more."))
    endpoint.disabled_at = now
    endpoint.save(update_fields=["disabled_at"])
    record(by, "webhook.disabled", endpoint, now=now)
    return endpoint


@transaction.atomic(durable=True)
def pause_webhook(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> WebhookEndpoint:
    """Send an institution nothing for a while; what it is to be told waits.

    :raises WrongStateError: it is paused, or told nothing any more
    """
    permit(by, Act.INSTITUTION_EDIT, endpoint.place)
    endpoint = locked(WebhookEndpoint, endpoint)
    if endpoint.state != "active":
        raise WrongStateError(_("Nothing is sent there now."))
    endpoint.paused_at = now
    endpoint.save(update_fields=["paused_at"])
    record(by, "webhook.paused", endpoint, now=now)
    return endpoint


@transaction.atomic(durable=True)
def resume_webhook(endpoint: WebhookEndpoint, *, by: Actor, now: datetime) -> WebhookEndpoint:
    """Send what waited, and what comes.

    :raises WrongStateError: it is not paused
    """
    permit(by, Act.INSTITUTION_EDIT, endpoint.place)
    endpoint = locked(WebhookEndpoint, endpoint)
    if endpoint.state != "paused":
        raise WrongStateError(_("It is not paused."))
    endpoint.paused_at = None
    endpoint.save(update_fields=["paused_at"])
    # A pause of a week takes nothing from the three days in which it is tried.
    waiting = WebhookDelivery.objects.filter(institution=endpoint.institution_id, feed=None)
    waiting.filter(due_at__isnull=False).update(due_at=now, created_at=now, tries=0)
    record(by, "webhook.resumed", endpoint, now=now)
    nudge(Job.SEND_WEBHOOKS)
    return endpoint


@transaction.atomic(durable=True)
def send_again(delivery: WebhookDelivery, *, by: Actor, now: datetime) -> WebhookDelivery:
    """Send once more what was given up or did not arrive where it should have.

    :raises WrongStateError: it waits already
    """
    permit(by, Act.INSTITUTION_EDIT, delivery.place)
    delivery = locked(WebhookDelivery, delivery)
    if delivery.state == DeliveryState.WAITING:
        raise WrongStateError(_("It waits for its next try already."))
    # Three days from now, whatever came before.
    delivery.state, delivery.due_at, delivery.ended_at = DeliveryState.WAITING, now, None
    # Of a file, it goes into the next.
    delivery.tries, delivery.created_at, delivery.file = 0, now, None
    delivery.save(update_fields=["state", "due_at", "ended_at", "tries", "created_at", "file"])
    record(by, "webhook.resent", delivery, now=now)
    nudge(Job.SEND_WEBHOOKS)
    return delivery


@transaction.atomic(durable=True)
def claim_delivery(*, leaving: Iterable[Destination] = (), now: datetime) -> WebhookDelivery | None:
    """Take the delivery that has been due the longest, for as long as one try may last; none when nothing is due.

    *leaving*: destinations that have just failed. What goes into files is none of these.
    """
    due = WebhookDelivery.objects.filter(_FLOWS, due_at__lte=now)
    for institution_id, feed_id in leaving:
        due = due.exclude(Q(institution=institution_id) & Q(feed=feed_id))
    delivery = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
    if delivery is None:
        return None
    delivery.tries, delivery.due_at = F("tries") + 1, now + LEASE
    delivery.save(update_fields=["tries", "due_at"])
    delivery.refresh_from_db()
    return delivery


@transaction.atomic(durable=True)
def settle_delivery(
    delivery: WebhookDelivery, *, status: int | None, problem: str = "", is_final: bool = False, now: datetime
) -> WebhookDelivery:
    """Note how a try went: delivered without a *problem*, otherwise tried again, or given up."""
    delivery.status, delivery.problem = status, problem
    due_at = None if is_final or not problem else next_try(delivery.created_at, tries=delivery.tries, now=now)
    delivery.due_at = due_at
    if due_at is None:
        delivery.state = DeliveryState.GIVEN_UP if problem else DeliveryState.DELIVERED
        delivery.ended_at = now
    delivery.save(update_fields=["status", "problem", "due_at", "state", "ended_at"])
    return delivery


def check_hook_address(url: str) -> None:
    """Pass an address to which webhooks can go; where it leads is looked at by each try.

    :raises InvalidError: it is no https address, or holds a password
    """
    parts = urlsplit(url)
    schemes = {"https", "http"} if settings.ALLOW_PRIVATE_ADDRESSES else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.username or len(url) > LONGEST_URL:
        raise InvalidError.of("url", _("The address must begin with https:// and hold no password."))
