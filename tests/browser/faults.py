"""What is wrong with how a page looks and reads: too wide, left in English, closed to somebody by day or by night."""

import re
from collections.abc import Callable

from django.utils.translation.trans_real import DjangoTranslation
from playwright.sync_api import Page

DESK = 1440
# The last is that of a phone.
WIDTHS = (320, 768, DESK, 390)
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
# Colours glide into the dark, those that are inherited one after the other: take each to its end.
ARRIVE = """() => {
    for (let generation = 0; generation < 100; generation++) {
        const gliding = document.getAnimations().filter((one) => one instanceof CSSTransition);
        if (!gliding.length) return;
        gliding.forEach((one) => one.finish());
    }
}"""


Serious = Callable[..., list[str]]


def faults(page: Page, serious: Serious) -> list[str]:
    """Look a French page through: by day at a desk, at its widths, and by night on a phone."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        found += too_wide(page, width)
        if width == DESK:
            found += serious(page)
    found += left_in_english(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate(ARRIVE)
    found += serious(page, "color-contrast")
    page.emulate_media(color_scheme="light")
    return found


def faults_of_text(page: Page) -> list[str]:
    """What can be wrong with a page on a phone that has the layout of one that was looked through."""
    return [*too_wide(page, WIDTHS[-1]), *left_in_english(page)]


def too_wide(page: Page, width: int) -> list[str]:
    """Say so when the page scrolls sideways in a window of this width."""
    needed = page.evaluate("document.documentElement.scrollWidth")
    return [f"{needed} wide on {width}"] if needed > width else []


def left_in_english(page: Page) -> list[str]:
    """What a French page says in English: texts that have a translation, and sentences that never had one."""
    assert page.locator("html").get_attribute("lang") == "fr"
    catalog = vars(DjangoTranslation("fr"))["_catalog"]
    # A text that several catalogues know is the first one's.
    words = {text: catalog[text] for text, _french in catalog.items() if isinstance(text, str)}
    translated = {text for text, french in words.items() if text != french}
    translated -= set(words.values())
    texts = page.evaluate(TEXTS)
    return [f"English: {text}" for text in texts if text in translated or ENGLISH.search(text)]
