"""What browsers keep and are told: cookies, sessions, passwords, and nothing once somebody has signed out."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.test import Client, RequestFactory

from portal.accounts.actors import SYSTEM
from portal.accounts.models import User
from portal.accounts.operations.people import create_person
from tests.cast import browser_of
from tests.makers import NOW

ROOT = Path(__file__).resolve().parents[3]
COOKIES = """
import django; django.setup()
from django.conf import settings
from portal.web import context, origins
from portal.web.platform import sign_on
names = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME]
print(*names, context.THEME_COOKIE, origins.COOKIE, sign_on.COOKIE)
print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.LANGUAGE_COOKIE_SECURE)
print(settings.SESSION_COOKIE_HTTPONLY, settings.CSRF_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE)
"""
# Longer than most, with spaces at its end and letters that are written in two ways.
LONG = "Größere Wörter, ohne Regeln: " * 3 + "e\u0301  "


def test_every_cookie_is_held_to_its_host_by_https() -> None:
    environment = {
        **os.environ,
        "PUBLIC_URL": "https://portal.example.com",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }

    told = subprocess.run(
        [sys.executable, "-c", COOKIES], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    *to_the_host, to_a_path = told[0].split()
    assert all(name.startswith("__Host-") for name in to_the_host)
    assert to_a_path.startswith("__Secure-")
    assert told[1:] == ["True True True", "True True Lax"]


@pytest.mark.django_db
def test_the_cookies_of_a_page_say_whom_they_are_for(client: Client) -> None:
    client.get("/sign-in/")
    client.post("/theme/", {"theme": "dark"})

    assert client.cookies
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"] in {"Lax", "Strict"}) == (True, True), cookie.key
        assert not cookie["domain"]


def person(password: str) -> User:
    return create_person("nina@example.com", name="Nina", password=password, by=SYSTEM, now=NOW)


def sign_in(client: Client, password: str) -> Any:
    return client.post("/sign-in/", {"login": "nina@example.com", "password": password})


@pytest.mark.django_db
def test_a_long_password_of_any_letters_is_taken_and_checked_as_it_is(client: Client) -> None:
    person(LONG)

    for other in (LONG.strip(), LONG.lower(), LONG[:72], LONG.replace("e\u0301", "\u00e9")):
        assert sign_in(Client(), other).status_code == 422
    assert sign_in(client, LONG).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/account/password/"])
def test_passwords_are_masked_and_helpers_may_fill_them_in(path: str, client: Client) -> None:
    browser = client if path == "/sign-in/" else browser_of(person(LONG), client, second_factor=True)

    page = browser.get(path).content.decode()

    fields = re.findall(r'<input[^>]*name="(?:old|password|again)"[^>]*>', page)
    assert fields
    assert all('type="password"' in field for field in fields)
    assert all(re.search('autocomplete="(current|new)-password"', field) for field in fields)
    assert "onpaste" not in page


@pytest.mark.django_db
def test_the_key_of_a_session_is_long_and_new_at_each_sign_in(client: Client) -> None:
    person(LONG)
    client.post("/theme/", {"theme": "dark"})
    before = client.session.session_key

    sign_in(client, LONG)
    first = client.session.session_key
    client.post("/sign-out/")
    sign_in(client, LONG)

    keys = {before, first, client.session.session_key}
    assert len(keys) == 3
    assert len(first) == 32


@pytest.mark.django_db
def test_after_signing_out_nothing_is_left(client: Client) -> None:
    browser = browser_of(person(LONG), client, second_factor=True)
    cookie = browser.cookies["countersign"].value
    seen = browser.get("/")

    left = browser.post("/sign-out/")

    browser.cookies["countersign"] = cookie
    assert seen["Cache-Control"] == "no-store"
    assert left["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.get("/")["Location"].startswith("/sign-in/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/account/", "/account/sessions/", "/search/?q=x"])
def test_signing_out_is_on_every_page(path: str, client: Client) -> None:
    browser = browser_of(person(LONG), client, second_factor=True)

    assert 'action="/sign-out/"' in browser.get(path).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("is_for_all", "status"), [(True, 302), (False, 200)])
def test_an_operator_can_ask_a_second_factor_of_everybody(
    is_for_all: bool, status: int, client: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR_FOR_ALL = is_for_all
    browser = browser_of(person(LONG), client, second_factor=False)

    assert browser.get("/").status_code == status


def test_tries_are_counted_by_the_address_that_our_proxies_saw(settings: Any, rf: RequestFactory) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    forged = {"HTTP_X_FORWARDED_FOR": "192.0.2.1, 203.0.113.7"}

    through = get_adapter().get_client_ip(rf.get("/", REMOTE_ADDR="10.0.0.1", **forged))
    directly = get_adapter().get_client_ip(rf.get("/", REMOTE_ADDR="198.51.100.1", **forged))

    assert (through, directly) == ("203.0.113.7", "198.51.100.1")
