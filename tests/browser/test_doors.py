"""Pages before one is signed in, and those that a button alone opens: as open to everybody as all others."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from playwright.sync_api import Page, expect

from campaigns.models import Market
from portal.accounts.actors import Actor
from portal.accounts.invitations import token_of
from portal.accounts.models import Organization
from portal.accounts.operations.invitations import invite_person
from portal.accounts.roles import Role
from portal.core import clock
from tests import makers
from tests.browser.conftest import Open
from tests.browser.faults import Serious, faults, faults_of_text
from tests.cast import give_second_factor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_every_door_is_open_to_everybody(
    window: Open, serious: Serious, mexico: Market, operator: Actor
) -> None:
    page = window(width=390, height=844, language="fr")
    found: dict[str, list[str]] = {}

    for address in doors(mexico, operator):
        page.goto(address)
        found[address] = faults(page, serious)
    come_to_second_factor(page)
    found["second factor"] = faults(page, serious)

    assert {where: these for where, these in found.items() if these} == {}


def doors(market: Market, operator: Actor) -> Iterator[str]:
    """The addresses that nobody has to sign in for: living links and dead ones."""
    place = Organization.objects.get(pk=market.pk)
    invitation = invite_person(
        "ines@example.com", organization=place, role=Role.FINANCE, by=operator, now=clock.now()
    )
    person = makers.make_person("Fabian Forgetful", Role.FINANCE, market)
    token = default_token_generator.make_token(person)
    yield from (reverse("sign-in"), reverse("forgotten"), reverse("sign-on"))
    yield from (f"{reverse('invitation')}?link={link}" for link in (token_of(invitation), "nothing"))
    yield from (reverse("new-password", args=[person.public_id, each]) for each in (token, "nothing"))


def come_to_second_factor(page: Page) -> None:
    give_second_factor(makers.make_person("Fabian Forgetful"))
    page.goto(reverse("sign-in"))
    page.locator("[name=login]").fill("fabian.forgetful@example.com")
    page.locator("[name=password]").fill(makers.PASSWORD)
    page.locator("form:has([name=password]) button").click()
    expect(page.locator("[name=code]")).to_be_visible()


def test_what_is_held_about_somebody_and_codes_shown_once_are_open_to_everybody(
    window: Open, serious: Serious, mexico: Market, privacy: Actor
) -> None:
    member = makers.make_member(mexico, "ext:ana", now=clock.now())
    page = window(privacy, width=390, height=844, language="fr")
    found: dict[str, list[str]] = {}

    page.goto(reverse("subject", args=[member.public_id]))
    page.locator("form:has([name=as]) button").click()
    expect(page.get_by_text("ext:ana")).to_be_visible()
    found["what is held"] = [*serious(page), *faults_of_text(page)]
    page.goto(reverse("recovery-codes"))
    page.locator("main form button").click()
    expect(page.locator(".codes li")).to_have_count(10)
    found["recovery codes"] = [*serious(page), *faults_of_text(page)]

    assert {where: these for where, these in found.items() if these} == {}
