"""Redeeming a code: exactly once, for points, in one short transaction whose races the database decides."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from prometheus_client import Counter

from campaigns.queries.codes import (
    Found,
    Reading,
    Readings,
    Record,
    best,
    read_code,
    records,
    within_reach,
)
from campaigns.queries.disclosure import disclosed, note_alarm
from campaigns.rules.refusals import TOLD, Verdict
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.db import prepared
from portal.core.errors import DomainError, ForbiddenError, InvalidError, Kind, UnavailableError
from portal.core.ids import new_id

_outcomes = Counter("redemptions", "Codes tried for redemption, by what was found", ["verdict"])

LONGEST_REFERENCE = 128
# Two first redemptions of a new member at once: the second finds the first's row when it tries again.
_TRIES = 3
_KIND_OF = {
    "code-malformed": Kind.INVALID,
    "code-unknown": Kind.NOT_FOUND,
    "code-not-active": Kind.CONFLICT,
    "code-expired": Kind.GONE,
    "code-void": Kind.GONE,
    "code-already-redeemed": Kind.CONFLICT,
    "code-already-yours": Kind.CONFLICT,
}


class CodeRefusedError(DomainError):
    """Refuse a code, in the words that this client may hear."""

    def __init__(self, found: Found, client_kind: str) -> None:
        told = TOLD[found.verdict]
        super().__init__(disclosed(found, client_kind).detail)
        self.verdict = found.verdict
        self.code = told.code
        self.kind = _KIND_OF[told.code]
        self.title = _(told.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """What a member got for a code, and the member's balance after it."""

    public_id: str
    campaign: str
    points: int
    balance: int
    redeemed_at: datetime


class _MemberRaceError(Exception):
    """Another request made the member's row between our look and our write."""


def redeem_code(
    text: str, *, member: str, campaign: str = "", request_key: str = "", by: Actor, now: datetime
) -> Redeemed:
    """Spend a code for a member; the same request key finds the same redemption again.

    *member*: the brand's own reference. *campaign*: slug or id; without it the client's campaigns are tried.

    :raises CodeRefusedError: the code is not redeemable, with the reason that this client may learn
    :raises InvalidError: a reference that cannot be one
    :raises NotFoundError: there is no such campaign within the client's scope
    :raises campaigns.queries.codes.KeyEndedError: the client's key was revoked in the meantime
    """
    if not by.may(Act.CODE_REDEEM):
        raise ForbiddenError(_("This key may not redeem codes."))
    reference = member_reference(member)
    readings = read_code(text, within_reach(by, Act.CODE_REDEEM, campaign, now=now))
    if not readings.serials:
        raise _refused(readings.otherwise, by)
    for _attempt in range(_TRIES):
        try:
            redeemed = _redeem(readings, reference, request_key, by, now)
        except _MemberRaceError:
            continue
        _outcomes.labels(Verdict.REDEEMABLE).inc()
        return redeemed
    raise UnavailableError(_("This member is busy in many requests at once. Try again in a moment."))


def member_reference(given: str) -> str:
    """Return a member's reference in Unicode's composed form.

    :raises InvalidError: empty, too long, or with characters that cannot be seen
    """
    reference = unicodedata.normalize("NFC", given)
    if not 1 <= len(reference) <= LONGEST_REFERENCE:
        raise InvalidError.of("member", _("A member's reference has 1 to 128 characters."))
    if not reference.isprintable() or reference != reference.strip():
        raise InvalidError.of("member", _("A member's reference has visible characters only."))
    return reference


@transaction.atomic(durable=True)
def _redeem(readings: Readings, reference: str, request_key: str, by: Actor, now: datetime) -> Redeemed:
    # A recall or void under way holds the batch: this waits for its end, and sees what it did.
    found = best(readings, records(by, readings.serials, now=now, is_held=True), member=reference, now=now)
    if found.verdict is not Verdict.REDEEMABLE:
        return _first_result(found, reference, request_key, by)
    spent = _spend(found, reference, request_key, by, now)
    if spent is None:
        # Somebody was faster, between our look and our write.
        found = best(readings, records(by, readings.serials, now=now), member=reference, now=now)
        return _first_result(found, reference, request_key, by)
    public_id, balance = spent
    reading, record = _known(found)
    return Redeemed(
        public_id=public_id,
        campaign=reading.campaign.slug,
        points=record.points_per_code,
        balance=balance,
        redeemed_at=now,
    )


