"""The frame around every page: navigation, language, theme, market, and refusals as pages."""

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings

from portal.accounts.models import Membership, Organization, User
from portal.web import navigation
from portal.web.context import Frame
from tests.cast import browser_of

pytestmark = pytest.mark.django_db


def test_shows_in_the_navigation_only_what_a_person_may_open(
    operator_browser: Client, marketer_browser: Client
) -> None:
    mine = operator_browser.get("/").content.decode()
    others = marketer_browser.get("/").content.decode()

    assert 'href="/people/"' in mine
    assert 'href="/people/"' not in others


@pytest.mark.parametrize("path", ["/people/", "/roles/"])
def test_marks_the_entry_of_the_page_that_is_open(path: str, operator_browser: Client) -> None:
    page = operator_browser.get(path).content.decode()

    assert '<a class="nav-item" href="/people/" aria-current="page">' in page


def test_tells_somebody_without_a_role_what_to_do(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)

    page = client.get("/").content.decode()

    assert "You have no role yet" in page


def test_holds_no_more_than_seven_entries_in_a_group() -> None:
    sizes = [
        sum(entry.group is group for entry in navigation._entries.values()) for group in navigation.Group
    ]

    assert max(sizes) <= navigation.LONGEST_GROUP


def test_remembers_the_theme_on_the_device(client: Client) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "/sign-in/"})

    assert answer["Location"] == "/sign-in/"
    assert 'data-bs-theme="dark"' in client.get("/sign-in/").content.decode()


def test_ignores_a_theme_that_does_not_exist(client: Client) -> None:
    client.post("/theme/", {"theme": '"><script>'})

    assert 'data-bs-theme="auto"' in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("elsewhere", ["//elsewhere.example/", "elsewhere", "-1", "{{ x }}", "home page"])
def test_goes_to_no_other_site_after_choosing_a_theme(client: Client, elsewhere: str) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": elsewhere})

    assert answer["Location"] == "/"


def test_speaks_the_language_of_the_person(client: Client, operator: User) -> None:
    User.objects.filter(pk=operator.pk).update(language="fr")
    browser_of(operator, client)

    page = client.get("/")

    assert '<html lang="fr"' in page.content.decode()


def test_lets_the_language_chosen_on_the_device_win(client: Client, operator: User) -> None:
    User.objects.filter(pk=operator.pk).update(language="fr")
    browser_of(operator, client)
    client.post("/language/", {"language": "en", "next": "/"})

    page = client.get("/")

    assert '<html lang="en"' in page.content.decode()


def test_narrows_the_portal_to_a_market_of_ones_own(client: Client, marketer: User) -> None:
    second = Organization.objects.create(kind="market", name="France")
    Membership.objects.create(user=marketer, organization=second, role="marketer")
    browser_of(marketer, client)

    client.post("/market/", {"scope": second.public_id, "next": "/"})

    assert client.session["scope"] == second.public_id


def test_refuses_to_narrow_the_portal_to_a_market_of_others(client: Client, marketer: User) -> None:
    other = Organization.objects.create(kind="market", name="France")
    browser_of(marketer, client)

    client.post("/market/", {"scope": other.public_id, "next": "/"})

    assert client.session["scope"] == ""


@pytest.mark.parametrize("address", ["/search/?q=%00", "/people/?page=%00", "/people/?q=a%00b"])
def test_refuses_an_address_with_a_zero_byte(operator_browser: Client, address: str) -> None:
    answer = operator_browser.get(address)

    assert answer.status_code == 400


def test_refuses_a_form_with_a_zero_byte(operator_browser: Client) -> None:
    answer = operator_browser.post("/markets/new/", {"name": "a\0b"})

    assert answer.status_code == 400


def test_answers_an_unknown_address_with_a_page_in_words(client: Client) -> None:
    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert "There is nothing here under this address" in answer.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500", "503"])
def test_renders_each_refusal_without_a_request_or_a_database(name: str) -> None:
    page = render_to_string(f"{name}.html")

    assert "<h1>" in page
    assert 'data-bs-theme="auto"' in page


def test_keeps_a_theme_cookie_out_of_the_page(rf: RequestFactory) -> None:
    rf.cookies["theme"] = "neon"

    assert Frame(rf.get("/")).theme == "auto"


def test_sends_a_policy_that_allows_no_inline_script_or_style(client: Client) -> None:
    policy = client.get("/sign-in/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@override_settings(DEBUG=False)
def test_refuses_a_form_from_elsewhere(operator: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser_of(operator, browser)

    answer = browser.post("/people/invite/", {"email": "eve@example.com"})

    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()
