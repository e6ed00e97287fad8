"""Redeeming a code: exactly once, for points, in one short transaction whose races the database decides."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from campaigns.queries.members import member_place, member_scope, open_member_keys
from campaigns.rules.refusals import TOLD, Verdict
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.db import prepared
from portal.core.errors import DomainError, ForbiddenError, InvalidError, Kind, UnavailableError
from portal.core.ids import new_id
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import seal
from portal.keys.sealed import new_subject_key

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
    readings = read_code(text, within_reach(by, Act.CODE_REDEEM, campaign, now=now), member=reference)
    if not readings.serials:
        raise _refused(readings.otherwise, by)
    for market_id in {reading.campaign.market_id for reading in readings.serials}:
        open_member_keys(market_id)
    for _attempt in range(_TRIES):
        try:
            redeemed = _redeem(readings, reference, request_key, by, now)
        except _MemberRaceError:
            continue
        if isinstance(redeemed, Found):
            raise _refused(redeemed, by)
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
def _redeem(
    readings: Readings, reference: str, request_key: str, by: Actor, now: datetime
) -> Redeemed | Found:
    """Redeem the code, or give what was found instead: a refusal that is raised here would roll nothing back but the
    connection's prepared statements.
    """
    # A recall or void under way holds the batch: this waits for its end, and sees what it did.
    found = best(readings, records(by, readings.serials, now=now, is_held=True), now=now)
    if found.verdict is not Verdict.REDEEMABLE:
        return _first_result(found, request_key, by)
    spent = _spend(found, reference, request_key, by, now)
    if spent is None:
        # Somebody was faster, between our look and our write.
        found = best(readings, records(by, readings.serials, now=now), now=now)
        return _first_result(found, request_key, by)
    public_id, balance = spent
    reading, record = _known(found)
    return Redeemed(
        public_id=public_id,
        campaign=reading.campaign.slug,
        points=record.points_per_code,
        balance=balance,
        redeemed_at=now,
    )


def _first_result(found: Found, request_key: str, by: Actor) -> Redeemed | Found:
    """Answer a repeated request as the first time; of any other give what was found."""
    if found.verdict is not Verdict.SPENT_BY_MEMBER or not request_key:
        return found
    reading, record = _known(found)
    if (record.redeemed_by_client, record.request_key) != (by.client_id, request_key):
        return found
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
_REDEEM = """
WITH spent AS (
    INSERT INTO campaigns_redemption
        (public_id, campaign_id, serial, batch_id, member_id, client_id, request_key, points, redeemed_at)
    SELECT %(redemption)s::text, %(campaign)s::bigint, %(serial)s::bigint, %(batch)s::bigint, {member_id},
        %(client)s::bigint, %(request_key)s::text, %(points)s::int, %(now)s::timestamptz
    ON CONFLICT ON CONSTRAINT one_redemption_per_code DO NOTHING
    RETURNING id, member_id
), {credited}, entry AS (
    INSERT INTO campaigns_ledgerentry (member_id, redemption_id, points, balance_after, at)
    SELECT credited.id, spent.id, %(points)s::int, credited.balance, %(now)s::timestamptz
    FROM spent, credited
)
SELECT credited.balance FROM spent LEFT JOIN credited ON credited.id = spent.member_id
"""
# A member who was erased between our look and our write is no longer known by this token.
_SPEND_BY_KNOWN = _REDEEM.format(
    member_id="%(holder)s::bigint",
    credited="""credited AS (
    UPDATE campaigns_member member SET balance = balance + %(points)s::int
    FROM spent WHERE member.id = spent.member_id AND member.reference_token = %(token)s::bytea
    RETURNING member.id, member.balance
)""",
)
# A new member's id is drawn beforehand; if another request made the member meanwhile, the two ids differ.
_SPEND_BY_NEW = _REDEEM.format(
    member_id="nextval('campaigns_member_id_seq')",
    credited="""credited AS (
    INSERT INTO campaigns_member AS member
        (id, public_id, market_id, reference_token, sealed_reference, balance, created_at)
    SELECT spent.member_id, %(member)s::text, %(market)s::bigint, %(token)s::bytea, %(sealed)s::bytea,
        %(points)s::int, %(now)s::timestamptz
    FROM spent
    ON CONFLICT ON CONSTRAINT one_member_per_reference DO UPDATE SET balance = member.balance + EXCLUDED.balance
    RETURNING id, balance
), key AS (
    INSERT INTO keys_subjectkey (subject, scope_key_id, wrapped, created_at)
    SELECT %(member)s::text, %(scope_key)s::bigint, %(wrapped)s::bytea, %(now)s::timestamptz FROM spent
)""",
)


def _spend(
    found: Found, reference: str, request_key: str, by: Actor, now: datetime
) -> tuple[str, int] | None:
    """Write everything in one statement and give the redemption's id and the balance; None if the code was spent.

    :raises _MemberRaceError: the member's row appeared or was erased meanwhile
    """
    reading, record = _known(found)
    public_id = new_id("red")
    values = {
        "redemption": public_id,
        "campaign": reading.campaign.pk,
        "serial": reading.serial,
        "batch": record.batch_id,
        "client": by.client_id,
        "token": reading.member,
        "request_key": request_key,
        "points": record.points_per_code,
        "now": now,
    }
    if record.member_id is not None:
        rows = prepared(_SPEND_BY_KNOWN, values | {"holder": record.member_id})
    else:
        rows = prepared(_SPEND_BY_NEW, values | new_member_values(reading.campaign.market_id, reference))
    if not rows:
        return None
    if rows[0][0] is None:
        raise _MemberRaceError
    return public_id, rows[0][0]


def new_member_values(market_id: int, reference: str) -> dict[str, Any]:
    """Draw the id of a new member, and seal the reference under a key of its own."""
    public_id = new_id("mem")
    key = new_subject_key(public_id, purpose=Purpose.MEMBERS, scope=member_scope(market_id))
    return {
        "member": public_id,
        "market": market_id,
        "sealed": seal(key.key, reference.encode(), place=member_place(public_id)),
        "scope_key": key.scope_key_id,
        "wrapped": key.wrapped,
    }


def _known(found: Found) -> tuple[Reading, Record]:
    if found.reading is None or found.record is None:
        raise LookupError("only what is on record can be spent")
    return found.reading, found.record


def _refused(found: Found, by: Actor) -> CodeRefusedError:
    _outcomes.labels(found.verdict).inc()
    note_alarm(found, by)
    return CodeRefusedError(found, by.client_kind)
