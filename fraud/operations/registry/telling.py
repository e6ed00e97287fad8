"""Taking in what members tell of known frauds: once each, and changed by whoever told it."""

from collections.abc import Callable
from datetime import date, datetime
from secrets import randbelow

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from fraud.models import RegistryMember, RegistryRecord, RegistryTally, RegistryToken
from fraud.models.registry import RecordState
from fraud.operations.registry.asking import SLOTS, join_member_within
from fraud.operations.registry.disputing import end_disputes_within
from fraud.queries.registry import as_uuid
from fraud.queries.registry_keys import (
    contribution_mark,
    member_mark,
    open_contributor,
    outer_tokens,
    seal_contributor,
)
from fraud.rules.consortium import Change, Facts, NoticeKind, RecordChange, Registered, Report, Withdrawal
from fraud.rules.disputes import DisputeAnswer
from fraud.rules.fraud_types import expires_on, first_day
from fraud.rules.packing import Packed, pack, unpack
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import InvalidError, NotFoundError, WrongStateError
from portal.core.ids import new_id


@transaction.atomic(durable=True)
def register_record(report: Report, *, by: Actor, now: datetime) -> Registered:
    """Take in a known fraud; what was asked before is compared with it afterwards.

    The trail does not say who told it: that is sealed in the record.

    :raises InvalidError: nothing in it could ever be found again, or its month is yet to come
    """
    _check_month(report.facts, now.date())
    tokens = list(dict.fromkeys(outer_tokens(report.tokens)))
    if not tokens:
        raise InvalidError.of("tokens", _("None of these elements is of a kind that the registry knows."))
    member = join_member_within(report.institution, now=now)
    new = _new(report, tokens, member, now)
    row = _added(new)
    if row.public_id != new.public_id:
        return Registered(record=row.public_id, is_new=False)
    _add_tokens(row, tokens)
    count_records_within(member, 1, day=now.date())
    record(by, "record.registered", row, now=now, kinds=len({each.kind for each in tokens}))
    return Registered(record=row.public_id, is_new=True)


@transaction.atomic(durable=True)
def withdraw_contribution(withdrawal: Withdrawal, *, by: Actor, now: datetime) -> Registered:
    """Retract what a contribution became; what has not come yet is kept as retracted, so that it never is a record.

    :raises NotFoundError: another member told it
    """
    member = join_member_within(withdrawal.institution, now=now)
    new = _new(withdrawal, [], member, now)
    new.state, new.news = RecordState.RETRACTED, ""
    row = locked(RegistryRecord, _added(new))
    if open_contributor(row.contributor, row.public_id) != member.pk:
        raise NotFoundError(_("There is no such record."))
    is_new = row.public_id == new.public_id
    if row.state == RecordState.RETRACTED and not is_new:
        return Registered(record=row.public_id, is_new=False)
    if not is_new:
        row.save(update_fields=take_away(row))
        end_disputes_within(row, DisputeAnswer.RETRACTED, now=now)
    record(by, "record.retracted", row, now=now)
    return Registered(record=row.public_id, is_new=True)


@transaction.atomic(durable=True)
def change_record(change: Change, *, by: Actor, now: datetime) -> Registered:
    """Correct, dispute, uphold or retract a record; what it is already changes nothing.

    :raises NotFoundError: there is no such record, or another member told it; anybody may dispute one
    :raises WrongStateError: it was retracted
    :raises InvalidError: a correction says nothing, or its month is yet to come
    """
    row = RegistryRecord.objects.filter(public_id=change.record).first()
    if row is None or not _may_change(row, change):
        raise NotFoundError(_("There is no such record."))
    row = locked(RegistryRecord, row)
    if row.state == RecordState.RETRACTED and change.change is RecordChange.RETRACT:
        return Registered(record=row.public_id, is_new=False)
    if row.state == RecordState.RETRACTED:
        raise WrongStateError(_("This record was retracted."))
    act, carry_out = _ACTS[change.change]
    fields = carry_out(row, change, now.date())
    if not fields:
        return Registered(record=row.public_id, is_new=False)
    row.save(update_fields=fields)
    if change.change in _ANSWERS:
        end_disputes_within(row, _ANSWERS[change.change], now=now)
    record(by, act, row, now=now)
    return Registered(record=row.public_id, is_new=True)


