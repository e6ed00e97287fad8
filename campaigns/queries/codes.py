"""Looking up a typed code: which campaign and serial it is, and what is on record about it."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.queries.codebooks import codebook, word_screen
from campaigns.queries.members import member_token
from campaigns.rules.formats import CheckCharacterError, MalformedCodeError
from campaigns.rules.refusals import CodeFacts, Verdict, verdict
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.db import prepared_together
from portal.core.errors import DomainError, InvalidError, Kind, NotFoundError
from portal.core.phrases import Phrase, words_of

# A code without its campaign is tried against at most so many.
MOST_CANDIDATES = 20
# How long after its end a campaign is still tried, so that a late consumer hears that it is over.
AFTERGLOW = timedelta(days=30)
REMEMBERED_SECONDS = 5.0
REMEMBERED_CAMPAIGNS = 1000

_PLACE = {"market": "market", "brand": "brand"}
V = Verdict


class KeyEndedError(DomainError):
    """Refuse a client whose key was revoked or ran out while its request was under way."""

    kind = Kind.UNAUTHENTICATED
    code = "unauthenticated"
    title = Phrase("The client key does not open this")


class Reading(NamedTuple):
    """One way to read a typed code: as this serial of this campaign."""

    campaign: Campaign
    serial: int
    # Today's words hit the code, so it may be one that was skipped; words are only ever added.
    may_be_skipped: bool = False
    # By which this campaign's market knows the member who asks; None where nobody was named.
    member: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is on record about a reading."""

    facts: CodeFacts
    batch_id: int | None
    batch: str
    points_per_code: int
    # The row of the member who asks, if the market knows one.
    member_id: int | None
    redemption: str
    redeemed_by_client: int | None
    request_key: str
    points: int | None
    balance_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a typed code turned out to be; `malformed` says in words why it is none."""

    verdict: Verdict
    reading: Reading | None = None
    record: Record | None = None
    malformed: str = ""


def within_reach(actor: Actor, act: Act, wanted: str, *, now: datetime) -> list[Campaign]:
    """Give the campaign named by slug or id, or those whose codes the actor may mean.

    :raises NotFoundError: it does not exist or lies outside the actor's scope, which is the same answer
    :raises InvalidError: the campaign must be named, since there are too many
    """
    if wanted:
        campaign = _recent.campaign(wanted)
        if campaign is None or not actor.may(act, campaign.place):
            says = _("This client has no such campaign.")
            raise NotFoundError(says, fields={"campaign": says})
        return [campaign]
    reach = actor.scope(act, **_PLACE) & Q(opens_at__lte=now, closes_at__gt=now - AFTERGLOW)
    candidates = list(Campaign.objects.filter(reach).order_by("-opens_at", "pk")[: MOST_CANDIDATES + 1])
    if len(candidates) > MOST_CANDIDATES:
        raise InvalidError.of("campaign", _("Name the campaign: this client has too many to try them all."))
    return candidates


class Readings(NamedTuple):
    """The serials that a typed code may be, and what it is when it is none of them on record."""

    serials: list[Reading]
    otherwise: Found


def read_code(text: str, campaigns: Sequence[Campaign], *, member: str = "") -> Readings:
    """Read a typed code as serials of these campaigns, or say why it is none of theirs.

    *member*: the reference of whoever asks, which each market knows by a token of its own.
    """
    serials, slip, beyond = [], None, None
    for campaign in campaigns:
        code_format = campaign.format
        try:
            canonical = code_format.fold(text)
        except MalformedCodeError as error:
            # The most telling slip: a code of the right shape with one wrong character.
            slip = error if slip is None or isinstance(error, CheckCharacterError) else slip
            continue
        serial = codebook(campaign).serial_of(canonical)
        if code_format.is_test_serial(serial):
            beyond = Found(verdict=V.TEST, reading=Reading(campaign, serial))
        elif serial < code_format.capacity:
            may_be_skipped = word_screen(campaign).hits_text(canonical)
            token = member_token(campaign.market_id, member) if member else None
            serials.append(Reading(campaign, serial, may_be_skipped, token))
        else:
            beyond = beyond or Found(verdict=V.NEVER_ORDERED, reading=Reading(campaign, serial))
    return Readings(serials, beyond or _slipped(slip))


def _slipped(slip: MalformedCodeError | None) -> Found:
    if slip is None:
        return Found(verdict=V.NEVER_ORDERED)
    kind = V.CHECK_CHARACTER if isinstance(slip, CheckCharacterError) else V.MALFORMED
    return Found(verdict=kind, malformed=words_of(slip))


_RECORDS = """
SELECT
    coalesce((
        SELECT key.revoked_at IS NULL AND client.disabled_at IS NULL
           AND (key.expires_at IS NULL OR key.expires_at > %(now)s::timestamptz)
        FROM accounts_clientkey key JOIN accounts_client client ON client.id = key.client_id
        WHERE key.id = %(key)s::bigint
    ), %(key)s::bigint IS NULL),
    campaign.opens_at, campaign.closes_at, campaign.paused_at, campaign.points_per_code,
    batch.id, batch.public_id, batch.state, batch.ended_at,
    coalesce(file.has_it, FALSE),
    -- By the index of ranges, past the policy that would keep it from being used; the batch has been asked.
    campaigns_voided_at(batch.id, reading.serial),
    redemption.public_id, redemption.redeemed_at, redemption.client_id, redemption.request_key,
    redemption.points, entry.balance_after, redemption.member_id = known.id, known.id
FROM unnest(%(campaigns)s::bigint[], %(serials)s::bigint[], %(may_be_skipped)s::boolean[], %(members)s::bytea[])
    WITH ORDINALITY AS reading(campaign_id, serial, may_be_skipped, member_token, place)
