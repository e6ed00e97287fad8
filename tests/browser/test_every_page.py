"""Every page as every role sees it: accessible, silent, no wider than the window, and French when asked."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.utils.translation.trans_real import DjangoTranslation
from playwright.sync_api import Page

from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from tests.browser.conftest import Open
from tests.browser.world import World, make_world, someone
from tests.cast import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Each with a scheme, so that both are seen on the pages that most roles share.
ROLES = [
    (Role.OPERATOR, "dark"),
    (Role.OPERATOR, "light"),
    (Role.MARKETER, "light"),
    (Role.APPROVER, "dark"),
    (Role.PRINTER, "light"),
]
WIDTHS = (320, 768, 1440, 390)
# No French sentence has one of these, and hardly an English one has none.
ENGLISH = re.compile(
    r"\b(the|of|is|are|was|not|no|this|that|and|with|by|from|to|it|its|be|has|have)\b", re.IGNORECASE
)
# What people read of a page: no codes, no rows, no drawings, no names in lists.
TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
        const inside = walker.currentNode.parentElement;
        const words = walker.currentNode.textContent.trim().replace(/\\s+/g, " ");
        const isTold = !inside.closest("script, style, pre, code, .mono, svg, [name=time_zone], [lang=en]");
        if (words && isTold) found.add(words);
    }
    return [...found];
}"""


@pytest.mark.parametrize(("role", "scheme"), ROLES)
def test_every_page_is_open_to_everybody(
    window: Open, serious: Callable[[Page], list[str]], role: Role, scheme: str
) -> None:
    world = make_world()
    who = someone(role, world)
    page = window(who, width=390, height=844, color_scheme=scheme, language="fr")
    found: dict[str, list[str]] = {}

    for address in opened_by(who, world):
        page.goto(address)
        found[address] = [*serious(page), *too_wide(page), *left_in_english(page)]

    assert "\n".join(f"{address} {fault}" for address, faults in found.items() for fault in faults) == ""


def opened_by(who: Actor, world: World) -> Iterator[str]:
    """The addresses that show this person a whole page, and one that is nobody's."""
    session = signed_in(who)
    for address in dict.fromkeys(world.addresses()):
        answer = session.get(address)
        if answer.status_code == 200 and answer.content.startswith(b"<!doctype html>"):
            yield address
    yield "/nowhere/"


def too_wide(page: Page) -> list[str]:
    """The widths at which a page scrolls sideways."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{needed} wide on {width}")
    # The last is that of the phone with which the walk goes on.
    return found


def left_in_english(page: Page) -> list[str]:
    """What a French page says in English: texts that have a translation, and sentences that never had one."""
    assert page.locator("html").get_attribute("lang") == "fr"
    words = dict(vars(DjangoTranslation("fr"))["_catalog"].items())
    translated = {text for text, french in words.items() if isinstance(text, str) and text != french}
    translated -= set(words.values())
    texts = page.evaluate(TEXTS)
    return [f"English: {text}" for text in texts if text in translated or ENGLISH.search(text)]
