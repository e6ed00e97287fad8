"""People at a real browser: each has a window of their own, whose console must stay silent."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from portal.accounts.actors import Actor
from tests.cast import signed_in

# Debian's first: Playwright's own is only there where somebody downloaded it.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
# A busy machine is slow, never wrong.
PATIENCE = 20_000
# The policy's reports reach the page alone; the console hears of each.
LISTEN = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""

Open = Callable[..., Page]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Start the browser once; without one the tests are skipped, or fail where it is required."""
    expect.set_options(timeout=PATIENCE)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread; Django's calls here are plain ones all the same.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        own = next((found for name in BROWSERS if (found := shutil.which(name))), None)
        try:
            browser = playwright.chromium.launch(args=ARGUMENTS, executable_path=own)
        except Error as error:
            missing = pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip
            missing(f"no browser: {error}")
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, live_server: Any) -> Iterator[Open]:
    """Open a window for a person who is signed in already, or for nobody; any word in the console fails the test.

    The browser notes each refused page (4xx) as well; only for scripts and styles is that a fault.
    """
    said: list[str] = []

    def hear(line: ConsoleMessage) -> None:
        where = line.location.get("url", "")
        is_refusal = "with a status of 4" in line.text and settings.STATIC_URL not in where
        if line.type in {"error", "warning"} and not is_refusal:
            said.append(f"{line.text} ({where})")

    with ExitStack() as closing:

        def opened(
            who: Actor | None = None,
            *,
            width: int = 1440,
            height: int = 900,
            language: str = "en",
            **more: Any,
        ) -> Page:
            more = {"locale": language, "reduced_motion": "reduce"} | more
            size: Any = {"width": width, "height": height}
            context = chromium.new_context(base_url=live_server.url, viewport=size, **more)
            closing.callback(context.close)
            context.set_default_timeout(PATIENCE)
            context.add_init_script(LISTEN)
            _set_cookie(context, settings.LANGUAGE_COOKIE_NAME, language, live_server.url)
            if who is not None:
                _sign_in(context, who, live_server.url)
            page = context.new_page()
            page.on("console", hear)
            page.on("pageerror", lambda error: said.append(str(error)))
            return page

        yield opened
    assert said == []


def _sign_in(context: BrowserContext, who: Actor, address: str) -> None:
    """Put the cookie of a session into the browser, as signing in does."""
    session = signed_in(who)
    name = settings.SESSION_COOKIE_NAME
    _set_cookie(context, name, session.cookies[name].value, address)


def _set_cookie(context: BrowserContext, name: str, value: str, address: str) -> None:
    context.add_cookies([{"name": name, "value": value, "url": address}])


@pytest.fixture
def serious() -> Callable[..., list[str]]:
    """What axe finds on a page that keeps somebody out: a function of the page, and of the rules to go by."""

    def found(page: Page, *rules: str) -> list[str]:
        only: dict[str, Any] = {"runOnly": [*rules]} if rules else {}
        # Half a megabyte, which a page that was looked at before holds already.
        script = "" if page.evaluate("'axe' in window") else AXE_SCRIPT
        answer = Axe(script).run(page, options={"resultTypes": ["violations"], **only}).response
        grave = [one for one in answer["violations"] if one["impact"] in {"serious", "critical"}]
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in grave]

    return found
