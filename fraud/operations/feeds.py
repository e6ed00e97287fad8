"""Feeding the case systems of institutions: set up by two people, paused, ended, and put into its queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from fraud.jobs import Job
from fraud.models import CaseFeed, Institution, Mapping, WebhookDelivery
from fraud.operations.webhooks import check_hook_address
from fraud.rules.decisions import Outcome
from fraud.rules.feeds import FILE_KINDS, IN_USE, Channel, FeedState
from fraud.rules.translation import Direction
from fraud.rules.webhooks import DeliveryState
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask, withdraw
from portal.audit.operations import record
from portal.core.db import locked, prepared
from portal.core.errors import InvalidError, WrongStateError
from portal.core.files import RecipientError, Recipients
from portal.core.ids import new_id
from portal.core.jobs import nudge
from portal.core.phrases import marked, words_of

S = FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """How a case system is to be fed: `url` by webhook, `recipient` (an age public key) by files in a folder."""

    mapping: Mapping
    channel: Channel
    outcomes: Sequence[Outcome]
    url: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """A screening that a case system may have to hear of; `is_news` if it differs from what was said before."""

    application_id: int
    screening_id: int
    outcome: Outcome
    is_news: bool = True


def _start(approval: Approval, *, by: Actor, now: datetime) -> None:
    """Let a feed take the place of the one before; what waited for that one goes the new way."""
    feed = locked(CaseFeed, CaseFeed.objects.get(public_id=approval.subject_id), "mapping")
    if feed.state != S.WAITING:
        raise WrongStateError(_("This does not wait for anybody."))
    _check_mapping(feed.mapping, Channel(feed.channel))
    before = CaseFeed.objects.select_for_update().filter(institution=feed.institution_id, state__in=IN_USE)
    for old in before.order_by("pk"):
        old.state, old.ended_at = S.ENDED, now
        old.save(update_fields=["state", "ended_at"])
        record(by, "case_feed.ended", old, now=now)
        WebhookDelivery.objects.filter(feed=old, state=DeliveryState.WAITING).update(feed=feed, file=None)
    feed.state, feed.started_at = S.ACTIVE, now
    feed.save(update_fields=["state", "started_at"])
    record(by, "case_feed.started", feed, now=now, channel=str(feed.channel))
    nudge(Job.SEND_WEBHOOKS)


def _refuse(approval: Approval, *, by: Actor, now: datetime) -> None:
    feed = locked(CaseFeed, CaseFeed.objects.get(public_id=approval.subject_id))
    feed.state, feed.ended_at = S.REFUSED, now
    feed.save(update_fields=["state", "ended_at"])
    record(by, "case_feed.refused", feed, now=now)


FEED = ApprovalKind(
    name="case feed",
    ask_act=Act.INSTITUTION_EDIT,
    decide_act=Act.REQUEST_DECIDE,
    lasts=timedelta(days=14),
    title=marked("Feed the case system of {institution}"),
    sentences=(
        marked("Records of its applicants, with all that the mapping {mapping} sends, go to {destination}."),
        marked("That holds from the approval on, for each application screened, and until somebody ends it."),
    ),
    page="case-feed",
    yours=marked("You asked for this feed. Somebody else has to allow it."),
    carry_out=_start,
    refused=_refuse,
)


@transaction.atomic(durable=True)
def ask_for_feed(institution: Institution, facts: FeedFacts, *, by: Actor, now: datetime) -> CaseFeed:
    """Ask a second person to let records of applicants leave for a case system.

    :raises InvalidError: an address, key, mapping or choice of outcomes that cannot work
    :raises WrongStateError: another one waits for a second person
    """
    permit(by, Act.INSTITUTION_EDIT, institution.place)
    institution = locked(Institution, institution)
    _check(institution, facts)
    if CaseFeed.objects.filter(institution=institution, state=S.WAITING).exists():
        raise WrongStateError(_("Another feed waits for a second person. Take that request back first."))
    feed = CaseFeed.objects.create(
        institution=institution,
        mapping=facts.mapping,
        channel=facts.channel,
        url=facts.url,
        recipient=facts.recipient.strip(),
        outcomes=[str(each) for each in facts.outcomes],
        created_at=now,
    )
    record(by, "case_feed.asked_for", feed, now=now, channel=str(feed.channel), outcomes=feed.outcomes)
    destination = facts.url or feed_folder(institution)
    words = {"institution": institution.name, "mapping": facts.mapping.name, "destination": destination}
    ask(FEED, feed, by=by, now=now, place=feed.place, facts=words)
    return feed


@transaction.atomic(durable=True)
def pause_feed(feed: CaseFeed, *, by: Actor, now: datetime) -> CaseFeed:
    """Let records wait for a while.

    :raises WrongStateError: it is not in use
    """
    permit(by, Act.INSTITUTION_EDIT, feed.place)
    feed = locked(CaseFeed, feed)
    if feed.state != S.ACTIVE:
        raise WrongStateError(_("Nothing is sent there now."))
    feed.state = S.PAUSED
    feed.save(update_fields=["state"])
    record(by, "case_feed.paused", feed, now=now)
    return feed


@transaction.atomic(durable=True)
def resume_feed(feed: CaseFeed, *, by: Actor, now: datetime) -> CaseFeed:
    """Send what waited, and what comes.

    :raises WrongStateError: it is not paused
    """
    permit(by, Act.INSTITUTION_EDIT, feed.place)
    feed = locked(CaseFeed, feed)
    if feed.state != S.PAUSED:
        raise WrongStateError(_("It is not paused."))
    feed.state = S.ACTIVE
    feed.save(update_fields=["state"])
    feed.deliveries.filter(due_at__isnull=False).update(due_at=now, created_at=now, tries=0)
    record(by, "case_feed.resumed", feed, now=now)
    nudge(Job.SEND_WEBHOOKS)
    return feed


@transaction.atomic(durable=True)
def end_feed(feed: CaseFeed, *, by: Actor, now: datetime) -> CaseFeed:
    """Feed a case system no more, or take back what was asked for; what waits is given up.

    :raises WrongStateError: it has ended
    """
    permit(by, Act.INSTITUTION_EDIT, feed.place)
    feed = locked(CaseFeed, feed)
    if feed.state not in {*IN_USE, S.WAITING}:
        raise WrongStateError(_("It has ended."))
    withdraw(FEED, feed, reason=_("The feed was ended."), by=by, now=now)
    feed.state, feed.ended_at = S.ENDED, now
    feed.save(update_fields=["state", "ended_at"])
    feed.deliveries.filter(due_at__isnull=False).update(
        state=DeliveryState.GIVEN_UP, problem="nobody-listens", due_at=None, ended_at=now
    )
    record(by, "case_feed.ended", feed, now=now)
    return feed


# Within the transaction of the screenings, and to whichever feed is in use then: an application leaves once under a
# mapping, and again when something else is said of it.
_HAND_OVER = """
INSERT INTO fraud_webhookdelivery
    (public_id, institution_id, application_id, screening_id, feed_id, event, state, tries, problem, created_at, due_at)
