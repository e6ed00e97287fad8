"""What others learned later: notices of the registry, each a new screening of the application that it is about."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from fraud.models import Application, Institution
from fraud.queries.applications import first_screenings
from fraud.rules.consortium import Answer, Notice
from fraud.rules.decisions import ScreeningKind
from fraud.screening.consortium import NoAnswerError, registry
from fraud.screening.finishing import rescreen
from portal.accounts.actors import Actor

Clock = Callable[[], datetime]
# As many fetches in one go; what is left comes with the next.
_MOST_ROUNDS = 20


def learn(*, by: Actor, clock: Clock) -> int:
    """Screen anew what the registry has news about, and acknowledge it; return how many notices were worked off.

    A notice holds the whole of what is known, so nobody is asked again. A worker that dies in between screens once
    more: the newest screening counts, and says the same.
    """
    service, done = registry(), 0
    for _round in range(_MOST_ROUNDS if service else 0):
        try:
            notices = service.notices() if service else ()
            if not notices or service is None:
                break
            learned = _screen_anew(notices, by, clock)
            service.acknowledge(learned)
        except NoAnswerError:
            break
        done += len(learned)
        if len(learned) < len(notices):
            # What is left comes again at the next turn.
            break
    return done


def tend() -> bool:
    """Have the registry do its upkeep; say whether it did, for one that is away does it at the next turn."""
    service = registry()
    try:
        if service is not None:
            service.tidy()
    except NoAnswerError:
        return False
    return service is not None


def _screen_anew(notices: Sequence[Notice], by: Actor, clock: Clock) -> list[int]:
    """Screen what notices are about; give those that are worked off, with those about whom nothing is left."""
    told = {notice.answer.application: notice.answer for notice in notices}
    rows = Application.objects.filter(public_id__in=told, erased_at=None).order_by("pk")
    owned: dict[int, list[Application]] = defaultdict(list)
    for row in rows:
        owned[row.institution_id].append(row)
    waiting: set[str] = set()
    for institution in Institution.objects.filter(pk__in=list(owned)).order_by("pk"):
        waiting |= _missed(institution, owned[institution.pk], told, by, clock)
    return [notice.id for notice in notices if notice.answer.application not in waiting]


def _missed(
    institution: Institution, rows: Sequence[Application], told: Mapping[str, Answer], by: Actor, clock: Clock
) -> set[str]:
    """Screen applications with what was told of them; name those whose first word another has just said without it.

    What was asked about and not decided yet, since its worker died or still works on it, gets its first word here: a
    later one would stand before it.
    """
    known = first_screenings(row.pk for row in rows)
    later = [row for row in rows if row.pk in known]
    rescreen(institution, later, kind=ScreeningKind.RETRO, told=told, by=by, clock=clock)
    first = [row for row in rows if row.pk not in known]
    done = rescreen(institution, first, kind=ScreeningKind.FIRST, told=told, by=by, clock=clock)
    missed = {screened.application_id for screened in done if not screened.is_new}
    return {row.public_id for row in first if row.pk in missed}
