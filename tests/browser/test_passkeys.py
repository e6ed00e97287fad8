"""Passkeys with a real browser: made, used in place of a password, and asked for again before an export."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from portal.accounts.actors import Actor
from portal.audit.models import Entry
from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_authenticator(page: Page) -> Page:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def make_passkey(page: Page) -> None:
    page.goto("/account/passkey/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("The second factor was added.")).to_be_visible()


def test_makes_a_passkey_and_signs_in_with_it_alone(operator: Actor, window: Open) -> None:
    page = with_authenticator(window(operator))

    make_passkey(page)
    page.locator("summary[aria-label^='You']").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    assert Authenticator.objects.get(type="webauthn").data["name"] == "Laptop"
    assert Entry.objects.filter(act="person.signed_in").last().facts["method"] == "webauthn"


def test_confirms_with_a_passkey_and_goes_back(operator: Actor, window: Open) -> None:
    page = with_authenticator(window(operator))
    make_passkey(page)
    for row in Session.objects.all():
        store = SessionStore(row.session_key)
        for shown in store.get("account_authentication_methods", []):
            shown["at"] -= timedelta(minutes=11).total_seconds()
        store.save()

    page.goto("/people/?export=csv")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", name="People")).to_be_visible()


def test_says_so_when_the_browser_gives_no_passkey(operator: Actor, window: Open) -> None:
    page = with_authenticator(window())
    page.goto("/sign-in/")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_text("The browser gave no passkey.")).to_be_visible()
