"""Looking into the registry: what it knows of tokens, who asks, and what waits to be told."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from fraud.models import RegistryNotice
from fraud.queries.registry_keys import open_contributor, open_identity
from fraud.rules.consortium import Answer, FraudType, Hit, Notice, NoticeKind, RecordRole, Tier
from fraud.rules.matching import HUB, Found, Known, agreeing, hits
from fraud.rules.packing import KINDS, Packed, unpack
from portal.core.db import prepared

# Notices that are fetched at once.
MOST_NOTICES = 200

# Of a token that many share it is enough to know that.
_SHARED = """
SELECT asked.place, found.record_id, found.kind
FROM unnest(%(tokens)s::uuid[]) WITH ORDINALITY AS asked(token, place)
CROSS JOIN LATERAL (
    SELECT record_id, kind FROM fraud_registrytoken WHERE fraud_registrytoken.token = asked.token LIMIT %(most)s::bigint
) AS found
"""
# What may be told comes with what is shared, so that a hit asks no more often than a miss. Of what has expired it is
# known only that it shares the token.
_KNOWN = """
SELECT shared.place, shared.record_id, shared.kind, record.public_id, fraud_type, role, to_char(month, 'YYYY-MM'),
    contributor, state = 'disputed', EXISTS (SELECT FROM security_canary WHERE subject_id = record.public_id)
FROM (SHARED) AS shared
LEFT JOIN fraud_registryrecord record
    ON record.id = shared.record_id AND state <> 'retracted' AND expires_on > %(day)s::date
""".replace("SHARED", _SHARED)
Statement = tuple[str, Mapping[str, Any]]
Rows = Sequence[tuple[Any, ...]]
Matches = dict[int, tuple[Tier, frozenset[str]]]


class Told(NamedTuple):
    """Hits for each of several applications, and the public ids of bait that was met."""

    hits: list[tuple[Hit, ...]]
    bait: list[str]


def look_up(asked: Sequence[Sequence[Packed]], day: date) -> Statement:
    """Give the statement that finds what is known of several applications, given their outer tokens; see `tell`."""
    return _KNOWN, {"tokens": _array(_places(asked)), "most": HUB + 1, "day": day}


def tell(asked: Sequence[Sequence[Packed]], rows: Rows, *, asking: int) -> Told:
    """Tell a member (its row) what is known of each of several applications, of what the statement found."""
    matches, known, bait = _matched(asked, rows)
    return Told([hits(each, known, asking=asking) for each in matches], bait)


def told(asked: Sequence[Sequence[Packed]], *, asking: int, day: date) -> Told:
    """Tell what is known of each of several applications, given their outer tokens, to a member (its row)."""
    return tell(asked, prepared(*look_up(asked, day)), asking=asking)


def known_records(tokens: Sequence[Packed], *, day: date) -> dict[int, Known]:
    """Give the records that one application agrees with surely enough to be told of, with what is known of each."""
    return _matched([tokens], prepared(*look_up([tokens], day)))[1]


def sharers(tokens: Iterable[bytes]) -> dict[bytes, int]:
    """Count the records that share each token, as far as it matters: to one more than makes a hub."""
    distinct = sorted(set(tokens))
    counts = Counter(place for place, _record, _kind in _sharing(distinct))
    return {token: counts.get(place, 0) for place, token in enumerate(distinct, start=1)}


def waiting_notices(day: date) -> list[Notice]:
    """List the notices that nobody has acknowledged, the oldest first, each with all that is known now."""
    rows = list(
        RegistryNotice.objects.filter(acknowledged_at=None)
        .select_related("member", "inquiry")
        .order_by("pk")[:MOST_NOTICES]
    )
    by_member: dict[int, list[RegistryNotice]] = defaultdict(list)
    for row in rows:
        by_member[row.member_id].append(row)
    found = [notice for each in by_member.values() for notice in _notices(each, day)]
    return sorted(found, key=lambda notice: notice.id)


def _notices(rows: Sequence[RegistryNotice], day: date) -> list[Notice]:
    member = rows[0].member
    institution = open_identity(member.identity, member.mark)
    known = told([list(unpack(row.inquiry.tokens)) for row in rows], asking=member.pk, day=day).hits
    return [
        Notice(
            id=row.pk,
            institution=institution,
            kind=NoticeKind(row.kind),
            answer=Answer(application=row.inquiry.application, hits=each),
        )
        for row, each in zip(rows, known, strict=True)
    ]


def _matched(
    asked: Sequence[Sequence[Packed]], rows: Rows
) -> tuple[list[Matches], dict[int, Known], list[str]]:
    """Give the records that each application agrees with, what is known of them, and which of them are bait."""
    places = _places(asked)
    records: dict[int, list[tuple[int, int]]] = defaultdict(list)
    facts: dict[int, Sequence[Any]] = {}
    for place, record, kind, *of_record in rows:
        records[place].append((record, kind))
        if of_record[0] is not None:
            facts[record] = of_record
    matches = [
        agreeing(each for token in tokens for each in _found(token, records.get(places[token.token], ())))
        for tokens in asked
    ]
    matched = {record for each in matches for record in each if record in facts}
    known = {record: _known(facts[record]) for record in matched}
    return matches, known, sorted(facts[record][0] for record in matched if facts[record][-1])


def _places(asked: Sequence[Sequence[Packed]]) -> dict[bytes, int]:
    """Number the distinct tokens of several applications from 1, as the statements number them."""
    places: dict[bytes, int] = {}
    for tokens in asked:
        for each in tokens:
            places.setdefault(each.token, len(places) + 1)
    return places


def _found(token: Packed, records: Sequence[tuple[int, int]]) -> list[Found]:
    return [
        Found(record, KINDS[kind], token.party, len(records))
        for record, kind in records
        if kind == token.kind
    ]


def _known(facts: Sequence[Any]) -> Known:
    public_id, fraud_type, role, month, contributor, is_disputed, _is_bait = facts
    member = open_contributor(contributor, public_id)
    return Known(FraudType(fraud_type), RecordRole(role), month, member, is_disputed=is_disputed)


def _sharing(tokens: Iterable[bytes]) -> list[tuple[Any, ...]]:
    """Give a row of place (counted from 1), record and kind for each record that shares a token."""
    return prepared(_SHARED, {"tokens": _array(tokens), "most": HUB + 1})


def _array(tokens: Iterable[bytes]) -> str:
    """Write tokens as PostgreSQL writes an array: one text is sent many times faster than a list."""
    return "{" + ",".join(token.hex() for token in tokens) + "}"


def as_uuid(token: bytes) -> UUID:
    """Give a token as the database keeps it."""
    return UUID(bytes=token)
