"""Wall clocks and instants: skipped hours, hours that come twice, and half-open spans."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.calendar import NoSuchTimeError, Phase, instant, phase

ZONES = ["America/Mexico_City", "America/Toronto", "Europe/Paris", "Africa/Casablanca", "Australia/Lord_Howe"]
walls = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(ZONES)


def test_a_summer_noon_in_paris_is_ten_in_utc():
    assert instant(datetime(2026, 7, 14, 12), "Europe/Paris") == datetime(2026, 7, 14, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "zone"),
    [
        (datetime(2026, 3, 29, 2, 30), "Europe/Paris"),
        (datetime(2026, 3, 8, 2, 0), "America/Toronto"),
        (datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe"),
        (datetime(2011, 12, 30, 12, 0), "Pacific/Apia"),
    ],
)
def test_refuses_a_time_that_the_clocks_jump_over(wall, zone):
    with pytest.raises(NoSuchTimeError, match="does not exist"):
        instant(wall, zone)


@pytest.mark.parametrize(
    ("wall", "zone"),
    [(datetime(9999, 12, 31, 23), "America/Mexico_City"), (datetime(1, 1, 1), "Asia/Tokyo")],
)
def test_refuses_a_time_at_the_end_of_all_years(wall, zone):
    with pytest.raises(NoSuchTimeError, match="beyond"):
        instant(wall, zone)


def test_takes_the_minute_before_the_jump_and_the_one_after_it():
    before = instant(datetime(2026, 3, 29, 1, 59), "Europe/Paris")
    after = instant(datetime(2026, 3, 29, 3, 0), "Europe/Paris")

    assert after - before == timedelta(minutes=1)


def test_a_time_that_comes_twice_means_the_first():
    assert instant(datetime(2026, 10, 25, 2, 30), "Europe/Paris") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(wall=walls, zone=zones)
def test_a_wall_clock_time_comes_back_or_does_not_exist(wall, zone):
    try:
        found = instant(wall, zone)
    except NoSuchTimeError:
        return

    assert found.tzinfo is UTC
    assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wall


@given(moment=instants, zone=zones)
def test_every_instant_has_a_wall_clock_time_that_means_it_or_its_twin(moment, zone):
    wall = moment.astimezone(ZoneInfo(zone))

    found = instant(wall.replace(tzinfo=None, fold=0), zone)

    assert found == moment or (wall.fold == 1 and timedelta(0) < moment - found <= timedelta(hours=1))


OPENS = datetime(2026, 6, 1, tzinfo=UTC)
CLOSES = datetime(2026, 9, 1, tzinfo=UTC)
INSTANT = timedelta.resolution


@pytest.mark.parametrize(
    ("now", "paused_at", "expected"),
    [
        (OPENS - INSTANT, None, Phase.UPCOMING),
        (OPENS, None, Phase.LIVE),
        (CLOSES - INSTANT, None, Phase.LIVE),
        (CLOSES, None, Phase.ENDED),
        (OPENS, OPENS, Phase.PAUSED),
        (OPENS - INSTANT, OPENS - INSTANT, Phase.PAUSED),
        (CLOSES, OPENS, Phase.ENDED),
    ],
)
def test_a_campaign_is_live_from_its_opening_until_just_before_its_close(now, paused_at, expected):
    assert phase(OPENS, CLOSES, paused_at, now) is expected


@given(now=instants, is_paused=st.booleans())
def test_a_campaign_is_in_exactly_one_phase(now, is_paused):
    found = phase(OPENS, CLOSES, OPENS if is_paused else None, now)

    assert (found is Phase.LIVE) == (OPENS <= now < CLOSES and not is_paused)
    assert (found is Phase.ENDED) == (now >= CLOSES)
