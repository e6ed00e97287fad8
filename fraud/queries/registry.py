"""Looking into the registry: what it knows of tokens, who asks, and what waits to be told."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from fraud.models import RegistryNotice
from fraud.queries.registry_keys import member_mark, open_contributor, open_identity
from fraud.rules.consortium import Answer, FraudType, Hit, Notice, NoticeKind, RecordRole
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
_KNOWN = """
SELECT id, public_id, fraud_type, role, to_char(month, 'YYYY-MM'), contributor, state = 'disputed',
    EXISTS (SELECT FROM security_canary WHERE subject_id = record.public_id)
FROM fraud_registryrecord record
WHERE id = ANY (%(ids)s::bigint[]) AND state <> 'retracted' AND expires_on > %(day)s::date
"""
_MEMBER = """
SELECT id, coalesce(quota, %(quota)s::bigint),
    (SELECT coalesce(sum(inquiries), 0)::bigint FROM fraud_registrytally
     WHERE member_id = member.id AND day = %(day)s::date)
FROM fraud_registrymember member WHERE mark = %(mark)s::bytea
"""


class Asking(NamedTuple):
    """A member that asks: its row, how much it may ask today, and how much it has asked."""

    id: int
    quota: int
    asked: int


class Told(NamedTuple):
    """Hits for each of several applications, and the public ids of bait that was met."""

    hits: list[tuple[Hit, ...]]
    bait: list[str]


def asking_member(institution: str, *, quota: int, day: date) -> Asking | None:
    """Find a member by its institution's public id; *quota* is that of members without one of their own."""
    values = {"mark": member_mark(institution), "quota": quota, "day": day}
    rows = prepared(_MEMBER, values)
    return Asking(*rows[0]) if rows else None


def told(asked: Sequence[Sequence[Packed]], *, asking: int, day: date) -> Told:
    """Tell what is known of each of several applications, given their outer tokens, to a member (its row)."""
    matches = [agreeing(found) for found in _shared(asked)]
    wanted = sorted({record for each in matches for record in each})
    known, bait = _known(wanted, day) if wanted else ({}, [])
    return Told([hits(each, known, asking=asking) for each in matches], bait)


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


def _shared(asked: Sequence[Sequence[Packed]]) -> list[list[Found]]:
    """Find the records that share a token with each application; what differs in kind is not shared."""
    places: dict[bytes, int] = {}
    for tokens in asked:
        for each in tokens:
            places.setdefault(each.token, len(places) + 1)
    records: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, record, kind in _sharing(places):
        records[place].append((record, kind))
    if not records:
        return [[] for _tokens in asked]
    return [
        [each for token in tokens for each in _found(token, records.get(places[token.token], ()))]
        for tokens in asked
    ]


def _found(token: Packed, records: Sequence[tuple[int, int]]) -> list[Found]:
    return [
        Found(record, KINDS[kind], token.party, len(records))
        for record, kind in records
        if kind == token.kind
    ]


def _known(ids: Sequence[int], day: date) -> tuple[Mapping[int, Known], list[str]]:
    known, bait = {}, []
    for pk, public_id, fraud_type, role, month, contributor, is_disputed, is_bait in prepared(
        _KNOWN, {"ids": list(ids), "day": day}
    ):
        member = open_contributor(contributor, public_id)
        known[pk] = Known(FraudType(fraud_type), RecordRole(role), month, member, is_disputed=is_disputed)
        if is_bait:
            bait.append(public_id)
    return known, bait


def _sharing(tokens: Iterable[bytes]) -> list[tuple[Any, ...]]:
    """Give a row of place (counted from 1), record and kind for each record that shares a token."""
    return prepared(_SHARED, {"tokens": _array(tokens), "most": HUB + 1})


def _array(tokens: Iterable[bytes]) -> str:
    """Write tokens as PostgreSQL writes an array: one text is sent many times faster than a list."""
    return "{" + ",".join(token.hex() for token in tokens) + "}"


def as_uuid(token: bytes) -> UUID:
    """Give a token as the database keeps it."""
    return UUID(bytes=token)
