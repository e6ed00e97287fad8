"""The portal's own pages in a real browser: accessible, keyboard-driven, and without a word from the policy."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from portal.accounts.models import Membership, Organization, User
from portal.accounts.roles import Role
from tests.portal.web.conftest import PASSWORD, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread; Django's calls here are plain ones all the same.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        own = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """Open a page whose console must stay silent about scripts and styles."""
    context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce")
    opened = context.new_page()
    said: list[str] = []
    opened.on(
        "console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None
    )
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert said == []


@pytest.fixture
def signed_in(page: Page, operator: User, live_server: Any) -> Page:
    client = Client()
    client.force_login(operator)
    value = client.cookies["countersign"].value
    page.context.add_cookies([{"name": "countersign", "value": value, "url": live_server.url}])
    return page


def serious_findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html']}"
        for one in violations
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_finds_nothing_serious_on_any_page(
    signed_in: Page, market: Organization, scheme: Any, width: int
) -> None:
    member = person("Maria", market, Role.MARKETER)
    signed_in.emulate_media(color_scheme=scheme)
    signed_in.set_viewport_size({"width": width, "height": 900})
    role = member.memberships.get().pk
    addresses = [
        "/",
        "/people/",
        "/people/?q=nobody",
        "/people/new/",
        f"/people/{member.public_id}/",
        "/search/?q=x",
    ]
    addresses += [f"/people/{member.public_id}/roles/{role}/revoke/", "/nowhere/"]
    found = {}

    for address in addresses:
        signed_in.goto(address)
        found[address] = serious_findings(signed_in)

    assert found == {address: [] for address in addresses}


def test_signs_in_by_keyboard_alone(page: Page, operator: User) -> None:
    page.goto("/sign-in/")

    page.keyboard.type(operator.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_selector("h1:has-text('Home')")
    assert serious_findings(page) == []


def test_jumps_to_the_search_field_at_a_stroke(signed_in: Page) -> None:
    signed_in.goto("/")

    signed_in.keyboard.press("/")

    assert signed_in.evaluate("document.activeElement.name") == "q"


def test_searches_a_list_while_typing_and_keeps_the_words_in_the_address(
    signed_in: Page, market: Organization
) -> None:
    for name in ("Ana", "Bea"):
        person(name, market, Role.MARKETER)
    signed_in.goto("/people/")

    signed_in.fill("#listing-search", "bea")

    signed_in.wait_for_selector("text=1 to 1 of 1")
    assert signed_in.url.endswith("/people/?q=bea")
    assert signed_in.evaluate("document.activeElement.id") == "listing-search"


def test_asks_in_a_dialog_and_acts_on_yes(signed_in: Page, marketer: User) -> None:
    signed_in.goto(f"/people/{marketer.public_id}/")

    signed_in.click("text=Take away")
    signed_in.click("dialog >> text=Take role away")

    signed_in.wait_for_selector("text=The role was taken away.")
    assert not Membership.objects.filter(user=marketer).exists()


def test_closes_the_dialog_on_no(signed_in: Page, marketer: User) -> None:
    signed_in.goto(f"/people/{marketer.public_id}/")

    signed_in.click("text=Take away")
    signed_in.click("dialog >> text=Cancel")

    assert signed_in.locator("dialog[open]").count() == 0
    assert Membership.objects.filter(user=marketer).exists()


def test_works_without_scripts(chromium: Browser, live_server: Any, operator: User) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("[name=username]", operator.email)
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Sign in')")

    page.click("summary[aria-label=Theme]")
    page.click(".top button:has-text('Dark')")

    assert page.locator("html[data-bs-theme=dark]").count() == 1
    context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_scrolls_sideways_on_no_page(signed_in: Page, market: Organization, width: int) -> None:
    member = person("Maximiliana", market, Role.MARKETER)
    User.objects.filter(pk=member.pk).update(email="a" * 60 + "@a-rather-long-domain-name.example")
    signed_in.set_viewport_size({"width": width, "height": 800})
    wide = {}

    for address in ("/", "/people/", "/people/new/", f"/people/{member.public_id}/"):
        signed_in.goto(address)
        wide[address] = signed_in.evaluate("document.documentElement.scrollWidth")

    assert {address: over for address, over in wide.items() if over > width} == {}
