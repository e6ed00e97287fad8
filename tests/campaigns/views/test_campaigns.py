"""Pages of campaigns: the form with its meter, what became of the codes, pausing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.models import Brand, Campaign, Market
from campaigns.operations.redemption import redeem_code
from portal.accounts.roles import ClientKind
from tests import makers

FORMAT = {
    "alphabet": "unambiguous",
    "own_alphabet": "",
    "length": "12",
    "grouping": "4-4-4",
    "prefix": "",
    "has_check": "on",
    "screens_words": "on",
}
CAMPAIGN = {
    "name": "Autumn caps",
    "slug": "autumn-caps",
    "opens": "2026-09-01T00:00",
    "closes": "2026-12-01T00:00",
    "expected_codes": "5,000,000",
    "points_per_code": "10",
    **FORMAT,
}


@pytest.fixture
def filled(mexico: Market, lumo: Brand) -> dict[str, str]:
    return CAMPAIGN | {"market": mexico.public_id, "brand": lumo.public_id}


def test_a_marketer_sets_up_a_campaign_in_the_zone_of_its_market(
    marketer_browser: Browser, filled: dict[str, str]
) -> None:
    answer = marketer_browser.post("/campaigns/new/", filled)

    campaign = Campaign.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/campaigns/{campaign.public_id}/"
    # Midnight in Mexico City, six hours behind UTC.
    assert campaign.opens_at.isoformat() == "2026-09-01T06:00:00+00:00"
    assert campaign.grouping == [4, 4, 4]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"length": "9", "grouping": ""}, "length"),
        ({"grouping": "4-4"}, "grouping"),
        ({"grouping": "four"}, "grouping"),
        ({"alphabet": "own", "own_alphabet": "AABCDEFG"}, "alphabet"),
        ({"alphabet": "own", "own_alphabet": "O0ABCDEFG"}, "alphabet"),
        ({"alphabet": "own", "own_alphabet": ""}, "own_alphabet"),
        ({"closes": "2026-08-01T00:00"}, "closes"),
        ({"expected_codes": "0"}, "expected_codes"),
        ({"expected_codes": "-1"}, "expected_codes"),
        ({"expected_codes": "1" + "0" * 18}, "length"),
        ({"slug": "not a slug"}, "slug"),
        ({"prefix": "a-b"}, "prefix"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused_beside_its_field(
    marketer_browser: Browser, filled: dict[str, str], changes: dict[str, str], field: str
) -> None:
    answer = marketer_browser.post("/campaigns/new/", filled | changes)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Campaign.objects.exists()


def test_an_opening_that_the_clocks_jump_over_is_refused(operator_browser: Browser, lumo: Brand) -> None:
    canada = makers.make_market("ca")
    facts = CAMPAIGN | {"market": canada.public_id, "brand": lumo.public_id}

    answer = operator_browser.post("/campaigns/new/", facts | {"opens": "2026-03-08T02:30"})

    assert answer.status_code == 422
    assert "Toronto" in str(answer.context["form"].errors["opens"])


def test_somebody_elses_market_cannot_be_chosen(outsider_browser: Browser, filled: dict[str, str]) -> None:
    answer = outsider_browser.post("/campaigns/new/", filled)

    assert answer.status_code == 422
    assert "market" in answer.context["form"].errors


def test_support_may_not_set_up_a_campaign(support_browser: Browser, filled: dict[str, str]) -> None:
    answer = support_browser.post("/campaigns/new/", filled)

    assert answer.status_code == 403


def test_the_meter_says_how_hard_a_code_is_to_guess(
    marketer_browser: Browser, filled: dict[str, str]
) -> None:
    answer = marketer_browser.get("/campaigns/meter/", filled)

    meter = answer.context["meter"]
    assert meter.is_enough
    assert meter.odds == 29**11 // 5_000_000
    assert len(meter.lines) == 3


def test_the_meter_names_the_nearest_format_that_passes(
    marketer_browser: Browser, filled: dict[str, str]
) -> None:
    answer = marketer_browser.get("/campaigns/meter/", filled | {"length": "9", "grouping": ""})

    meter = answer.context["meter"]
    assert not meter.is_enough
    assert meter.nearest.length > 9
    assert "too easy to guess" in answer.content.decode()


@pytest.mark.parametrize(
    "changes", [{"length": ""}, {"length": "abc"}, {"grouping": "x"}, {"expected_codes": "?"}]
)
def test_the_meter_bears_a_form_that_is_not_complete(
    marketer_browser: Browser, filled: dict[str, str], changes: dict[str, str]
) -> None:
    answer = marketer_browser.get("/campaigns/meter/", filled | changes)

    assert answer.status_code == 200


@pytest.mark.parametrize("address", ["/campaigns/new/", "/batches/new/"])
def test_a_preview_leaves_the_secret_of_the_form_out_of_its_address(
    marketer_browser: Browser, mexico: Market, address: str
) -> None:
    page = marketer_browser.get(address).content.decode()

    preview = re.search(r"<div[^>]*hx-get=[^>]*hx-include=[^>]*>", page)
    assert preview is not None
    assert 'hx-params="not csrfmiddlewaretoken"' in preview[0]


def test_the_preview_button_saves_nothing(marketer_browser: Browser, filled: dict[str, str]) -> None:
    answer = marketer_browser.post("/campaigns/new/", filled | {"preview": "1"})

    assert answer.status_code == 200
    assert answer.context["meter"].is_enough
    assert answer.context["form"]["name"].value() == "Autumn caps"
    assert not Campaign.objects.exists()


def test_the_preview_of_a_change_leads_back_to_its_campaign(
    marketer_browser: Browser, mexico: Market
) -> None:
    campaign = makers.make_campaign(market=mexico)
    place = f"/campaigns/{campaign.public_id}/"

    answer = marketer_browser.post(f"{place}edit/", CAMPAIGN | {"preview": "1"})

    assert answer.context["title"] == "Edit Summer caps"
    assert f'href="{place}"' in answer.content.decode()
    assert f"?campaign={campaign.public_id}" in answer.content.decode()


def test_the_format_stays_as_it_is_once_a_batch_is_planned(marketer_browser: Browser, mexico: Market) -> None:
    campaign = makers.make_campaign(market=mexico)
    makers.planned_batch(campaign)
    changed = CAMPAIGN | {"slug": campaign.slug, "name": "Renamed"}

    answer = marketer_browser.post(f"/campaigns/{campaign.public_id}/edit/", changed)

    campaign.refresh_from_db()
    assert answer.status_code == 302
    assert (campaign.name, campaign.length) == ("Renamed", 10)


def test_a_campaign_shows_what_became_of_its_codes(marketer_browser: Browser, mexico: Market) -> None:
    campaign = makers.make_campaign(market=mexico)
    batch = makers.active_batch(campaign, quantity=50)
    makers.planned_batch(campaign, quantity=30)
    _redeem(batch, place=0)

    answer = marketer_browser.get(f"/campaigns/{campaign.public_id}/")

    funnel = answer.context["funnel"]
    assert (funnel.ordered, funnel.delivered, funnel.active, funnel.redeemed) == (80, 50, 50, 1)
    assert "Mexico City time" in answer.content.decode()


def test_the_chart_counts_by_the_hours_of_the_market_and_leaves_as_csv(
    marketer_browser: Browser, mexico: Market
) -> None:
    campaign = makers.make_campaign(market=mexico)
    batch = makers.active_batch(campaign, quantity=50, now=makers.NOW - timedelta(days=8))
    _redeem(batch, place=0)
    _redeem(batch, place=1, now=makers.NOW - timedelta(days=7))
    _redeem(batch, place=2, now=makers.NOW - timedelta(days=7, hours=1))

    answer = marketer_browser.get(f"/campaigns/{campaign.public_id}/?chart=csv")

    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    # Noon in UTC is six in the morning in Mexico City.
    assert lines[6:8] == ["05:00,0,1", "06:00,1,1"]
    assert lines[8] == "07:00,,0"


def test_a_campaign_of_somebody_else_is_not_found(outsider_browser: Browser, mexico: Market) -> None:
    campaign = makers.make_campaign(market=mexico)

    for address in ("", "edit/", "pause/"):
        assert outsider_browser.get(f"/campaigns/{campaign.public_id}/{address}").status_code == 404


def test_pausing_asks_first_and_then_stops_redemption(marketer_browser: Browser, mexico: Market) -> None:
    campaign = makers.make_campaign(market=mexico)

    asked = marketer_browser.get(f"/campaigns/{campaign.public_id}/pause/")
    done = marketer_browser.post(f"/campaigns/{campaign.public_id}/pause/")

    campaign.refresh_from_db()
    assert "Pause redemption of Summer caps?" in asked.content.decode()
    assert done.status_code == 302
    assert campaign.paused_at == makers.NOW


def test_pausing_twice_is_refused(marketer_browser: Browser, mexico: Market) -> None:
    campaign = makers.make_campaign(market=mexico)
    marketer_browser.post(f"/campaigns/{campaign.public_id}/pause/")

    answer = marketer_browser.post(f"/campaigns/{campaign.public_id}/pause/")

    assert answer.status_code == 409


def test_campaigns_are_found_by_state_and_words(marketer_browser: Browser, mexico: Market) -> None:
    makers.make_campaign(market=mexico, name="Live caps")
    makers.make_campaign(market=mexico, name="Ended caps", opens=_day(1), closes=_day(2))

    live = marketer_browser.get("/campaigns/?phase=live").content.decode()
    named = marketer_browser.get("/campaigns/?q=ended").content.decode()

    assert "Live caps" in live
    assert "Ended caps" not in live
    assert "Ended caps" in named
    assert "Live caps" not in named


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_of_campaigns_costs_the_same_however_long(
    marketer_browser: Browser, mexico: Market, rows: int, django_assert_num_queries: Any
) -> None:
    for _number in range(rows):
        makers.make_campaign(market=mexico)
    marketer_browser.get("/campaigns/")

    with django_assert_num_queries(LIST_QUERIES):
        marketer_browser.get("/campaigns/")


# Session, person, roles; markets of the top bar and of the filter, brands; count and page; what waits, thrice.
LIST_QUERIES = 11


def test_a_filter_in_use_costs_one_query_to_find_its_row(
    marketer_browser: Browser, mexico: Market, django_assert_num_queries: Any
) -> None:
    makers.make_campaign(market=mexico)

    with django_assert_num_queries(LIST_QUERIES + 1):
        page = marketer_browser.get("/campaigns/", {"market": mexico.public_id}).content.decode()

    assert f"Market: {mexico.name}" in page


def test_a_link_in_a_list_opens_a_whole_page(marketer_browser: Browser, mexico: Market) -> None:
    makers.make_campaign(market=mexico)

    page = marketer_browser.get("/campaigns/").content.decode()

    assert '<tbody role="rowgroup" hx-boost="false">' in page


def _day(day: int) -> Any:
    return makers.NOW.replace(month=5, day=day, tzinfo=None)


def _redeem(batch: Any, *, place: int, now: Any = makers.NOW) -> None:
    _client, key = makers.client_with_key(ClientKind.WEBSITE, batch.campaign.market, batch.campaign.brand)
    by = makers.actor_behind(key)
    code = makers.printed_codes(batch)[place]
    redeem_code(
        code, member=f"ext:{place}", campaign=batch.campaign.slug, request_key=f"k{place}", by=by, now=now
    )
