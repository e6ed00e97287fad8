"""Taking in known frauds by the thousand: rows by arrays and COPY, each contribution once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from fraud.models import RegistryMember, RegistryRecord
from fraud.operations.registry.asking import join_member_within
from fraud.operations.registry.telling import count_records_within
from fraud.queries.registry_keys import contribution_mark, outer_tokens, seal_contributor
from fraud.rules.consortium import Imported, NoticeKind, Report, Reports
from fraud.rules.fraud_types import expires_on, first_day
from fraud.rules.packing import Packed, pack
from portal.accounts.actors import Actor
from portal.audit.operations import record
from portal.core.db import prepared
from portal.core.ids import new_id

_INSERT = """
INSERT INTO fraud_registryrecord (public_id, contribution, fraud_type, role, month, proof, expires_on, contributor,
    state, tokens, application, news, registered_at)
SELECT public_id, contribution, fraud_type, role, month, proof, expires_on, contributor, 'live', tokens, application,
    %(news)s, %(now)s
FROM unnest(%(public_id)s::text[], %(contribution)s::bytea[], %(fraud_type)s::text[], %(role)s::text[],
    %(month)s::date[], %(proof)s::text[], %(expires_on)s::date[], %(contributor)s::bytea[], %(tokens)s::bytea[],
    %(application)s::text[])
    AS new(public_id, contribution, fraud_type, role, month, proof, expires_on, contributor, tokens, application)
ORDER BY contribution
ON CONFLICT (contribution) DO NOTHING
RETURNING id, public_id
"""


class _New(NamedTuple):
    values: Mapping[str, Any]
    tokens: Sequence[Packed]
    member: int


@transaction.atomic(durable=True)
def import_records(reports: Reports, *, by: Actor, now: datetime) -> Imported:
    """Take in many known frauds at once; those that are there already are passed over.

    What was asked before is compared with them by the upkeep. The trail names the first of them, and how many.
    """
    members = {
        institution: join_member_within(institution, now=now)
        for institution in sorted({report.institution for report in reports.reports})
    }
    made = {report.contribution: _new(report, members[report.institution]) for report in reports.reports}
    refused = tuple(
        sorted(name for name, new in made.items() if not new.tokens or new.values["month"] > now.date())
    )
    rows = {new.values["public_id"]: new for name, new in made.items() if name not in refused}
    added = _insert(list(rows.values()), now)
    _copy_tokens((row, token) for row, public_id in added for token in rows[public_id].tokens)
    counts = Counter(rows[public_id].member for _row, public_id in added)
    for member in members.values():
        count_records_within(member, counts[member.pk], day=now.date())
    if added:
        first = RegistryRecord.objects.get(pk=min(row for row, _public_id in added))
        record(by, "record.imported", first, now=now, count=len(added))
    return Imported(new=len(added), refused=refused)


def _new(report: Report, member: RegistryMember) -> _New:
    public_id, facts = new_id("rec"), report.facts
    tokens = list(dict.fromkeys(outer_tokens(report.tokens)))
    values = {
        "public_id": public_id,
        "contribution": contribution_mark(report.contribution),
        "fraud_type": str(facts.fraud_type),
        "role": str(facts.role),
        "month": first_day(facts.month),
        "proof": str(facts.proof),
        "expires_on": expires_on(facts.fraud_type, facts.role, facts.month),
        "contributor": seal_contributor(member.pk, public_id),
        "tokens": pack(tokens),
        "application": report.application or "",
    }
    return _New(values, tokens, member.pk)


def _insert(rows: Sequence[_New], now: datetime) -> list[tuple[Any, ...]]:
    if not rows:
        return []
    columns = {name: [row.values[name] for row in rows] for name in rows[0].values}
    return prepared(_INSERT, {**columns, "now": now, "news": NoticeKind.RETRO_HIT.value})


def _copy_tokens(tokens: Iterable[tuple[int, Packed]]) -> None:
    """Copy the tokens of new records, in the order of the index, each once."""
    rows = sorted({(token.token, row, token.kind) for row, token in tokens})
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY fraud_registrytoken (token, record_id, kind) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.set_types(["uuid", "int8", "int2"])
        for token, row, kind in rows:
            copy.write_row((UUID(bytes=token), row, kind))
