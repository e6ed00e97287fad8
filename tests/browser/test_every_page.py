"""Every page as every role sees it: accessible, silent, no wider than the window, and French when asked."""

import re
from collections.abc import Iterator
from typing import Protocol

import pytest

from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from tests.browser.conftest import Open
from tests.browser.faults import Serious, faults, faults_of_text
from tests.browser.fraud_buttons import behind_buttons
from tests.browser.fraud_world import FraudWorld
from tests.browser.world import make_world, someone
from tests.cast import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Who sees most comes first and is shown everything; the others, what is laid out differently for them.
TEAMS = [
    (Role.OPERATOR, Role.AUDITOR, Role.PRIVACY),
    (Role.APPROVER, Role.MARKETER, Role.SUPPORT, Role.PRINTER),
]
# How a page is laid out: whose page it is, and the kinds of elements on it, however many and whatever they say.
TAG = re.compile(r"<\w+[^>]*>")
KIND = re.compile(r'<\w+|(?:class|type|role)="[^"]*"')
Layout = tuple[str, frozenset[tuple[str, ...]]]


class Places(Protocol):
    """A world, as a walk through it needs it."""

    def addresses(self, who: Actor) -> Iterator[str]: ...


@pytest.mark.parametrize("team", TEAMS, ids=" ".join)
def test_every_page_is_open_to_everybody(window: Open, serious: Serious, team: tuple[Role, ...]) -> None:
    world = make_world()

    assert faults_on_a_walk([someone(role, world) for role in team], world, window, serious) == ""


def test_every_page_of_the_fraud_domain_is_open_to_everybody(window: Open, serious: Serious) -> None:
    world = FraudWorld()

    found = faults_on_a_walk(world.people(), world, window, serious)
    page = window(world.people()[0], width=390, height=844, language="fr")
    for name in behind_buttons(page, world.ground):
        found += "".join(f"\n{name} {fault}" for fault in faults(page, serious))

    assert found == ""


def faults_on_a_walk(people: list[Actor], world: Places, window: Open, serious: Serious) -> str:
    """Let each look at what they can open; the first at everything, the others at what they see laid out anew."""
    layouts: set[Layout] = set()
    found: dict[str, list[str]] = {}
    for number, who in enumerate(people):
        page = window(who, width=390, height=844, language="fr")
        for address, layout in opened_by(who, world):
            is_known = layout in layouts
            if is_known and number > 0:
                continue
            page.goto(address)
            found[f"{number} {address}"] = faults_of_text(page) if is_known else faults(page, serious)
            layouts.add(layout)
    return "\n".join(f"{where} {fault}" for where, faults in found.items() for fault in faults)


def opened_by(who: Actor, world: Places) -> Iterator[tuple[str, Layout]]:
    """The addresses that show this person a whole page, and one that is nobody's, with how each is laid out."""
    session = signed_in(who)
    for address in dict.fromkeys([*world.addresses(who), "/nowhere/"]):
        answer = session.get(address)
        text = "" if answer.streaming else answer.content.decode()
        is_page = answer.status_code == 200 or address == "/nowhere/"
        if is_page and text.startswith("<!doctype html>"):
            # The frame is each role's own, and seen on its home page.
            content = text if address == "/" else text[text.find("<main") : text.find("</main>")]
            kinds = frozenset(tuple(KIND.findall(tag)) for tag in TAG.findall(content))
            yield address, (answer.resolver_match.view_name if answer.status_code == 200 else "", kinds)