def _added(new: RegistryRecord) -> RegistryRecord:
    """Add a record, or find what the same contribution became before."""
    # Whoever registers the same one waits here for the other's end.
    RegistryRecord.objects.bulk_create([new], ignore_conflicts=True)
    return RegistryRecord.objects.get(contribution=new.contribution)


def _new(
    told: Report | Withdrawal, tokens: list[Packed], member: RegistryMember, now: datetime
) -> RegistryRecord:
    public_id = new_id("rec")
    row = RegistryRecord(
        public_id=public_id,
        contribution=contribution_mark(told.contribution),
        contributor=seal_contributor(member.pk, public_id),
        tokens=pack(tokens),
        application=getattr(told, "application", None) or "",
        news=NoticeKind.RETRO_HIT,
        registered_at=now,
    )
    _set_facts(row, told.facts)
    return row


def _set_facts(row: RegistryRecord, facts: Facts) -> None:
    row.fraud_type, row.role, row.proof = facts.fraud_type, facts.role, facts.proof
    row.month = first_day(facts.month)
    row.expires_on = expires_on(facts.fraud_type, facts.role, facts.month)


def _check_month(facts: Facts, today: date) -> None:
    if first_day(facts.month) > today:
        raise InvalidError.of("month", _("This month is yet to come."))


def _add_tokens(row: RegistryRecord, tokens: list[Packed]) -> None:
    rows = [RegistryToken(token=as_uuid(each.token), record=row, kind=each.kind) for each in tokens]
    RegistryToken.objects.bulk_create(rows, ignore_conflicts=True)


def count_records_within(member: RegistryMember, count: int, *, day: date) -> None:
    """Count what a member has given, in the transaction of the caller."""
    place = {"member": member, "day": day, "slot": randbelow(SLOTS)}
    RegistryTally.objects.bulk_create([RegistryTally(**place)], ignore_conflicts=True)
    RegistryTally.objects.filter(**place).update(records=F("records") + count)


def _may_change(row: RegistryRecord, change: Change) -> bool:
    if change.change is RecordChange.DISPUTE:
        return True
    member = RegistryMember.objects.filter(mark=member_mark(change.institution)).first()
    return member is not None and open_contributor(row.contributor, row.public_id) == member.pk


def _correct(row: RegistryRecord, change: Change, today: date) -> list[str]:
    if change.facts is None:
        raise InvalidError.of("facts", _("Say what is right."))
    _check_month(change.facts, today)
    _set_facts(row, change.facts)
    row.state, row.news = RecordState.CORRECTED, NoticeKind.RETRO_HIT
    return ["fraud_type", "role", "proof", "month", "expires_on", "state", "news"]


def _dispute(row: RegistryRecord, change: Change, today: date) -> list[str]:
    if row.state == RecordState.DISPUTED:
        return []
    row.state = RecordState.DISPUTED
    return ["state"]


def _uphold(row: RegistryRecord, change: Change, today: date) -> list[str]:
    if row.state != RecordState.DISPUTED:
        return []
    # Whoever was told of it while it was disputed hears that it stands, and not only who disputed it.
    row.state, row.news = RecordState.LIVE, NoticeKind.RETRO_HIT
    return ["state", "news"]


def _retract(row: RegistryRecord, change: Change, today: date) -> list[str]:
    return take_away(row)


def take_away(row: RegistryRecord) -> list[str]:
    """Have a record never shown again; give the fields to save, which those who were told of it hear of."""
    tokens = [as_uuid(each.token) for each in unpack(row.tokens)]
    RegistryToken.objects.filter(token__in=tokens, record=row).delete()
    row.state, row.news = RecordState.RETRACTED, NoticeKind.RETRACTION
    return ["state", "news"]


_ANSWERS = {
    RecordChange.CORRECT: DisputeAnswer.CORRECTED,
    RecordChange.UPHOLD: DisputeAnswer.UPHELD,
    RecordChange.RETRACT: DisputeAnswer.RETRACTED,
}
_ACTS: dict[RecordChange, tuple[str, Callable[[RegistryRecord, Change, date], list[str]]]] = {
    RecordChange.CORRECT: ("record.corrected", _correct),
    RecordChange.DISPUTE: ("record.disputed", _dispute),
    RecordChange.UPHOLD: ("record.upheld", _uphold),
    RecordChange.RETRACT: ("record.retracted", _retract),
}
