"""What others learned later: notices of the registry, each a new screening of the application that it is about."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from fraud.models import Application, Institution
from fraud.rules.decisions import ScreeningKind
from fraud.screening.consortium import NoAnswerError, registry
from fraud.screening.finishing import rescreen
from portal.accounts.actors import Actor

Clock = Callable[[], datetime]
# As many fetches in one go; what is left comes with the next.
_MOST_ROUNDS = 20


def learn(*, by: Actor, clock: Clock) -> int:
    """Screen anew what the registry has news about, and acknowledge it; return how many notices were worked off.

    A worker that dies in between screens once more: the newest screening counts, and says the same.
    """
    service, done = registry(), 0
    for _round in range(_MOST_ROUNDS if service else 0):
        try:
            notices = service.notices() if service else ()
            if not notices or service is None:
                break
            _screen_anew({notice.answer.application for notice in notices}, by, clock)
            service.acknowledge([notice.id for notice in notices])
        except NoAnswerError:
            break
        done += len(notices)
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


def _screen_anew(public_ids: set[str], by: Actor, clock: Clock) -> None:
    rows = Application.objects.filter(public_id__in=public_ids, erased_at=None).order_by("pk")
    owned: dict[int, list[Application]] = defaultdict(list)
    for row in rows:
        owned[row.institution_id].append(row)
    for institution in Institution.objects.filter(pk__in=list(owned)).order_by("pk"):
        rescreen(institution, owned[institution.pk], kind=ScreeningKind.RETRO, by=by, clock=clock)
