"""Storing what screening said: the first word on an application once, later ones beside it, never over it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import orjson
from django.db import transaction

from fraud.models import Institution
from fraud.operations.cases.opening import Referral, open_cases
from fraud.operations.feeds import HandOver, hand_over
from fraud.operations.webhooks import Telling, tell
from fraud.queries.applications import Screened, first_screenings, newest_screenings, screened
from fraud.queries.rulebooks import Shadow
from fraud.rules.consortium import Hit
from fraud.rules.decisions import Decision, ScreeningKind
from fraud.rules.webhooks import Event
from portal.accounts.actors import Actor
from portal.core.arrays import integers, texts
from portal.core.db import prepared
from portal.core.ids import new_id


@dataclass(frozen=True, slots=True)
class NewScreening:
    """A decision about one stored application, what the consortium told towards it, and what decided.

    `rulebook` is the version's row, None for the one that ships.
    """

    application_id: int
    decision: Decision
    hits: Sequence[Hit] = ()
    rulebook: int | None = None
    shadow: Shadow | None = None


# Of two who screen one application for the first time at once, the first to commit has said it.
_STORE = """
INSERT INTO fraud_screening (public_id, institution_id, application_id, kind, outcome, score, reasons, explanation,
    hits, is_degraded, rulebook_version_id, shadow_version_id, shadow_outcome, shadow_score, screened_at)
SELECT public_id, %(institution)s::bigint, application_id, %(kind)s::text, outcome, score, reasons::varchar[],
    explanation::jsonb, hits::jsonb, is_degraded, rulebook, shadow, shadow_outcome, shadow_score,
    %(now)s::timestamptz
FROM unnest(%(public_ids)s::text[], %(applications)s::bigint[], %(outcomes)s::text[], %(scores)s::bigint[],
    %(reasons)s::text[], %(explanations)s::text[], %(hits)s::text[], %(degraded)s::bool[],
    %(rulebooks)s::bigint[], %(shadows)s::bigint[], %(shadow_outcomes)s::text[], %(shadow_scores)s::bigint[])
    AS given(public_id, application_id, outcome, score, reasons, explanation, hits, is_degraded, rulebook, shadow,
        shadow_outcome, shadow_score)
ORDER BY application_id
ON CONFLICT (application_id) WHERE kind = 'first' DO NOTHING
RETURNING id, public_id, application_id, outcome, score, reasons, is_degraded, screened_at
"""
# What was decided without the consortium is asked about no more once it has been heard.
_HEARD = """
UPDATE fraud_screening SET heard_at = %(now)s::timestamptz
WHERE application_id = ANY(%(applications)s::bigint[]) AND is_degraded AND heard_at IS NULL RETURNING id
"""
_BOUND = "SELECT set_config('statement_timeout', %(ms)s::text, TRUE)"


@transaction.atomic(durable=True)
def store_screenings(
    institution: Institution,
    screenings: Sequence[NewScreening],
    *,
    kind: ScreeningKind = ScreeningKind.FIRST,
    patience: float | None = None,
    is_late: bool = False,
    by: Actor,
    now: datetime,
) -> list[Screened]:
    """Store decisions and give them in the same order; where a first one is on record already, that one.

    What is referred becomes a case in the same transaction.

    *is_late*: whoever sent the applications had no answer yet, and is told. Of another outcome than before they are
    always told. *patience*: seconds that each statement may take. Rows are too many for entries in the trail.

    :raises django.db.OperationalError: the patience is at an end
    """
    if patience is not None:
        prepared(_BOUND, {"ms": str(max(1, int(patience * 1000)))})
    values = _columns(screenings) | {"institution": institution.pk, "kind": str(kind), "now": now}
    before = (
        {} if kind is ScreeningKind.FIRST else newest_screenings(each.application_id for each in screenings)
    )
    found = {row[2]: screened(row, is_new=True) for row in prepared(_STORE, values)}
    if kind is not ScreeningKind.FIRST:
        heard = [each.application_id for each in screenings if not each.decision.is_degraded]
        prepared(_HEARD, {"applications": heard, "now": now})
    others = [each.application_id for each in screenings if each.application_id not in found]
    if others:
        found |= first_screenings(others)
    new = [_referral(institution, each, kind) for each in found.values() if each.is_new]
    open_cases(new, by=by, now=now)
    tell([*_tellings(institution, found.values(), before, kind, is_late=is_late)], now=now)
    hand_over(institution, [_handed(each, before) for each in found.values() if each.is_new], now=now)
    return [found[each.application_id] for each in screenings]


def _handed(row: Screened, before: Mapping[int, Screened]) -> HandOver:
    known = before.get(row.application_id)
    said = None if known is None else (known.outcome, known.score, known.reasons)
    is_news = said != (row.outcome, row.score, row.reasons)
    return HandOver(row.application_id, row.id, row.outcome, is_news=is_news)


def _tellings(
    institution: Institution,
    found: Iterable[Screened],
    before: Mapping[int, Screened],
    kind: ScreeningKind,
    *,
    is_late: bool,
) -> Iterator[Telling]:
    for row in found:
        if not row.is_new:
            continue
        if kind is ScreeningKind.FIRST and is_late:
            yield Telling(institution.pk, row.application_id, Event.DECIDED, row.id)
        known = before.get(row.application_id)
        if known is not None and known.outcome is not row.outcome:
            yield Telling(institution.pk, row.application_id, Event.CHANGED, row.id)


def _referral(institution: Institution, screened: Screened, kind: ScreeningKind) -> Referral:
    return Referral(
        institution_id=institution.pk,
        application_id=screened.application_id,
        kind=kind,
        outcome=screened.outcome,
        score=screened.score,
        reasons=screened.reasons,
    )


def _columns(screenings: Sequence[NewScreening]) -> dict[str, Any]:
    decisions = [each.decision for each in screenings]
    shadows = [each.shadow for each in screenings]
    return {
        "public_ids": texts(new_id("scr") for _each in screenings),
        "applications": integers(each.application_id for each in screenings),
        "outcomes": texts(each.outcome for each in decisions),
        "scores": integers(each.score for each in decisions),
        # Codes have letters, digits and hyphens only, so an array of them needs no quotes.
        "reasons": texts(f"{{{','.join(each.reasons)}}}" for each in decisions),
        "explanations": texts(orjson.dumps(each.explanation).decode() for each in decisions),
        "hits": texts(msgspec.json.encode(each.hits).decode() for each in screenings),
        "degraded": [each.is_degraded for each in decisions],
        "rulebooks": integers(each.rulebook for each in screenings),
        "shadows": integers(each.version if each else None for each in shadows),
        "shadow_outcomes": texts(each.outcome if each else None for each in shadows),
        "shadow_scores": integers(each.score if each else None for each in shadows),
    }
