"""From stored applications to stored decisions: asks the consortium, counts what came before, decides, keeps."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from fraud.models import Institution
from fraud.operations.screenings import NewScreening, store_screenings
from fraud.queries.applications import Screened
from fraud.rules.consortium import Answer, Hit, Question
from fraud.rules.consortium import Purpose as Why
from fraud.rules.decisions import Decision, Outcome, ScreeningKind
from fraud.screening.intake import Taken
from fraud.screening.tokens import consortium_tokens
from portal.accounts.actors import Actor

Ask = Callable[[Sequence[Question], float | None], Sequence[Answer | None]]


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
    """Screen stored applications together, and give what is on record of each now, in the same order; of a
    later kind only what the consortium answered.

    *deadline*: a moment of `time.monotonic()` by which the consortium must have answered; what it does not answer in
    time is decided by own rules, marked as degraded, and asked again later. *ends*: the moment by which all must be
    stored. The same is said whether one or many are given.

    :raises django.db.OperationalError: it was not stored by then
    """
    if not taken:
        return []
    questions = [_question(each, kind) for each in taken]
    answers = _ask(questions, deadline)
    decided = [
        _screening(each, answer)
        for each, answer in zip(taken, answers, strict=True)
        # To say once more that nothing was heard is no news.
        if kind is ScreeningKind.FIRST or answer is not None
    ]
    patience = None if ends is None else ends - time.monotonic()
    return store_screenings(institution, decided, kind=kind, patience=patience, by=by, now=clock())


def _question(taken: Taken, kind: ScreeningKind) -> Question:
    why = Why.SCREENING if kind is ScreeningKind.FIRST else Why.RECHECK
    return Question(application=taken.public_id, purpose=why, tokens=consortium_tokens(taken.canonical))


def _ask(questions: Sequence[Question], deadline: float | None) -> Sequence[Answer | None]:
    return [Answer(application=each.application) for each in questions]


def _screening(taken: Taken, answer: Answer | None) -> NewScreening:
    hits: tuple[Hit, ...] = answer.hits if answer else ()
    outcome = Outcome.REFER if hits else Outcome.CLEAR
    decision = Decision(outcome, 500 if hits else 0, (), is_degraded=answer is None)
    return NewScreening(taken.id, decision, hits)
