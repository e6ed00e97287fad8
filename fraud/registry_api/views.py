"""The addresses of the registry: questions, records, changes, notices and upkeep."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from fraud.operations.registry.asking import answer_inquiry, set_quota
from fraud.operations.registry.comparing import compare_records, take_change, take_record, take_withdrawal
from fraud.operations.registry.disputing import dispute_records, hear_disputes
from fraud.operations.registry.importing import import_records
from fraud.operations.registry.upkeep import (
    acknowledge_notices,
    forget_disputes,
    forget_inquiries,
    forget_notices,
    forget_records,
    lapse_disputes,
)
from fraud.queries.registry import waiting_notices
from fraud.queries.registry_disputes import dispute_news
from fraud.queries.registry_standing import member_standings
from fraud.registry_api.door import answered, door, padded, refused
from fraud.rules.consortium import (
    Acknowledgement,
    Answers,
    Change,
    Imported,
    Inquiry,
    Notices,
    Registered,
    Report,
    Reports,
    Withdrawal,
)
from fraud.rules.disputes import AllDisputeNews, Disputed, DisputesHeard, RaisedDispute
from fraud.rules.standing import MemberQuota, MemberStandings
from portal.accounts.actors import SYSTEM
from portal.core import clock

# Rounds of each piece of upkeep in one request.
_ROUNDS = 20


@door(Inquiry)
def inquiries(inquiry: Inquiry) -> bytes:
    """Answer questions; hit or miss, the answer has one shape and size, and takes the same work."""
    found = answer_inquiry(inquiry, by=SYSTEM, now=clock.now())
    return padded(Answers(answers=tuple(found)), len(inquiry.questions))


@door(Report)
def records(report: Report) -> Registered:
    """Take in a known fraud."""
    return take_record(report, by=SYSTEM, now=clock.now())


@door(Reports)
def many_records(reports: Reports) -> Imported:
    """Take in known frauds by the thousand."""
    return import_records(reports, by=SYSTEM, now=clock.now())


@door(Change)
def changes(change: Change) -> Registered:
    """Correct, dispute, uphold or retract a record."""
    return take_change(change, by=SYSTEM, now=clock.now())


@door(Withdrawal)
def withdrawals(withdrawal: Withdrawal) -> Registered:
    """Take back what may have been told."""
    return take_withdrawal(withdrawal, by=SYSTEM, now=clock.now())


def notices(request: HttpRequest) -> HttpResponse:
    """List what has changed about earlier applications."""
    refusal = refused(request, "GET")
    if refusal is not None:
        return refusal
    return answered(lambda: Notices(notices=tuple(waiting_notices(clock.now().date()))))


@door(Acknowledgement)
def acknowledge(acknowledgement: Acknowledgement) -> dict[str, int]:
    """Take it that notices have been worked off."""
    return {"acknowledged": acknowledge_notices(acknowledgement.notices, now=clock.now())}


@door(RaisedDispute)
def disputes(raised: RaisedDispute) -> Disputed:
    """Dispute what a member was told."""
    return dispute_records(raised, by=SYSTEM, now=clock.now())


def news(request: HttpRequest) -> HttpResponse:
    """List what has become of disputes, for both of their sides."""
    refusal = refused(request, "GET")
    if refusal is not None:
        return refusal
    return answered(lambda: AllDisputeNews(news=tuple(dispute_news())))


@door(DisputesHeard)
def heard(disputes: DisputesHeard) -> dict[str, int]:
    """Take it that news about disputes has been worked off."""
    return {"heard": hear_disputes(disputes, now=clock.now())}


def members(request: HttpRequest) -> HttpResponse:
    """List what each member asked and gave."""
    refusal = refused(request, "GET")
    if refusal is not None:
        return refusal
    found = member_standings(quota=settings.REGISTRY_QUOTA, day=clock.now().date())
    return answered(lambda: MemberStandings(members=tuple(found)))


@door(MemberQuota)
def quota(wanted: MemberQuota) -> dict[str, int | None]:
    """Set what a member may ask in a day."""
    return {"quota": set_quota(wanted, now=clock.now()).quota}


@door(dict)
def upkeep(_message: dict[str, object]) -> dict[str, int]:
    """Compare what is new with what was asked before, and forget what has outlived its time."""
    works = (
        lapse_disputes,
        compare_records,
        forget_records,
        forget_inquiries,
        forget_notices,
        forget_disputes,
    )
    return {work.__name__: sum(_rounds(work)) for work in works}


def ready(request: HttpRequest) -> HttpResponse:
    """Say whether the registry's tables answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM fraud_registrymember LIMIT 1")
    return HttpResponse("ok\n", content_type="text/plain")


def _rounds(work: Callable[..., int]) -> Iterator[int]:
    for _round in range(_ROUNDS):
        done = work(now=clock.now())
        yield done
        if not done:
            return