JOIN campaigns_campaign campaign ON campaign.id = reading.campaign_id
LEFT JOIN LATERAL (
    SELECT * FROM campaigns_batch
    WHERE campaign_id = reading.campaign_id AND first_serial <= reading.serial
    ORDER BY first_serial DESC LIMIT 1
) batch ON reading.serial < batch.first_serial + batch.serials
LEFT JOIN LATERAL (
    -- A file's list of skipped serials is long and out of line: it is read only for a code that may be in it.
    SELECT state = 'delivered' AND reading.serial <= last_serial
        AND CASE WHEN reading.may_be_skipped THEN reading.serial <> ALL (skipped) ELSE TRUE END AS has_it
    FROM campaigns_batchfile
    WHERE batch_id = batch.id AND first_serial <= reading.serial
    ORDER BY first_serial DESC LIMIT 1
) file ON TRUE
LEFT JOIN campaigns_redemption redemption
    ON redemption.campaign_id = reading.campaign_id AND redemption.serial = reading.serial
LEFT JOIN campaigns_ledgerentry entry ON entry.redemption_id = redemption.id
LEFT JOIN campaigns_member known
    ON known.market_id = campaign.market_id AND known.reference_token = reading.member_token
ORDER BY reading.place
"""


# Only what FOR UPDATE would disturb: redemptions do not wait for each other, and their foreign key takes it anyway.
_HOLD = """
SELECT batch.id
FROM unnest(%(campaigns)s::bigint[], %(serials)s::bigint[]) AS reading(campaign_id, serial)
JOIN campaigns_batch batch ON batch.campaign_id = reading.campaign_id
    AND batch.first_serial <= reading.serial AND reading.serial < batch.first_serial + batch.serials
ORDER BY batch.id
FOR KEY SHARE OF batch
"""


def records(
    actor: Actor, readings: Sequence[Reading], *, now: datetime, is_held: bool = False
) -> list[Record]:
    """Give what is on record about each reading, in one round trip.

    *is_held*: hold the batches against recall and void until the caller's transaction ends. One that is under way is
    waited for; the look is a statement of its own, so that it sees what was done.

    :raises KeyEndedError: the actor's key ended in the meantime
    """
    values = reading_values(readings)
    look = (_RECORDS, values | {"key": actor.key_id, "now": now})
    rows = prepared_together(*[(_HOLD, values)] * is_held, look)[-1]
    if len(rows) != len(readings):
        # A remembered campaign that is gone: only a database that was set up anew can do that.
        forget_campaigns()
        raise NotFoundError
    if not rows[0][0]:
        raise KeyEndedError(_("This key was revoked or ran out."))
    return [_record(row) for row in rows]


def _record(row: Sequence[Any]) -> Record:
    facts = CodeFacts(
        opens_at=row[1],
        closes_at=row[2],
        paused_at=row[3],
        batch_state=row[7] or "",
        batch_ended_at=row[8],
        was_delivered=row[9],
        voided_at=row[10],
        redeemed_at=row[12],
        was_redeemed_by_member=bool(row[17]),
    )
    return Record(
        facts=facts,
        points_per_code=row[4],
        batch_id=row[5],
        batch=row[6] or "",
        member_id=row[18],
        redemption=row[11] or "",
        redeemed_by_client=row[13],
        request_key=row[14] or "",
        points=row[15],
        balance_after=row[16],
    )


def best(readings: Readings, on_record: Sequence[Record], *, now: datetime) -> Found:
    """Choose among readings: a redeemable one, else one that was ordered at all, else a test code, else the first."""
    founds = [
        Found(verdict=verdict(record.facts, now=now), reading=reading, record=record)
        for reading, record in zip(readings.serials, on_record, strict=True)
    ]
    found = min(
        founds, key=lambda found: (found.verdict != V.REDEEMABLE) + (found.verdict == V.NEVER_ORDERED)
    )
    # Every text is some serial of every campaign of its shape; a test code of one is no alarm in another.
    is_test = found.verdict is V.NEVER_ORDERED and readings.otherwise.verdict is V.TEST
    return readings.otherwise if is_test else found


def reading_values(readings: Sequence[Reading]) -> dict[str, Any]:
    """Give readings as the arrays that statements unnest."""
    return {
        "campaigns": [reading.campaign.pk for reading in readings],
        "serials": [reading.serial for reading in readings],
        "may_be_skipped": [reading.may_be_skipped for reading in readings],
        "members": [reading.member for reading in readings],
    }


@dataclass(slots=True)
class _Recent:
    """Campaigns by slug and id for a few seconds; what must not be stale is read by `records` each time."""

    campaigns: dict[str, tuple[float, Campaign]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def campaign(self, wanted: str) -> Campaign | None:
        until, known = self.campaigns.get(wanted, (0.0, None))
        if known is not None and time.monotonic() < until:
            return known
        named = Q(public_id=wanted) if wanted.startswith("cmp_") else Q(slug=wanted)
        campaign = Campaign.objects.filter(named).first()
        if campaign is not None:
            with self.lock:
                if len(self.campaigns) >= REMEMBERED_CAMPAIGNS:
                    self.campaigns.clear()
                self.campaigns[wanted] = (time.monotonic() + REMEMBERED_SECONDS, campaign)
        return campaign

    def forget(self) -> None:
        with self.lock:
            self.campaigns.clear()


_recent = _Recent()


def forget_campaigns() -> None:
    """Forget the campaigns that were looked up, for a database that was set up anew."""
    _recent.forget()