SELECT given.public_id, feed.institution_id, application_id, screening_id, feed.id,
    CASE WHEN is_known THEN 'case.changed' ELSE 'case.new' END, 'waiting', 0, '', %(now)s::timestamptz,
    %(now)s::timestamptz
FROM fraud_casefeed AS feed
CROSS JOIN unnest(%(public_ids)s::text[], %(applications)s::bigint[], %(screenings)s::bigint[], %(outcomes)s::text[],
    %(news)s::bool[]) AS given(public_id, application_id, screening_id, outcome, is_news)
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM fraud_webhookdelivery AS earlier
    JOIN fraud_casefeed AS way ON way.id = earlier.feed_id
    WHERE earlier.application_id = given.application_id AND way.mapping_id = feed.mapping_id) AS is_known) AS known
WHERE feed.institution_id = %(institution)s::bigint AND feed.state IN ('active', 'paused')
    AND CASE WHEN is_known THEN is_news ELSE outcome = ANY(feed.outcomes) END
ON CONFLICT DO NOTHING
RETURNING id
"""


def hand_over(institution: Institution, given: Sequence[HandOver], *, now: datetime) -> int:
    """Put what an institution's case system is to hear into its queue; give how many there are."""
    if not given:
        return 0
    values = {
        "public_ids": [new_id("wbh") for _each in given],
        "applications": [each.application_id for each in given],
        "screenings": [each.screening_id for each in given],
        "outcomes": [str(each.outcome) for each in given],
        "news": [each.is_news for each in given],
        "institution": institution.pk,
        "now": now,
    }
    made = len(prepared(_HAND_OVER, values))
    if made:
        nudge(Job.SEND_WEBHOOKS)
    return made


def feed_folder(institution: Institution) -> str:
    """Name the folder of an institution's case files, beside its drops."""
    return f"{settings.SUBMISSIONS_DROP_PREFIX}/{institution.code}/cases/"


def _check(institution: Institution, facts: FeedFacts) -> None:
    if facts.mapping.institution_id != institution.pk:
        raise InvalidError.of("mapping", _("This is another institution’s mapping."))
    _check_mapping(facts.mapping, facts.channel)
    if not facts.outcomes:
        raise InvalidError.of("outcomes", _("Choose which outcomes it hears of."))
    if facts.channel == Channel.WEBHOOK:
        check_hook_address(facts.url)
        return
    if not settings.SUBMISSIONS_DROP_PREFIX:
        raise InvalidError.of("channel", _("This installation has no folders for institutions."))
    try:
        Recipients.parse([facts.recipient])
    except RecipientError as error:
        raise InvalidError.of("recipient", words_of(error)) from error


def _check_mapping(mapping: Mapping, channel: Channel) -> None:
    if mapping.direction != Direction.CASE_SYSTEM or mapping.retired_at is not None or mapping.live is None:
        raise InvalidError.of("mapping", _("Choose a published mapping for a case system."))
    if channel == Channel.FOLDER and mapping.live.parsed.layout.kind not in FILE_KINDS:
        raise InvalidError.of("mapping", _("Files can be CSV or JSON Lines. Change the mapping’s layout."))
