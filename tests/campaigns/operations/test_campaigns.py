"""Setting up campaigns: a span in the market's own time, and codes that are hard enough to guess."""

from datetime import UTC, datetime

import pytest

from campaigns.operations.campaigns import (
    change_campaign,
    create_campaign,
    pause_campaign,
    resume_campaign,
)
from campaigns.queries.codebooks import codebook
from campaigns.rules.alphabets import DIGITS
from portal.accounts.actors import SYSTEM
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.roles import Role
from portal.audit.queries import history
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from tests import makers
from tests.makers import NOW, campaign_facts

pytestmark = pytest.mark.django_db


def create(market, lumo, by=SYSTEM, **changes):
    return create_campaign(campaign_facts(**changes), market=market, brand=lumo, by=by, now=NOW)


def refused_field(market, lumo, **changes):
    with pytest.raises(InvalidError) as refused:
        create(market, lumo, **changes)
    (field,) = refused.value.fields
    return field


def test_a_campaign_opens_and_closes_by_the_markets_clock(mexico, lumo, marketer):
    campaign = create(mexico, lumo, by=marketer)

    # Mexico City is six hours behind, without daylight saving since 2022.
    assert campaign.opens_at == datetime(2026, 6, 1, 6, tzinfo=UTC)
    assert campaign.closes_at == datetime(2026, 9, 1, 6, tzinfo=UTC)
    assert history(campaign).get().act == "campaign.created"


def test_each_campaign_has_a_key_of_its_own(mexico, lumo):
    one, other = create(mexico, lumo), create(mexico, lumo)

    assert bytes(one.wrapped_key) != bytes(other.wrapped_key)
    assert codebook(one).code_of(0) != codebook(other).code_of(0)


def test_refuses_a_campaign_that_closes_before_it_opens(mexico, lumo):
    assert refused_field(mexico, lumo, closes=datetime(2026, 5, 31)) == "closes"


def test_refuses_a_campaign_that_closes_as_it_opens(mexico, lumo):
    assert refused_field(mexico, lumo, closes=datetime(2026, 6, 1)) == "closes"


def test_refuses_an_hour_that_daylight_saving_skips(canada, lumo):
    with pytest.raises(InvalidError, match="does not exist in America/Toronto: the clocks go forward"):
        create(canada, lumo, opens=datetime(2026, 3, 8, 2, 30))


def test_takes_the_same_hour_where_clocks_do_not_change(mexico, lumo):
    assert create(mexico, lumo, opens=datetime(2026, 3, 8, 2, 30))


@pytest.mark.parametrize("year", [1, 1999, 2200, 9999])
def test_refuses_a_year_that_cannot_be_meant(mexico, lumo, year):
    assert refused_field(mexico, lumo, closes=datetime(year, 12, 31, 23, 59)) == "closes"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "  "}),
        ("slug", {"slug": "summer caps"}),
        ("slug", {"slug": ""}),
        ("points_per_code", {"points_per_code": -1}),
        ("points_per_code", {"points_per_code": 1_000_001}),
        ("expected_codes", {"expected_codes": 0}),
        ("alphabet", {"alphabet": "ABCDEFGHJKMNPQRSTVWXYZA"}),
        ("alphabet", {"alphabet": "ABCDEFGHIJ1"}),
        ("alphabet", {"alphabet": "ABCDÉFGHJK"}),
        ("length", {"length": 8, "grouping": (4, 4)}),
        ("length", {"length": 30, "grouping": ()}),
        ("grouping", {"grouping": (5, 4)}),
        ("prefix", {"prefix": "TOOLONG"}),
        ("prefix", {"prefix": "Ñ"}),
    ],
)
def test_refuses_facts_that_make_no_sense_and_names_the_field(mexico, lumo, field, changes):
    assert refused_field(mexico, lumo, **changes) == field


