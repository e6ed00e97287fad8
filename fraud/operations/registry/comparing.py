"""Comparing records that came or went with what was asked before, and telling those whose answer has changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from fraud.models import RegistryInquiry, RegistryNotice, RegistryRecord
from fraud.operations.registry.telling import change_record, register_record, withdraw_contribution
from fraud.queries.registry import sharers
from fraud.rules.consortium import Change, Registered, Report, Withdrawal
from fraud.rules.fraud_types import INQUIRIES_KEPT, months_after
from fraud.rules.matching import Found, agreeing
from fraud.rules.packing import KINDS, Packed, unpack
from portal.accounts.actors import Actor
from portal.core.db import prepared

# Records that are compared in one transaction.
MOST_RECORDS = 500
# A token that so many look-ups share is a hub, and finds nobody in particular.
MOST_SHARING = 2_000

_EARLIER = """
SELECT asked.place, earlier.inquiry_id
FROM unnest(%(heads)s::bigint[], %(places)s::bigint[]) AS asked(head, place)
CROSS JOIN LATERAL (
    SELECT inquiry_id FROM fraud_registryinquirytoken
    WHERE fraud_registryinquirytoken.head = asked.head LIMIT %(most)s::bigint
) AS earlier
"""


class _Change(NamedTuple):
    record: RegistryRecord
    tokens: list[Packed]


def take_record(report: Report, *, by: Actor, now: datetime) -> Registered:
    """Take in a known fraud and compare it at once; a kill in between leaves the comparison to the upkeep."""
    registered = register_record(report, by=by, now=now)
    compare_records(now=now)
    return registered


def take_change(change: Change, *, by: Actor, now: datetime) -> Registered:
    """Change a record and tell everybody whom it concerns."""
    registered = change_record(change, by=by, now=now)
    compare_records(now=now)
    return registered


def take_withdrawal(withdrawal: Withdrawal, *, by: Actor, now: datetime) -> Registered:
    """Take a contribution back and tell everybody whom its record concerned."""
    registered = withdraw_contribution(withdrawal, by=by, now=now)
    compare_records(now=now)
    return registered


@transaction.atomic(durable=True)
def compare_records(*, now: datetime, limit: int = MOST_RECORDS) -> int:
    """Compare records that have news with the look-ups of the months that are kept; say how many there were.

    Each look-up that agrees with one gets a notice, but for that of the application which the record was found in.
    """
    rows = RegistryRecord.objects.select_for_update(skip_locked=True).exclude(news="").order_by("pk")[:limit]
    changes = {row.pk: _Change(row, list(unpack(row.tokens))) for row in rows}
    if not changes:
        return 0
    frequency = sharers(each.token for change in changes.values() for each in change.tokens)
    notices = _notices(changes, _earlier(changes, now), frequency, now)
    RegistryNotice.objects.bulk_create(notices, ignore_conflicts=True)
    RegistryRecord.objects.filter(pk__in=changes).update(news="")
    return len(changes)


def _earlier(changes: Mapping[int, _Change], now: datetime) -> dict[int, list[RegistryInquiry]]:
    """Find the look-ups that share half a token with a record."""
    pairs = [(each.head, pk) for pk, change in changes.items() for each in change.tokens]
    heads, places = [head for head, _pk in pairs], [pk for _head, pk in pairs]
    found: dict[int, set[int]] = defaultdict(set)
    for pk, inquiry in prepared(_EARLIER, {"heads": heads, "places": places, "most": MOST_SHARING}):
        found[pk].add(inquiry)
    since = months_after(now.date(), -INQUIRIES_KEPT)
    kept = RegistryInquiry.objects.filter(month__gte=since)
    inquiries = kept.in_bulk({each for inquiries in found.values() for each in inquiries})
    return {pk: [inquiries[each] for each in sorted(ids) if each in inquiries] for pk, ids in found.items()}


def _notices(
    changes: Mapping[int, _Change],
    earlier: Mapping[int, Sequence[RegistryInquiry]],
    frequency: Mapping[bytes, int],
    now: datetime,
) -> list[RegistryNotice]:
    return [
        RegistryNotice(
            member_id=inquiry.member_id,
            inquiry=inquiry,
            record=change.record,
            kind=change.record.news,
            made_at=now,
        )
        for pk, inquiries in earlier.items()
        for inquiry in inquiries
        if _agree(change := changes[pk], inquiry, frequency)
    ]


def _agree(change: _Change, inquiry: RegistryInquiry, frequency: Mapping[bytes, int]) -> bool:
    if inquiry.application == change.record.application:
        return False
    known = {(each.kind, each.token) for each in change.tokens}
    shared = [
        Found(change.record.pk, KINDS[each.kind], each.party, max(1, frequency.get(each.token, 1)))
        for each in unpack(inquiry.tokens)
        if (each.kind, each.token) in known
    ]
    return bool(agreeing(shared))
