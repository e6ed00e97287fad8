"""Pages of markets and brands: who may set them up, what is refused, and what a list costs."""

from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.models import Brand, Market
from tests import makers

MARKET = {
    "name": "Japan",
    "code": "jp",
    "time_zone": "Asia/Tokyo",
    "currency": "jpy",
    "language": "en",
    "guess_odds_floor": "10,000,000",
}


def test_an_operator_sets_up_a_market(operator_browser: Browser) -> None:
    answer = operator_browser.post("/markets/new/", MARKET)

    market = Market.objects.get(code="jp")
    assert answer.status_code == 302
    assert answer["Location"] == f"/markets/{market.public_id}/"
    assert (market.currency, market.guess_odds_floor) == ("JPY", 10_000_000)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Asia/Atlantis"),
        ("currency", "¥¥¥"),
        ("guess_odds_floor", "0"),
        ("name", " "),
        ("code", "j p"),
    ],
)
def test_a_refused_market_comes_back_with_its_errors(
    operator_browser: Browser, field: str, value: str
) -> None:
    answer = operator_browser.post("/markets/new/", MARKET | {field: value})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not Market.objects.exists()


def test_a_code_that_is_taken_is_refused_beside_its_field(operator_browser: Browser, mexico: Market) -> None:
    answer = operator_browser.post("/markets/new/", MARKET | {"code": "mx"})

    assert answer.status_code == 409
    assert "code" in answer.context["form"].errors


def test_a_marketer_may_not_set_up_a_market(marketer_browser: Browser) -> None:
    answer = marketer_browser.post("/markets/new/", MARKET)

    assert answer.status_code == 403
    assert not Market.objects.filter(code="jp").exists()


def test_an_operator_changes_a_market(operator_browser: Browser, mexico: Market) -> None:
    answer = operator_browser.post(f"/markets/{mexico.public_id}/edit/", MARKET)

    mexico.refresh_from_db()
    assert answer.status_code == 302
    assert (mexico.name, mexico.time_zone) == ("Japan", "Asia/Tokyo")


def test_a_market_shows_its_campaigns_and_who_set_it_up(marketer_browser: Browser, mexico: Market) -> None:
    campaign = makers.make_campaign(market=mexico)

    page = marketer_browser.get(f"/markets/{mexico.public_id}/").content.decode()

    assert campaign.name in page
    assert "set up the market" in page


def test_a_market_of_somebody_else_is_not_found(outsider_browser: Browser, mexico: Market) -> None:
    answer = outsider_browser.get(f"/markets/{mexico.public_id}/")

    assert answer.status_code == 404


def test_people_see_their_own_market_alone(outsider_browser: Browser, mexico: Market) -> None:
    page = outsider_browser.get("/markets/").content.decode()

    assert "Canada" in page
    assert "Mexico" not in page


def test_an_operator_sets_up_and_renames_a_brand(operator_browser: Browser) -> None:
    operator_browser.post("/brands/new/", {"name": "Lumo", "code": "lumo"})
    brand = Brand.objects.get()
    answer = operator_browser.post(
        f"/brands/{brand.public_id}/edit/", {"name": "Lumo Zero", "code": "lumo-0"}
    )

    brand.refresh_from_db()
    assert answer.status_code == 302
    assert (brand.name, brand.code) == ("Lumo Zero", "lumo-0")


def test_a_brand_without_a_name_is_refused(operator_browser: Browser) -> None:
    answer = operator_browser.post("/brands/new/", {"name": "", "code": "lumo"})

    assert answer.status_code == 422
    assert not Brand.objects.exists()


def test_a_marketer_may_not_rename_a_brand(marketer_browser: Browser, lumo: Brand) -> None:
    answer = marketer_browser.post(f"/brands/{lumo.public_id}/edit/", {"name": "Mine", "code": "mine"})

    assert answer.status_code == 403


@pytest.mark.parametrize("address", ["/markets/", "/brands/", "/printers/"])
def test_visitors_are_asked_to_sign_in(db: None, address: str) -> None:
    answer = Browser().get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_of_brands_costs_a_fixed_number_of_queries(
    operator_browser: Browser, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        makers.make_brand(f"brand-{number}")
    operator_browser.get("/brands/")

    # Session, person, roles, then count and page, and what the frame shows.
    with django_assert_num_queries(LIST_QUERIES):
        operator_browser.get("/brands/")


LIST_QUERIES = 8
