"""From what number on the detectors call something wrong, and when people work; each has a name in the environment."""

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from environs import Env

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the detectors go by, the same for every organization; spans in minutes.

    More than `reveals`, `look_ups` (of codes) or `subject_look_ups` by one actor are an alert; so are refused sign-ins
    to `refused_people` accounts from one address, or to `refused_people_overall` from anywhere. `working_days` count
    from Monday, 1; the hours are in the zone of the actor's market, or in `zone` where there is none.
    """

    reveals: int = 20
    reveals_minutes: int = 10
    look_ups: int = 100
    subject_look_ups: int = 10
    look_ups_minutes: int = 10
    refused_people: int = 5
    refused_people_overall: int = 25
    refused_minutes: int = 10
    working_days: tuple[int, ...] = (1, 2, 3, 4, 5)
    day_begins: time = time(7)
    day_ends: time = time(20)
    zone: ZoneInfo = _UTC


def read_thresholds(env: Env) -> Thresholds:
    """Read the thresholds from the environment.

    :raises environs.EnvError: a value is no number, time of day or day of the week
    :raises zoneinfo.ZoneInfoNotFoundError: there is no such zone
    """
    usual = Thresholds()
    return Thresholds(
        reveals=env.int("DETECT_REVEALS", usual.reveals),
        reveals_minutes=env.int("DETECT_REVEALS_MINUTES", usual.reveals_minutes),
        look_ups=env.int("DETECT_LOOK_UPS", usual.look_ups),
        subject_look_ups=env.int("DETECT_SUBJECT_LOOK_UPS", usual.subject_look_ups),
        look_ups_minutes=env.int("DETECT_LOOK_UPS_MINUTES", usual.look_ups_minutes),
        refused_people=env.int("DETECT_REFUSED_PEOPLE", usual.refused_people),
        refused_people_overall=env.int("DETECT_REFUSED_PEOPLE_OVERALL", usual.refused_people_overall),
        refused_minutes=env.int("DETECT_REFUSED_MINUTES", usual.refused_minutes),
        working_days=tuple(env.list("DETECT_WORKING_DAYS", list(usual.working_days), subcast=int)),
        day_begins=env.time("DETECT_DAY_BEGINS", usual.day_begins),
        day_ends=env.time("DETECT_DAY_ENDS", usual.day_ends),
        zone=ZoneInfo(env.str("DETECT_TIME_ZONE", "UTC")),
    )
