"""The registry's upkeep: notices that have been worked off, and what has outlived its time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from fraud.models import (
    RegistryDispute,
    RegistryInquiry,
    RegistryInquiryToken,
    RegistryNotice,
    RegistryRecord,
    RegistryToken,
)
from fraud.models.registry import RecordState
from fraud.operations.registry.telling import take_away
from fraud.queries.registry import as_uuid
from fraud.rules.disputes import DisputeAnswer
from fraud.rules.fraud_types import INQUIRIES_KEPT, months_after
from fraud.rules.packing import unpack
from portal.accounts.actors import SYSTEM
from portal.audit.operations import record

# Rows that go in one transaction.
MOST_AT_ONCE = 500
# For which a notice is kept after it has been worked off.
NOTICES_KEPT = timedelta(days=30)
# And a dispute: raised again meanwhile, it is known that it was answered.
DISPUTES_KEPT = timedelta(days=730)


@transaction.atomic(durable=True)
def acknowledge_notices(notices: Sequence[int], *, now: datetime) -> int:
    """Take it that these notices have been worked off; say how many were still waiting."""
    return RegistryNotice.objects.filter(pk__in=notices, acknowledged_at=None).update(acknowledged_at=now)


@transaction.atomic(durable=True)
def lapse_disputes(*, now: datetime) -> int:
    """Show records no more whose contributors have not answered for them in time; say how many."""
    late = RegistryDispute.objects.filter(answer="", due_on__lt=now.date()).order_by("due_on", "pk")
    ids = list(late.values_list("record_id", flat=True)[:MOST_AT_ONCE])
    for row in RegistryRecord.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        if row.state != RecordState.RETRACTED:
            row.save(update_fields=take_away(row))
            record(SYSTEM, "record.expired", row, now=now)
    done = RegistryDispute.objects.filter(record__in=ids, answer="")
    done.update(answer=DisputeAnswer.LAPSED, answered_at=now, heard_at=None, received_at=None)
    return len(ids)


@transaction.atomic(durable=True)
def forget_disputes(*, now: datetime) -> int:
    """Delete disputes that ended long ago and of which both sides have heard; say how many."""
    rows = RegistryDispute.objects.filter(answered_at__lt=now - DISPUTES_KEPT).order_by("pk")
    told = rows.exclude(heard_at=None).exclude(received_at=None)
    return RegistryDispute.objects.filter(
        pk__in=list(told.values_list("pk", flat=True)[:MOST_AT_ONCE])
    ).delete()[0]


@transaction.atomic(durable=True)
def forget_records(*, now: datetime) -> int:
    """Delete records that have expired, with their tokens; say how many of them."""
    rows = list(RegistryRecord.objects.filter(expires_on__lte=now.date()).order_by("pk")[:MOST_AT_ONCE])
    ids = [row.pk for row in rows]
    tokens = {as_uuid(each.token) for row in rows for each in unpack(row.tokens)}
    RegistryToken.objects.filter(token__in=tokens, record__in=ids).delete()
    RegistryRecord.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic(durable=True)
def forget_inquiries(*, now: datetime) -> int:
    """Delete look-ups of months that are no longer compared with new records; say how many."""
    before = months_after(now.date(), -INQUIRIES_KEPT)
    rows = list(RegistryInquiry.objects.filter(month__lt=before).order_by("month", "pk")[:MOST_AT_ONCE])
    ids = [row.pk for row in rows]
    heads = {each.head for row in rows for each in unpack(row.tokens)}
    RegistryInquiryToken.objects.filter(head__in=heads, inquiry__in=ids).delete()
    RegistryNotice.objects.filter(inquiry__in=ids).delete()
    RegistryInquiry.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic(durable=True)
def forget_notices(*, now: datetime) -> int:
    """Delete notices that were worked off long ago; say how many."""
    rows = RegistryNotice.objects.filter(acknowledged_at__lt=now - NOTICES_KEPT).order_by("pk")
    return RegistryNotice.objects.filter(
        pk__in=list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE])
    ).delete()[0]
