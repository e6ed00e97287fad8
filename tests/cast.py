"""The cast: who acts in the tests, as actors, and the same people signed in or with a key.

A market (`mexico`) with its brand and printer (`press`), the people who work there, and an outsider from
another market, who must never see any of it.
"""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client as Browser
from rest_framework.test import APIClient

from campaigns.models import Brand, Market, Printer
from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.accounts.queries import actor_of, must_have_second_factor
from portal.accounts.roles import ClientKind, Role
from portal.core import clock
from tests import makers


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Argon2 is slow on purpose; no test is about that."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def mexico(db: None) -> Market:
    return makers.make_market("mx")


@pytest.fixture
def canada(db: None) -> Market:
    return makers.make_market("ca")


@pytest.fixture
def lumo(db: None) -> Brand:
    return makers.make_brand("lumo")


@pytest.fixture
def press(db: None) -> Printer:
    return makers.make_printer()


@pytest.fixture
def operator(db: None) -> Actor:
    return makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())


@pytest.fixture
def marketer(mexico: Market) -> Actor:
    return makers.a_marketer(mexico)


@pytest.fixture
def approver(mexico: Market) -> Actor:
    return makers.an_approver(mexico)


@pytest.fixture
def support(mexico: Market) -> Actor:
    return makers.an_actor("Sofia Support", Role.SUPPORT, mexico)


@pytest.fixture
def printer(press: Printer) -> Actor:
    return makers.a_press_operator(press)


@pytest.fixture
def auditor(mexico: Market) -> Actor:
    return makers.an_actor("Aude Auditor", Role.AUDITOR, mexico)


@pytest.fixture
def privacy(mexico: Market) -> Actor:
    return makers.an_actor("Petra Privacy", Role.PRIVACY, mexico)


@pytest.fixture
def outsider(canada: Market) -> Actor:
    return makers.an_actor("Otto Outsider", Role.MARKETER, canada)


def signed_in(actor: Actor) -> Browser:
    """A browser in which this person has signed in, with a fresh second factor where the role needs one."""
    return browser_of(User.objects.get(public_id=actor.person))


def browser_of(user: User, browser: Browser | None = None, *, second_factor: bool | None = None) -> Browser:
    """A browser in which this person has signed in; `second_factor` overrides what the role needs."""
    browser = browser or Browser()
    browser.force_login(user)
    session = browser.session
    key = session.session_key
    UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="Mozilla/5.0 Tests")
    if second_factor is None:
        second_factor = must_have_second_factor(actor_of(user))
    if second_factor:
        give_second_factor(user)
        shown = {"method": "mfa", "type": "totp", "at": clock.now().timestamp()}
        session["account_authentication_methods"] = [shown]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return browser


def give_second_factor(user: User) -> None:
    """An authenticator app for this person whose secret nobody knows."""
    Authenticator.objects.get_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": ""}}
    )


@pytest.fixture
def marketer_browser(marketer: Actor) -> Browser:
    return signed_in(marketer)


@pytest.fixture
def approver_browser(approver: Actor) -> Browser:
    return signed_in(approver)


@pytest.fixture
def outsider_browser(outsider: Actor) -> Browser:
    return signed_in(outsider)


def with_key(key: str) -> APIClient:
    """An API client that presents this key."""
    return APIClient(headers={"authorization": f"Bearer {key}"})


@pytest.fixture
def brand_client(mexico: Market, lumo: Brand) -> APIClient:
    return with_key(makers.client_with_key(ClientKind.WEBSITE, mexico, lumo)[1])


@pytest.fixture
def printer_client(press: Printer) -> APIClient:
    return with_key(makers.client_with_key(ClientKind.PRINTER, press)[1])


@pytest.fixture
def outsider_client(canada: Market, lumo: Brand) -> APIClient:
    return with_key(makers.client_with_key(ClientKind.WEBSITE, canada, lumo)[1])
