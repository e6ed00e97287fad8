"""What the online door left: applications whose time budget was spent, and those the consortium was not heard on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import structlog

from fraud.models import Application, Institution
from fraud.operations.sweeping import UNSCREENED, move_sweep
from fraud.queries.applications import (
    Screened,
    applications_to_ask_again,
    applications_to_finish,
    institutions_to_ask_again,
)
from fraud.rules.consortium import Answer
from fraud.rules.decisions import ScreeningKind
from fraud.screening.intake import Taken, reopen
from fraud.screening.pipeline import screen
from portal.accounts.actors import Actor
from portal.crypto.sealing import UnsealError
from portal.keys.sealed import ErasedError

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]

# So many in one go: what is left is found at the next.
_MOST = 2_000
_AT_ONCE = 500


def finish(application: Application, *, by: Actor, clock: Clock) -> Screened:
    """Screen an application that was stored and left; whoever has done so meanwhile is not overruled."""
    institution = Institution.objects.get(pk=application.institution_id)
    (screened,) = screen(institution, reopen(institution, [application]), is_late=True, by=by, clock=clock)
    return screened


def finish_left(*, by: Actor, clock: Clock) -> int:
    """Screen what came alone and nobody screened, however long ago; return how many."""
    now = clock()
    rows = list(applications_to_finish(sweep=UNSCREENED, now=now)[:_MOST])
    done = _each_institution(rows, ScreeningKind.FIRST, by=by, clock=clock)
    move_sweep(UNSCREENED, reached=rows[-1].arrived_at if len(rows) == _MOST else None, now=now)
    return done


def ask_again(*, by: Actor, clock: Clock) -> int:
    """Screen anew what was decided without the consortium, as far as it answers now; return how many."""
    waiting = institutions_to_ask_again()
    # One that may ask no more today must not stand before all others.
    share = max(1, _MOST // max(1, len(waiting)))
    rows = [row for institution in waiting for row in applications_to_ask_again(institution)[:share]]
    return _each_institution(rows, ScreeningKind.RECHECK, by=by, clock=clock)


def rescreen(
    institution: Institution,
    applications: Sequence[Application],
    *,
    kind: ScreeningKind,
    told: Mapping[str, Answer] | None = None,
    by: Actor,
    clock: Clock,
) -> list[Screened]:
    """Screen stored applications of one institution anew, for what others learned since.

    *told*: what the consortium has answered of itself, by public id. What cannot be opened is passed over.
    """
    is_late = kind is ScreeningKind.FIRST
    taken = _opened(institution, applications)
    return screen(institution, taken, kind=kind, is_late=is_late, told=told, by=by, clock=clock)


def _opened(institution: Institution, applications: Sequence[Application]) -> list[Taken]:
    """Open what can be opened: one that was tampered with, or erased this moment, must not stand before all others."""
    try:
        return reopen(institution, applications)
    except (ErasedError, UnsealError):
        if len(applications) == 1:
            log.warning("application.unopened", application=applications[0].public_id)
            return []
    half = len(applications) // 2
    return [*_opened(institution, applications[:half]), *_opened(institution, applications[half:])]


def _each_institution(rows: Sequence[Application], kind: ScreeningKind, *, by: Actor, clock: Clock) -> int:
    done = 0
    in_order = sorted(rows, key=lambda row: row.institution_id)
    for institution_id, own in groupby(in_order, key=lambda row: row.institution_id):
        institution = Institution.objects.get(pk=institution_id)
        for chunk in _chunks(own):
            done += len(rescreen(institution, chunk, kind=kind, by=by, clock=clock))
    return done


def _chunks(rows: Iterable[Application]) -> Iterable[list[Application]]:
    whole = list(rows)
    return (whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE))
