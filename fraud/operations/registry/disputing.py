"""Disputes in the registry: raised by who was told of a record, answered by who contributed it, both unnamed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import RegistryDispute, RegistryInquiry, RegistryMember, RegistryRecord
from fraud.models.registry import RecordState
from fraud.queries.registry import known_records
from fraud.queries.registry_keys import member_mark
from fraud.rules.disputes import (
    MOST_IN_A_DAY,
    DisputeAnswer,
    Disputed,
    DisputesHeard,
    RaisedDispute,
    due_on,
)
from fraud.rules.packing import unpack
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.errors import DomainError, Kind, NotFoundError
from portal.core.phrases import Phrase


class TooManyDisputesError(DomainError):
    """Refuse a member that disputes what it is told as nobody does who has looked at it."""

    kind = Kind.LIMITED
    code = "too-many-disputes"
    title = Phrase("This member has disputed as much as it may today")


@transaction.atomic(durable=True)
def dispute_records(raised: RaisedDispute, *, by: Actor, now: datetime) -> Disputed:
    """Dispute the records of one type and role that an application agrees with, but for the member's own.

    Raised again it is the same dispute. How many records there are is not told, nor whose they are.

    :raises NotFoundError: the member has never asked about this application
    :raises TooManyDisputesError: nothing is disputed
    """
    member = RegistryMember.objects.filter(mark=member_mark(raised.institution)).first()
    inquiry = RegistryInquiry.objects.filter(application=raised.application, member=member).first()
    if member is None or inquiry is None:
        raise NotFoundError(_("There is no such application."))
    lately = RegistryDispute.objects.filter(member=member, raised_at__gt=now - timedelta(days=1))
    if lately.count() >= MOST_IN_A_DAY:
        raise TooManyDisputesError
    known = known_records(list(unpack(inquiry.tokens)), day=now.date())
    others = [
        pk
        for pk, each in known.items()
        if (each.fraud_type, each.role) == (raised.fraud_type, raised.role) and each.contributor != member.pk
    ]
    _dispute_each(others, raised, member, by, now)
    asked = RegistryDispute.objects.filter(application=raised.application, record__in=others, answer="")
    return Disputed(is_found=asked.exists(), due_on=due_on(now.date()))


def _dispute_each(
    records: Sequence[int], raised: RaisedDispute, member: RegistryMember, by: Actor, now: datetime
) -> None:
    rows = RegistryRecord.objects.select_for_update().filter(pk__in=records).order_by("pk")
    there = [row for row in rows if row.state != RecordState.RETRACTED]
    old = RegistryDispute.objects.filter(application=raised.application, record__in=there)
    known = set(old.values_list("record_id", flat=True))
    new = [row for row in there if row.pk not in known]
    RegistryDispute.objects.bulk_create(
        RegistryDispute(
            record=row,
            member=member,
            application=raised.application,
            fraud_type=raised.fraud_type,
            role=raised.role,
            reason=raised.reason,
            raised_at=now,
            due_on=due_on(now.date()),
        )
        for row in new
    )
    for row in new:
        if row.state != RecordState.DISPUTED:
            row.state = RecordState.DISPUTED
            row.save(update_fields=["state"])
            record(by, "record.disputed", row, now=now)


def end_disputes_within(row: RegistryRecord, answer: DisputeAnswer, *, now: datetime) -> None:
    """End what is disputed of a record, within the transaction that answers it; who disputes hears of it."""
    open_ones = RegistryDispute.objects.filter(record=row, answer="")
    open_ones.update(answer=answer, answered_at=now, heard_at=None)


@transaction.atomic(durable=True)
def hear_disputes(heard: DisputesHeard, *, now: datetime) -> int:
    """Take it that news about disputes has been worked off; say how much of it was still waiting."""
    received = RegistryDispute.objects.filter(pk__in=heard.received, received_at=None)
    named = RegistryDispute.objects.filter(pk__in=heard.raised).values("application", "fraud_type", "role")
    count = received.update(received_at=now)
    for each in named:
        # News names one of the records that it is about.
        count += RegistryDispute.objects.filter(**each, heard_at=None).exclude(answer="").update(heard_at=now)
    return count
