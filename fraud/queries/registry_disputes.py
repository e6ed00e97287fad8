"""News about disputes for both of their sides: who has to answer for a record, and who was answered."""

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from fraud.models import RegistryDispute, RegistryMember, RegistryRecord
from fraud.queries.registry_keys import open_contributor, open_identity
from fraud.rules.consortium import FraudType, RecordRole
from fraud.rules.disputes import DisputeAnswer, DisputeNews, DisputeReason, DisputeSide, whole_answer

# That are fetched at once, of each side.
MOST_NEWS = 200


def dispute_news() -> list[DisputeNews]:
    """List what contributors have to answer for and have not heard of, and what became of what members disputed."""
    return [*_to_receive(), *_to_hear()]


def _to_receive() -> list[DisputeNews]:
    rows = list(RegistryDispute.objects.filter(received_at=None).order_by("pk")[:MOST_NEWS])
    records = RegistryRecord.objects.in_bulk([row.record_id for row in rows])
    contributors = {pk: open_contributor(each.contributor, each.public_id) for pk, each in records.items()}
    names = _names(contributors.values())
    return [
        DisputeNews(
            id=row.pk,
            institution=names[contributors[row.record_id]],
            side=DisputeSide.RECEIVED,
            fraud_type=FraudType(records[row.record_id].fraud_type),
            role=RecordRole(records[row.record_id].role),
            month=f"{records[row.record_id].month:%Y-%m}",
            record=records[row.record_id].public_id,
            reason=DisputeReason(row.reason),
            due_on=row.due_on,
            answer=DisputeAnswer(row.answer) if row.answer else None,
        )
        for row in rows
        # What has expired needs no answer.
        if row.record_id in records
    ]


def _to_hear() -> list[DisputeNews]:
    """Give one piece of news for each hit that was disputed, once all whom it concerns have answered."""
    unheard = RegistryDispute.objects.filter(heard_at=None)
    named = unheard.exclude(answer="").order_by("pk").values("application", "fraud_type", "role")
    hits = list({tuple(each.values()): each for each in named[:MOST_NEWS]}.values())
    groups = [list(unheard.filter(**each).order_by("pk")) for each in hits]
    whole = [rows for rows in groups if all(row.answer for row in rows)]
    names = _names({rows[0].member_id for rows in whole})
    return [
        DisputeNews(
            id=rows[0].pk,
            institution=names[rows[0].member_id],
            side=DisputeSide.RAISED,
            fraud_type=FraudType(rows[0].fraud_type),
            role=RecordRole(rows[0].role),
            application=rows[0].application,
            due_on=rows[0].due_on,
            answer=whole_answer(row.answer for row in rows),
        )
        for rows in whole
    ]


def _names(members: Iterable[int]) -> Mapping[int, str]:
    rows: QuerySet[RegistryMember] = RegistryMember.objects.filter(pk__in=set(members))
    return {row.pk: open_identity(row.identity, row.mark) for row in rows}