def _first_result(found: Found, reference: str, request_key: str, by: Actor) -> Redeemed:
    """Answer a repeated request as the first time, and refuse any other."""
    if found.verdict is not Verdict.SPENT_BY_MEMBER or not request_key:
        raise _refused(found, by)
    reading, record = _known(found)
    if (record.redeemed_by_client, record.request_key) != (by.client_id, request_key):
        raise _refused(found, by)
    if record.points is None or record.balance_after is None or record.facts.redeemed_at is None:
        raise LookupError("a redemption without its points, its time or its entry in the ledger")
    return Redeemed(
        public_id=record.redemption,
        campaign=reading.campaign.slug,
        points=record.points,
        balance=record.balance_after,
        redeemed_at=record.facts.redeemed_at,
    )


# Redemption, member with balance, and ledger: the redemption decides, the others follow from its row or not at all.
# A new member's id is drawn beforehand; if another request made the member meanwhile, the two ids differ.
_SPEND = """
WITH holder AS (
    SELECT coalesce(
        (SELECT id FROM campaigns_member WHERE market_id = %(market)s::bigint AND reference = %(reference)s::text),
        nextval('campaigns_member_id_seq')
    ) AS id
), spent AS (
    INSERT INTO campaigns_redemption
        (public_id, campaign_id, serial, batch_id, member_id, client_id, request_key, points, redeemed_at)
    SELECT %(redemption)s::text, %(campaign)s::bigint, %(serial)s::bigint, %(batch)s::bigint, holder.id,
        %(client)s::bigint, %(request_key)s::text, %(points)s::int, %(now)s::timestamptz
    FROM holder
    ON CONFLICT ON CONSTRAINT one_redemption_per_code DO NOTHING
    RETURNING id, member_id
), credited AS (
    INSERT INTO campaigns_member AS member (id, public_id, market_id, reference, balance, created_at)
    SELECT spent.member_id, %(member)s::text, %(market)s::bigint, %(reference)s::text, %(points)s::int,
        %(now)s::timestamptz
    FROM spent
    ON CONFLICT ON CONSTRAINT one_member_per_reference DO UPDATE SET balance = member.balance + EXCLUDED.balance
    RETURNING id, balance
), entry AS (
    INSERT INTO campaigns_ledgerentry (member_id, redemption_id, points, balance_after, at)
    SELECT credited.id, spent.id, %(points)s::int, credited.balance, %(now)s::timestamptz
    FROM spent, credited
)
SELECT credited.balance, credited.id = spent.member_id FROM spent, credited
"""


def _spend(
    found: Found, reference: str, request_key: str, by: Actor, now: datetime
) -> tuple[str, int] | None:
    """Write everything in one statement and give the redemption's id and the balance; None if the code was spent.

    :raises _MemberRaceError: the member's row appeared meanwhile
    """
    reading, record = _known(found)
    public_id = new_id("red")
    values = {
        "redemption": public_id,
        "member": new_id("mem"),
        "campaign": reading.campaign.pk,
        "market": reading.campaign.market_id,
        "serial": reading.serial,
        "batch": record.batch_id,
        "client": by.client_id,
        "reference": reference,
        "request_key": request_key,
        "points": record.points_per_code,
        "now": now,
    }
    rows = prepared(_SPEND, values)
    if not rows:
        return None
    balance, is_same_member = rows[0]
    if not is_same_member:
        raise _MemberRaceError
    return public_id, balance


def _known(found: Found) -> tuple[Reading, Record]:
    if found.reading is None or found.record is None:
        raise LookupError("only what is on record can be spent")
    return found.reading, found.record


def _refused(found: Found, by: Actor) -> CodeRefusedError:
    _outcomes.labels(found.verdict).inc()
    note_alarm(found, by)
    return CodeRefusedError(found, by.client_kind)
