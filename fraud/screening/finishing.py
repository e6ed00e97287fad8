"""What the online door left: applications whose time budget was spent, and those the consortium was not heard on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from fraud.models import Application, Institution
from fraud.queries.applications import Screened, applications_to_ask_again, applications_to_finish
from fraud.rules.consortium import Answer
from fraud.rules.decisions import ScreeningKind
from fraud.screening.intake import reopen
from fraud.screening.pipeline import screen
from portal.accounts.actors import Actor

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
    """Screen what came alone and nobody screened; return how many."""
    return _each_institution(applications_to_finish(now=clock()), ScreeningKind.FIRST, by=by, clock=clock)


def ask_again(*, by: Actor, clock: Clock) -> int:
    """Screen anew what was decided without the consortium, as far as it answers now; return how many."""
    return _each_institution(
        applications_to_ask_again(now=clock()), ScreeningKind.RECHECK, by=by, clock=clock
    )


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

    *told*: what the consortium has answered of itself, by public id.
    """
    is_late = kind is ScreeningKind.FIRST
    taken = reopen(institution, applications)
    return screen(institution, taken, kind=kind, is_late=is_late, told=told, by=by, clock=clock)


def _each_institution(waiting: QuerySet[Application], kind: ScreeningKind, *, by: Actor, clock: Clock) -> int:
    rows = sorted(waiting[:_MOST], key=lambda row: row.institution_id)
    done = 0
    for institution_id, own in groupby(rows, key=lambda row: row.institution_id):
        institution = Institution.objects.get(pk=institution_id)
        for chunk in _chunks(own):
            done += len(rescreen(institution, chunk, kind=kind, by=by, clock=clock))
    return done


def _chunks(rows: Iterable[Application]) -> Iterable[list[Application]]:
    whole = list(rows)
    return (whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE))
