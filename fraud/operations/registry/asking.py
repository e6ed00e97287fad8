"""Answering a member: its look-up is kept, counted once, and only then are the records looked at."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from fraud.models import RegistryMember, RegistryRecord
from fraud.queries.registry import look_up, tell
from fraud.queries.registry_keys import member_mark, open_decoy, outer_tokens, seal_identity
from fraud.rules.consortium import Answer, Inquiry
from fraud.rules.packing import Packed, pack
from fraud.rules.standing import MemberQuota
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.actors import ActorKind, Identity
from portal.core.arrays import blobs, integers, texts
from portal.core.db import locked, prepared_in_turn
from portal.core.errors import DomainError, Kind
from portal.core.phrases import Phrase

log = structlog.get_logger(__name__)

# Rows in which a member's day is counted, so that as many requests at once do not wait for each other.
SLOTS = 32

# What was kept before is not kept again; it counts again only with other tokens. Of a member that has asked as much as
# it may, nothing is kept. The commit does not wait for the disk: what a crash of the whole server could take is the
# last half second, of which nobody has a decision yet, as that is committed behind it.
_KEEP = """
WITH member AS (
    SELECT id, coalesce(quota, %(quota)s::bigint) - (
        SELECT coalesce(sum(inquiries), 0)::bigint FROM fraud_registrytally
        WHERE member_id = member.id AND day = %(day)s::date
    ) >= cardinality(%(applications)s::text[]) AS may_ask
    FROM fraud_registrymember member WHERE mark = %(mark)s::bytea
), asked AS (
    SELECT asked.*, member.id AS member_id
    FROM unnest(%(applications)s::text[], %(purposes)s::text[], %(packed)s::bytea[])
        WITH ORDINALITY AS asked(application, purpose, tokens, place), member
    WHERE may_ask
), kept AS (
    INSERT INTO fraud_registryinquiry (application, member_id, purpose, month, tokens)
    SELECT application, member_id, purpose, %(month)s::date, tokens FROM asked ORDER BY application
    ON CONFLICT (application) DO NOTHING RETURNING id, application
), changed AS (
    SELECT 1 FROM asked JOIN fraud_registryinquiry old USING (application)
    WHERE old.tokens <> asked.tokens OR old.member_id <> asked.member_id
), counted AS (
    INSERT INTO fraud_registrytally (member_id, day, slot, inquiries, records)
    SELECT id, %(day)s::date, %(slot)s::smallint, count, 0
    FROM member, (SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM changed) AS count) AS all_of_them
    WHERE count > 0
    ON CONFLICT (member_id, day, slot) DO UPDATE SET inquiries = fraud_registrytally.inquiries + EXCLUDED.inquiries
), heads AS (
    INSERT INTO fraud_registryinquirytoken (head, inquiry_id)
    SELECT DISTINCT head, kept.id
    FROM unnest(%(heads)s::bigint[], %(places)s::bigint[]) AS token(head, place)
    JOIN asked USING (place) JOIN kept USING (application)
    ORDER BY head
)
SELECT id, may_ask, set_config('synchronous_commit', 'off', TRUE) FROM member
"""


class QuotaError(DomainError):
    """Refuse a member that has asked as much as it may in a day."""

    kind = Kind.LIMITED
    code = "quota-spent"
    title = Phrase("This member has asked as much as it may today")


def answer_inquiry(inquiry: Inquiry, *, by: Actor, now: datetime) -> list[Answer]:
    """Answer a member's questions, in their order; asked again, the same is counted once.

    The look-up is kept and committed before the records are read, as a record is before look-ups are: of two that
    come at the same time, one sees the other.

    :raises QuotaError: nothing is kept or told
    """
    asked = [list(outer_tokens(question.tokens)) for question in inquiry.questions]
    kept, found = _kept_and_found(inquiry, asked, now.date())
    if not kept:
        join_member(inquiry.institution, by=by, now=now)
        kept, found = _kept_and_found(inquiry, asked, now.date())
    ((member, may_ask, *_rest),) = kept
    if not may_ask:
        raise QuotaError
    told = tell(asked, found, asking=member)
    if len(asked) == 1 and not told.hits[0]:
        # Whoever waits for one application may measure: a miss opens a seal as a hit does.
        open_decoy()
    if told.bait:
        asking = Identity(kind=ActorKind.CLIENT, id=inquiry.institution, label="")
        note_bait(told.bait, by=asking, now=now)
    return [
        Answer(application=question.application, hits=hits)
        for question, hits in zip(inquiry.questions, told.hits, strict=True)
    ]


@transaction.atomic(durable=True)
def join_member(institution: str, *, by: Actor, now: datetime) -> RegistryMember:
    """Give a member its pseudonym, unless it has one."""
    return join_member_within(institution, now=now)


def join_member_within(institution: str, *, now: datetime) -> RegistryMember:
    """Give a member its pseudonym, in the transaction of the caller."""
    mark = member_mark(institution)
    row = RegistryMember(mark=mark, identity=seal_identity(institution, mark), joined_on=now.date())
    RegistryMember.objects.bulk_create([row], ignore_conflicts=True)
    return RegistryMember.objects.get(mark=mark)


@transaction.atomic(durable=True)
def set_quota(wanted: MemberQuota, *, now: datetime) -> RegistryMember:
    """Let a member ask about so many applications in a day, or about as many as everybody."""
    member = locked(RegistryMember, join_member_within(wanted.institution, now=now))
    member.quota = wanted.quota
    member.save(update_fields=["quota"])
    return member


@transaction.atomic(durable=True)
def note_bait(records: Sequence[str], *, by: Identity, now: datetime) -> None:
    """Write into the trail that a member met records that are nobody's, which opens an alert."""
    for row in RegistryRecord.objects.filter(public_id__in=records).order_by("pk"):
        record(by, "record.matched", row, now=now)


def _kept_and_found(
    inquiry: Inquiry, asked: Sequence[Sequence[Packed]], day: date
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Keep a look-up for records that come later and count what is new, then look: two transactions, one round trip."""
    values: Mapping[str, Any] = {
        "mark": member_mark(inquiry.institution),
        "quota": settings.REGISTRY_QUOTA,
        "applications": texts(question.application for question in inquiry.questions),
        "purposes": texts(question.purpose for question in inquiry.questions),
        "packed": blobs(pack(tokens) for tokens in asked),
        "heads": integers(token.head for tokens in asked for token in tokens),
        "places": integers(place for place, tokens in enumerate(asked, start=1) for _token in tokens),
        "month": day.replace(day=1),
        "day": day,
        "slot": secrets.randbelow(SLOTS),
    }
    kept, found = prepared_in_turn((_KEEP, values), look_up(asked, day))
    return kept, found
