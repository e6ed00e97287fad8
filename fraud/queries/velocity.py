"""What an institution saw before of the same people, phones and places, and what of it is on its watch lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraud.rules.cases import CaseState, Verdict
from fraud.rules.elements import ElementKind, bare
from fraud.rules.rulebook.fields import (
    COUNTED,
    LINKING,
    MOST_COUNTED,
    PERSONAL,
    WINDOWS,
    counted_name,
    other_sins_name,
)
from portal.core.arrays import integers
from portal.core.db import prepared

# Days that the scan goes back; what is older is history of another life.
REACH = 365
_FIELD_KINDS = {str(kind): bare(kind).replace("-", "_") for kind in ElementKind}


def _versions(*names: str) -> list[str]:
    """List the kinds, with their versions, that fields speak of by these names."""
    return [kind for kind, name in _FIELD_KINDS.items() if name in names]


# For each element of the applications asked about, the applications before it with the same token, the newest first
# and 50 at most: however many share it, it costs no more. Before is by (arrived_at, row_number), so that the answer is
# the same whoever asks when.
# What is asked about is joined through indexes of tables, never against `asked` itself: the plan is kept from when the
# tables were empty, and a chunk of a thousand would be compared row by row with all of itself.
_VELOCITY = """
WITH asked AS MATERIALIZED (
    SELECT application_id, kind, token, arrived_at, row_number FROM fraud_fraudelement
    WHERE application_id = ANY(%(applications)s::bigint[]) AND kind = ANY(%(kinds)s::text[])
), earlier AS MATERIALIZED (
    SELECT asked.application_id, asked.kind, asked.token, found.application_id AS earlier_id,
        asked.arrived_at - found.arrived_at AS age
    FROM asked CROSS JOIN LATERAL (
        SELECT application_id, arrived_at FROM fraud_fraudelement AS before
        WHERE before.token = asked.token
            AND (before.arrived_at, before.row_number) < (asked.arrived_at, asked.row_number)
            AND before.arrived_at > asked.arrived_at - %(reach)s::interval
        ORDER BY before.arrived_at DESC, before.row_number DESC
        LIMIT %(most)s::int
    ) AS found
), counted AS (
    SELECT application_id, kind, token,
        count(*) FILTER (WHERE age < '1 day') AS day, count(*) FILTER (WHERE age < '7 days') AS week,
        count(*) FILTER (WHERE age < '30 days') AS month, count(*) FILTER (WHERE age < '90 days') AS quarter
    FROM earlier WHERE kind = ANY(%(counted)s::text[]) GROUP BY application_id, kind, token
), shared AS (
    SELECT application_id, earlier_id, count(*) FILTER (WHERE kind = ANY(%(sins)s::text[])) AS sins,
        count(*) FILTER (WHERE kind = ANY(%(births)s::text[])) AS births
    FROM earlier WHERE kind = ANY(%(sins)s::text[]) OR kind = ANY(%(births)s::text[])
    GROUP BY application_id, earlier_id
)
SELECT application_id, 'same', kind, ARRAY[max(day), max(week), max(month), max(quarter)]
FROM counted GROUP BY application_id, kind
UNION ALL
SELECT earlier.application_id, 'sins', earlier.kind, ARRAY[count(DISTINCT other.token)]
FROM earlier JOIN fraud_fraudelement AS other
    ON other.application_id = earlier.earlier_id AND other.kind = ANY(%(sins)s::text[])
CROSS JOIN LATERAL (
    SELECT count(*) AS own FROM fraud_fraudelement AS own
    WHERE own.application_id = earlier.application_id AND own.token = other.token
) AS known
WHERE earlier.kind = ANY(%(linking)s::text[]) AND earlier.age < '90 days' AND known.own = 0
GROUP BY earlier.application_id, earlier.kind
UNION ALL
-- A birth date is another one only where every number has one, on both sides.
SELECT application_id, 'births', '', ARRAY[count(*)] FROM shared
WHERE sins > births
    AND (SELECT count(*) FILTER (WHERE kind = ANY(%(sins)s::text[]))
             <= count(*) FILTER (WHERE kind = ANY(%(births)s::text[]))
         FROM fraud_fraudelement AS own WHERE own.application_id = shared.application_id)
    AND (SELECT count(*) FILTER (WHERE kind = ANY(%(sins)s::text[]))
             <= count(*) FILTER (WHERE kind = ANY(%(births)s::text[]))
         FROM fraud_fraudelement AS theirs WHERE theirs.application_id = shared.earlier_id)
GROUP BY application_id
UNION ALL
SELECT earlier.application_id, 'frauds', '',
    ARRAY[count(DISTINCT earlier_id) FILTER (WHERE kind = ANY(%(personal)s::text[])),
        count(DISTINCT earlier_id) FILTER (WHERE kind = ANY(%(linking)s::text[]))]
FROM earlier CROSS JOIN LATERAL (
    SELECT FROM fraud_case AS known WHERE known.application_id = earlier.earlier_id
        AND known.state = %(decided)s::text AND known.verdict = %(fraud)s::text
    LIMIT 1
) AS known
GROUP BY earlier.application_id
"""
_CONSTANTS: Mapping[str, Any] = {
    "kinds": _versions(*COUNTED, "sin_birth"),
    "counted": _versions(*COUNTED),
    "linking": _versions(*LINKING),
    "personal": _versions(*PERSONAL),
    "sins": _versions("sin"),
    "births": _versions("sin_birth"),
    "reach": f"{REACH} days",
    "most": MOST_COUNTED,
    "decided": str(CaseState.DECIDED),
    "fraud": str(Verdict.FRAUD),
}


def velocity(applications: Sequence[int]) -> dict[int, dict[str, int]]:
    """Count what came before each stored application (by primary key), in one statement for all of them.

    Gives counts by the name of their field, without those that are 0 and without applications that have none. Every
    count ends at 50. The answer does not depend on which applications are asked about together.
    """
    found: dict[int, dict[str, int]] = {}
    for application, what, kind, counts in prepared(
        _VELOCITY, {"applications": integers(applications), **_CONSTANTS}
    ):
        fields = found.setdefault(application, {})
        for name, count in zip(_names(what, kind), counts, strict=True):
            if count:
                fields[name] = max(count, fields.get(name, 0))
    return found


def _names(what: str, kind: str) -> list[str]:
    if what == "same":
        return [counted_name(_FIELD_KINDS[kind], days) for days in WINDOWS]
    if what == "sins":
        return [other_sins_name(_FIELD_KINDS[kind])]
    return ["sin_birth_dates_differ"] if what == "births" else ["earlier_frauds", "linked_frauds"]


_WATCHED = """
SELECT own.application_id, entry.listed FROM fraud_fraudelement AS own
JOIN fraud_watchentry AS entry ON entry.token = own.token
WHERE own.application_id = ANY(%(applications)s::bigint[])
ORDER BY own.application_id, entry.listed
"""


def watch_hits(applications: Sequence[int]) -> dict[int, list[str]]:
    """Give the watch list of each element of these applications that is on one; nothing for the others."""
    found: dict[int, list[str]] = {}
    for application, listed in prepared(_WATCHED, {"applications": integers(applications)}):
        found.setdefault(application, []).append(listed)
    return found
