"""How the portal meets people: at the door, at the keyboard, on a phone, and without JavaScript."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Batch, Campaign, Market, Printer
from portal.accounts.actors import Actor
from portal.accounts.models import Membership, User
from portal.core import clock
from tests import makers
from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What a thumb hits, in CSS pixels.
THUMB = 44


@pytest.fixture
def campaign(mexico: Market) -> Campaign:
    # Pages go by the real clock.
    return makers.make_campaign(market=mexico, closes=datetime(2099, 1, 1))


def state(page: Page, name: str) -> None:
    expect(page.locator(".page-title .state")).to_have_text(name)


# ── At the door ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ["mariana.marketer@example.com", "nobody@example.com"])
def test_does_not_tell_which_part_of_a_sign_in_was_wrong(marketer: Actor, window: Open, address: str) -> None:
    page = window()
    page.goto("/sign-in/")

    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill("not the password at all")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.locator(".summary li")).to_have_text(
        "The address and the password do not belong together. Check both and try again."
    )
    expect(page.get_by_label("E-mail address")).to_have_value(address)


# ── At the keyboard ──────────────────────────────────────────────────────────────────────────────────────


def test_signs_in_by_keyboard_alone(printer: Actor, window: Open) -> None:
    page = window()
    page.goto("/sign-in/")

    page.keyboard.type("pablo.press@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(makers.PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def test_skips_the_navigation_at_the_first_stroke(marketer: Actor, window: Open) -> None:
    page = window(marketer)
    page.goto("/campaigns/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_jumps_to_the_search_field_at_a_stroke(marketer: Actor, campaign: Campaign, window: Open) -> None:
    page = window(marketer)
    page.goto("/")

    page.keyboard.press("/")
    page.keyboard.type("summer")
    page.keyboard.press("Enter")

    expect(page.locator("main").get_by_role("link", name="Summer caps")).to_be_visible()


def test_works_a_menu_and_its_question_by_keyboard(
    campaign: Campaign, press: Printer, marketer: Actor, window: Open
) -> None:
    batch = makers.planned_batch(campaign, printer=press)
    page = window(marketer)
    page.goto(f"/batches/{batch.public_id}/")
    more = page.locator(".page-acts summary")

    more.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Cancel batch")).to_be_hidden()
    expect(more).to_be_focused()
    more.press("Enter")
    page.get_by_role("link", name="Cancel batch").press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    state(page, "Planned")


def test_searches_a_list_while_typing_and_keeps_the_words_in_the_address(
    operator: Actor, marketer: Actor, window: Open
) -> None:
    page = window(operator)
    page.goto("/people/")

    page.locator("#listing-search").press_sequentially("mari")

    expect(page.get_by_text("1 to 1 of 1")).to_be_visible()
    expect(page.locator("#listing-search")).to_be_focused()
    assert page.url.endswith("/people/?q=mari")


# ── Questions ────────────────────────────────────────────────────────────────────────────────────────────


def test_asks_in_a_dialog_and_acts_on_yes_alone(operator: Actor, marketer: Actor, window: Open) -> None:
    page = window(operator)
    page.goto(f"/people/{marketer.person}/")

    page.get_by_role("link", name="Take away").click()
    page.get_by_role("dialog").get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert Membership.objects.filter(user__public_id=marketer.person).exists()
    page.get_by_role("link", name="Take away").click()
    page.get_by_role("dialog").get_by_role("button", name="Take role away").click()

    expect(page.get_by_text("The role was taken away.")).to_be_visible()
    assert not Membership.objects.filter(user__public_id=marketer.person).exists()


# ── Without JavaScript, and on a phone ───────────────────────────────────────────────────────────────────


def test_orders_and_approves_without_scripts(
    campaign: Campaign, press: Printer, marketer: Actor, approver: Actor, window: Open
) -> None:
    page = window(marketer, java_script_enabled=False)
    page.goto(f"/batches/new/?campaign={campaign.public_id}")
    page.locator("[name=quantity]").fill("1,000")
    page.locator("[name=printer]").select_option(label=press.name)
    page.get_by_role("button", name="Refresh preview").click()
    expect(page.locator("#review")).to_contain_text("10 files")
    page.get_by_role("button", name="Order codes").click()
    expect(page.locator(".note")).to_contain_text("This waits for somebody else.")

    other = window(approver, java_script_enabled=False)
    other.goto("/")
    other.get_by_role("link", name="Approve 1,000 codes").click()
    other.get_by_role("link", name="Approve batch").click()
    other.get_by_role("button", name="Approve batch").click()

    state(other, "Approved")
    assert Batch.objects.get().quantity == 1000


def test_chooses_a_theme_without_scripts(marketer: Actor, window: Open) -> None:
    page = window(marketer, java_script_enabled=False)
    page.goto("/")

    page.locator("summary[aria-label=Theme]").click()
    page.locator(".top").get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_approves_with_a_thumb(campaign: Campaign, press: Printer, approver: Actor, window: Open) -> None:
    makers.planned_batch(campaign, printer=press, quantity=50, now=clock.now())
    page = window(approver, width=390, height=844, has_touch=True, is_mobile=True)
    page.goto("/")
    ways = [
        page.locator(".bar").get_by_role("link", name="Batches"),
        page.locator("td.is-main").get_by_role("link", name="Summer caps"),
        page.locator(".page-acts").get_by_role("link", name="Approve batch"),
        page.get_by_role("dialog").get_by_role("button", name="Approve batch"),
    ]
    heights = {}

    for way in ways:
        way.wait_for()
        heights[str(way)] = (way.bounding_box() or {"height": 0})["height"]
        way.tap()

    state(page, "Approved")
    # The name in a list is a line of text; whatever is a button or in the bar is as high as a thumb.
    assert [height for way, height in heights.items() if "td.is-main" not in way and height < THUMB] == []


def test_holds_every_page_of_the_navigation_under_the_thumb(operator: Actor, window: Open) -> None:
    page = window(operator, width=390, height=844, has_touch=True, is_mobile=True)
    page.goto("/")

    page.locator(".bar summary").tap()
    page.locator(".bar").get_by_role("link", name="Clients and keys").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text("Clients and keys")


def test_speaks_the_language_that_is_chosen(marketer: Actor, window: Open) -> None:
    page = window(marketer)
    page.goto("/campaigns/new/")

    page.locator(".top summary", has_text="EN").click()
    page.locator(".top").get_by_role("button", name="Français").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Nouvelle campagne")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert User.objects.get(public_id=marketer.person).language == "en"
