"""From stored applications to stored decisions: asks the consortium, counts what came before, decides, keeps."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from fraud.models import Institution
from fraud.operations.screenings import NewScreening, store_screenings
from fraud.queries.applications import Screened
from fraud.queries.rulebooks import Books, books
from fraud.queries.velocity import velocity, watch_hits
from fraud.rules.consortium import Answer, Question
from fraud.rules.consortium import Purpose as Why
from fraud.rules.decisions import ScreeningKind
from fraud.rules.signals import facts
from fraud.screening.consortium import consortium
from fraud.screening.intake import Taken
from fraud.screening.tokens import consortium_tokens
from portal.accounts.actors import Actor


class Seen(NamedTuple):
    """What the institution's own tables say towards the applications of one call, by their rows."""

    velocity: dict[int, dict[str, int]]
    watched: dict[int, list[str]]
    books: Books


def screen(
    institution: Institution,
    taken: Sequence[Taken],
    *,
    kind: ScreeningKind = ScreeningKind.FIRST,
    deadline: float | None = None,
    ends: float | None = None,
    is_late: bool = False,
    told: Mapping[str, Answer] | None = None,
    by: Actor,
    clock: Callable[[], datetime],
) -> list[Screened]:
    """Screen stored applications together, and give what is on record of each now, in the same order.

    Of a later kind only what the consortium answered. *deadline*: a moment of `time.monotonic()` by which it must
    have; what it does not answer is decided by own rules, marked as degraded, and asked again later. *ends*: the
    moment by which all must be stored. *is_late*: whoever sent them had no answer yet, and is told by webhook. *told*:
    what the consortium has answered of itself, by public id, for which it is not asked. The same is said whether one
    or many are given.

    :raises django.db.OperationalError: it was not stored by then
    """
    if not taken:
        return []
    rows = [each.id for each in taken]
    seen = Seen(velocity(rows), watch_hits(rows), books(institution))
    answers = (
        _ask(institution, taken, kind, deadline)
        if told is None
        else [told.get(each.public_id) for each in taken]
    )
    decided = [
        _screening(each, answer, seen)
        for each, answer in zip(taken, answers, strict=True)
        # To say once more that nothing was heard is no news.
        if kind is ScreeningKind.FIRST or answer is not None
    ]
    patience = None if ends is None else ends - time.monotonic()
    return store_screenings(
        institution, decided, kind=kind, patience=patience, is_late=is_late, by=by, now=clock()
    )


def _ask(
    institution: Institution, taken: Sequence[Taken], kind: ScreeningKind, deadline: float | None
) -> Sequence[Answer | None]:
    why = Why.SCREENING if kind is ScreeningKind.FIRST else Why.RECHECK
    questions = [
        Question(application=each.public_id, purpose=why, tokens=consortium_tokens(each.canonical))
        for each in taken
    ]
    canonical = [each.canonical for each in taken]
    return consortium().ask(institution.public_id, questions, deadline=deadline, applications=canonical)


def _screening(taken: Taken, answer: Answer | None, seen: Seen) -> NewScreening:
    hits = answer.hits if answer else None
    found = facts(
        taken.facts,
        submitted_at=taken.canonical.submitted_at,
        velocity=seen.velocity.get(taken.id),
        hits=hits,
        watch_hits=seen.watched.get(taken.id, ()),
    )
    decision, shadow = seen.books.decide(found)
    return NewScreening(taken.id, decision, hits or (), seen.books.live.version, shadow)
