"""Numbers and times in words, in English and in French."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from portal.web import wording
from portal.web.states import Family, look, register

NOW = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (0, "", ""),
        (9_999, "", ""),
        (12_000, "12 thousand", "12 mille"),
        (1_000_000, "1 million", "1 million"),
        (1_250_000, "1.3 million", "1,3 million"),
        (12_000_000, "12 million", "12 millions"),
        (2_000_000_000, "2 billion", "2 milliards"),
        (-5_000_000, "-5 million", "-5 millions"),
    ],
)
def test_says_big_counts_in_words(number: int, english: str, french: str) -> None:
    with translation.override("en"):
        assert wording.in_words(number) == english
    with translation.override("fr"):
        assert wording.in_words(number) == french


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (9_999, "9,999"),
        (12_311, "12.3\u00a0k"),
        (1_000_000, "1\u00a0M"),
        (412_000_000, "412\u00a0M"),
        (10**9, "1\u00a0bn"),
    ],
)
def test_writes_big_counts_short(number: int, written: str) -> None:
    assert wording.shortened(number) == written


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "now"),
        (59, "59 s ago"),
        (600, "10 min ago"),
        (3 * 3600, "3 h ago"),
        (86400 * 3, "3 days ago"),
        (-3600, "in 60 min"),
    ],
)
def test_says_how_long_ago(seconds: int, said: str) -> None:
    assert wording.ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_writes_a_moment_in_its_zone() -> None:
    assert wording.moment(NOW, "America/Mexico_City") == "14 Jul 2026, 06:00"
    assert wording.zone_name("America/Mexico_City") == "Mexico City"


def test_writes_a_moment_as_french_readers_write_it() -> None:
    with translation.override("fr"):
        assert wording.moment(NOW) == "14 juil. 2026, 12:00"


def test_shows_the_absolute_time_and_its_zone_on_hover() -> None:
    page = Template("{% load pages %}{% when at 'America/Mexico_City' relative=True %}")

    assert 'title="14 Jul 2026, 06:00 (Mexico City)"' in page.render(Context({"at": NOW}))


def test_shows_a_dash_for_a_time_that_has_not_come() -> None:
    assert "–" in Template("{% load pages %}{% when at %}").render(Context({"at": None}))


def test_shows_a_count_with_its_words_on_hover() -> None:
    shown = Template("{% load pages %}{% amount n 'codes' %}").render(Context({"n": 1_000_000}))

    assert shown == '<span class="num" title="1 million">1,000,000\u00a0codes</span>'


def test_escapes_what_is_copied() -> None:
    shown = Template("{% load pages %}{% copyable value %}").render(Context({"value": '"><script>'}))

    assert "<script>" not in shown


def test_gives_a_state_one_look() -> None:
    with pytest.raises(ValueError, match="active"):
        register({"active": (Family.FAILED, "Active")})

    assert look("active")[0] is Family.LIVE
