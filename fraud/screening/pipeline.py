"""From stored applications to stored decisions: asks the consortium, counts what came before, decides, keeps."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

from fraud.models import Institution
from fraud.operations.screenings import NewScreening, store_screenings
from fraud.queries.applications import Screened
from fraud.rules.consortium import Answer, Question
from fraud.rules.consortium import Purpose as Why
from fraud.rules.decisions import ScreeningKind
from fraud.rules.rulebook import CompiledRulebook, compile_rulebook, default_document
from fraud.rules.signals import facts, own_facts
from fraud.screening.consortium import consortium
from fraud.screening.intake import Taken
from fraud.screening.tokens import consortium_tokens
from portal.accounts.actors import Actor


def screen(
    institution: Institution,
    taken: Sequence[Taken],
    *,
    kind: ScreeningKind = ScreeningKind.FIRST,
    deadline: float | None = None,
    ends: float | None = None,
    by: Actor,
    clock: Callable[[], datetime],
) -> list[Screened]:
    """Screen stored applications together, and give what is on record of each now, in the same order.

    Of a later kind only what the consortium answered. *deadline*: a moment of `time.monotonic()` by which it must
    have; what it does not answer is decided by own rules, marked as degraded, and asked again later. *ends*: the
    moment by which all must be stored. The same is said whether one or many are given.

    :raises django.db.OperationalError: it was not stored by then
    """
    if not taken:
        return []
    answers = _ask(institution, taken, kind, deadline)
    rulebook = _rulebook()
    decided = [
        _screening(each, answer, rulebook)
        for each, answer in zip(taken, answers, strict=True)
        # To say once more that nothing was heard is no news.
        if kind is ScreeningKind.FIRST or answer is not None
    ]
    patience = None if ends is None else ends - time.monotonic()
    return store_screenings(institution, decided, kind=kind, patience=patience, by=by, now=clock())


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


def _screening(taken: Taken, answer: Answer | None, rulebook: CompiledRulebook) -> NewScreening:
    hits = answer.hits if answer else None
    seen = facts(own_facts(taken.canonical), submitted_at=taken.canonical.submitted_at, hits=hits)
    return NewScreening(taken.id, rulebook.evaluate(seen), hits or ())


@cache
def _rulebook() -> CompiledRulebook:
    return compile_rulebook(default_document())
