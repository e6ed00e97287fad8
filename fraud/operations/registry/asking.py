"""Answering a member: its look-up is kept, counted once, and only then are the records looked at."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from fraud.models import RegistryMember, RegistryRecord
from fraud.queries.registry import Asking, asking_member, told
from fraud.queries.registry_keys import member_mark, outer_tokens, seal_identity
from fraud.rules.consortium import Answer, Inquiry
from fraud.rules.packing import Packed, pack
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.actors import ActorKind, Identity
from portal.core.db import prepared
from portal.core.errors import DomainError, Kind
from portal.core.phrases import Phrase

log = structlog.get_logger(__name__)

# Rows in which a member's day is counted, so that as many requests at once do not wait for each other.
SLOTS = 32

# What was kept before is not kept again; it counts again only with other tokens.
_KEEP = """
WITH asked AS (
    SELECT * FROM unnest(%(applications)s::text[], %(purposes)s::text[], %(packed)s::bytea[])
        WITH ORDINALITY AS asked(application, purpose, tokens, place)
), kept AS (
    INSERT INTO fraud_registryinquiry (application, member_id, purpose, month, tokens)
    SELECT application, %(member)s::bigint, purpose, %(month)s::date, tokens FROM asked ORDER BY application
    ON CONFLICT (application) DO NOTHING RETURNING id, application
), changed AS (
    SELECT 1 FROM asked JOIN fraud_registryinquiry old USING (application)
    WHERE old.tokens <> asked.tokens OR old.member_id <> %(member)s::bigint
), counted AS (
    INSERT INTO fraud_registrytally (member_id, day, slot, inquiries, records)
    SELECT %(member)s::bigint, %(day)s::date, %(slot)s::smallint, count, 0
    FROM (SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM changed) AS count) AS all_of_them WHERE count > 0
    ON CONFLICT (member_id, day, slot) DO UPDATE SET inquiries = fraud_registrytally.inquiries + EXCLUDED.inquiries
), heads AS (
    INSERT INTO fraud_registryinquirytoken (head, inquiry_id)
    SELECT DISTINCT head, kept.id
    FROM unnest(%(heads)s::bigint[], %(places)s::bigint[]) AS token(head, place)
    JOIN asked USING (place) JOIN kept USING (application)
    ORDER BY head
)
SELECT count(*) FROM kept
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
    member = asking_member(inquiry.institution, quota=settings.REGISTRY_QUOTA, day=now.date())
    if member is None:
        join_member(inquiry.institution, by=by, now=now)
        member = asking_member(inquiry.institution, quota=settings.REGISTRY_QUOTA, day=now.date())
    if member is None or member.asked + len(inquiry.questions) > member.quota:
        raise QuotaError
    asked = [list(outer_tokens(question.tokens)) for question in inquiry.questions]
    keep_inquiry(inquiry, asked, member=member, day=now.date())
    found = told(asked, asking=member.id, day=now.date())
    if found.bait:
        asking = Identity(kind=ActorKind.CLIENT, id=inquiry.institution, label="")
        note_bait(found.bait, by=asking, now=now)
    return [
        Answer(application=question.application, hits=hits)
        for question, hits in zip(inquiry.questions, found.hits, strict=True)
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
def keep_inquiry(inquiry: Inquiry, asked: Sequence[Sequence[Packed]], *, member: Asking, day: date) -> int:
    """Keep a member's look-up for records that come later, and count what is new; say how many are."""
    values: Mapping[str, Any] = {
        "applications": [question.application for question in inquiry.questions],
        "purposes": [str(question.purpose) for question in inquiry.questions],
        "packed": [pack(tokens) for tokens in asked],
        "heads": _numbers(token.head for tokens in asked for token in tokens),
        "places": _numbers(place for place, tokens in enumerate(asked, start=1) for _token in tokens),
        "member": member.id,
        "month": day.replace(day=1),
        "day": day,
        "slot": secrets.randbelow(SLOTS),
    }
    return int(prepared(_KEEP, values)[0][0])


@transaction.atomic(durable=True)
def note_bait(records: Sequence[str], *, by: Identity, now: datetime) -> None:
    """Write into the trail that a member met records that are nobody's, which opens an alert."""
    for row in RegistryRecord.objects.filter(public_id__in=records).order_by("pk"):
        record(by, "record.matched", row, now=now)


def _numbers(numbers: Any) -> str:
    """Write numbers as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, numbers)) + "}"
