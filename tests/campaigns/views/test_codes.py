"""Looking up a code for somebody who rings."""

import pytest
from django.test import Client as Browser

from campaigns.models import Campaign, Market
from campaigns.queries.codebooks import codebook
from tests import makers


@pytest.fixture
def campaign(mexico: Market) -> Campaign:
    return makers.make_campaign(market=mexico)


def test_support_hears_that_a_code_is_live(support_browser: Browser, campaign: Campaign) -> None:
    batch = makers.active_batch(campaign)

    answer = support_browser.post("/codes/", {"code": makers.a_code(batch)})

    assert answer.status_code == 200
    assert "This code is live: it can be redeemed." in answer.content.decode()


def test_support_hears_which_batch_is_not_active_yet(support_browser: Browser, campaign: Campaign) -> None:
    batch = makers.delivered_batch(campaign)

    page = support_browser.post("/codes/", {"code": makers.a_code(batch)}).content.decode()

    assert "This code cannot be redeemed yet." in page
    assert batch.public_id in page


@pytest.mark.parametrize("code", ["nonsense", "K" * 100, "ＫＫＫＫＫ", "К7QWM"])
def test_what_is_no_code_is_said_in_words(support_browser: Browser, campaign: Campaign, code: str) -> None:
    answer = support_browser.post("/codes/", {"code": code})

    assert answer.status_code == 200
    assert "This is not a code as it is printed." in answer.content.decode()


@pytest.mark.parametrize("code", ["", "K" * 10_000])
def test_a_field_that_holds_no_code_is_refused(
    support_browser: Browser, campaign: Campaign, code: str
) -> None:
    answer = support_browser.post("/codes/", {"code": code})

    assert answer.status_code == 422


def test_a_code_of_another_market_is_no_code_here(
    outsider_browser: Browser, support_browser: Browser, campaign: Campaign
) -> None:
    batch = makers.active_batch(campaign)

    page = outsider_browser.post("/codes/", {"code": makers.a_code(batch)}).content.decode()

    assert "This code is live" not in page
    assert batch.public_id not in page


def test_a_printer_may_not_look_codes_up(printer_browser: Browser) -> None:
    answer = printer_browser.post("/codes/", {"code": "K7QWM"})

    assert answer.status_code == 403


def test_a_code_of_no_batch_names_no_campaign_that_was_only_tried(
    support_browser: Browser, campaign: Campaign
) -> None:
    other = makers.make_campaign(market=campaign.market, name="Winter caps")
    makers.active_batch(campaign, quantity=1)
    unissued = campaign.format.printed(codebook(campaign).code_of(campaign.format.capacity - 1))

    page = support_browser.post("/codes/", {"code": unissued}).content.decode()

    assert "No batch of any campaign that you may see has this code." in page
    assert f"/campaigns/{other.public_id}/" not in page