def test_refuses_codes_that_are_too_easy_to_guess_and_names_a_format_that_would_do(mexico, lumo):
    digits = {"alphabet": DIGITS, "length": 10, "grouping": (), "has_check": False}

    with pytest.raises(InvalidError) as refused:
        create(mexico, lumo, **digits, expected_codes=10_001)

    (says,) = refused.value.fields.values()
    assert "1 in 999,900; Mexico asks for 1 in 1,000,000" in says
    assert "11 characters out of 10 would pass" in says


def test_takes_codes_that_are_just_hard_enough_to_guess(mexico, lumo):
    digits = {"alphabet": DIGITS, "length": 10, "grouping": (), "has_check": False}

    assert create(mexico, lumo, **digits, expected_codes=10_000)


def test_refuses_a_short_name_that_is_taken(mexico, lumo):
    create(mexico, lumo, slug="summer")

    with pytest.raises(AlreadyThereError) as refused:
        create(mexico, lumo, slug="SUMMER")

    assert set(refused.value.fields) == {"slug"}


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SUPPORT, Role.AUDITOR])
def test_other_roles_cannot_set_up_a_campaign(mexico, lumo, role):
    with pytest.raises(ForbiddenError):
        create(mexico, lumo, by=makers.an_actor(f"Somebody {role}", role, mexico))


def test_a_marketer_cannot_set_up_a_campaign_in_another_market(canada, lumo, marketer):
    with pytest.raises(ForbiddenError):
        create(canada, lumo, by=marketer)


# ── Changing, pausing ────────────────────────────────────────────────────────────────────────────────────


def test_name_span_and_points_may_change_while_batches_exist(marketer):
    campaign = makers.planned_batch().campaign
    facts = campaign_facts(name="Winter caps", slug=campaign.slug, points_per_code=20)

    changed = change_campaign(campaign, facts, by=marketer, now=NOW)

    assert (changed.name, changed.points_per_code) == ("Winter caps", 20)


def test_the_format_may_change_until_the_first_batch(marketer):
    campaign = makers.make_campaign()
    facts = campaign_facts(slug=campaign.slug, length=12, grouping=(4, 4, 4))

    assert change_campaign(campaign, facts, by=marketer, now=NOW).length == 12


@pytest.mark.parametrize(
    "changes",
    [
        {"alphabet": DIGITS + "ABCDEFGH"},
        {"length": 11, "grouping": (5, 6)},
        {"grouping": (4, 6)},
        {"prefix": "MX"},
        {"has_check": False},
        {"screens_words": False},
    ],
)
def test_no_part_of_the_format_may_change_once_a_batch_exists(marketer, changes):
    campaign = makers.planned_batch().campaign
    facts = campaign_facts(slug=campaign.slug, **changes)

    with pytest.raises(WrongStateError):
        change_campaign(campaign, facts, by=marketer, now=NOW)


def test_a_campaign_is_paused_and_resumed(marketer):
    campaign = makers.make_campaign()

    paused = pause_campaign(campaign, by=marketer, now=NOW)
    resumed = resume_campaign(paused, by=marketer, now=NOW)

    assert (paused.paused_at, resumed.paused_at) == (NOW, None)


def test_a_paused_campaign_is_not_paused_again(marketer):
    campaign = pause_campaign(makers.make_campaign(), by=marketer, now=NOW)

    with pytest.raises(WrongStateError):
        pause_campaign(campaign, by=marketer, now=NOW)


def test_a_campaign_that_runs_is_not_resumed(marketer):
    campaign = makers.make_campaign()

    with pytest.raises(WrongStateError):
        resume_campaign(campaign, by=marketer, now=NOW)


@pytest.mark.parametrize("act", [pause_campaign, resume_campaign])
def test_an_outsider_cannot_stop_or_start_a_campaign(outsider, act):
    campaign = makers.make_campaign()

    with pytest.raises(ForbiddenError):
        act(campaign, by=outsider, now=NOW)
