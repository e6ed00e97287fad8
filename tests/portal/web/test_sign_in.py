"""Signing in and out, and who is kept out of which page."""

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.portal.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, password: str, **more: str):
    return client.post("/sign-in/", {"login": "OLGA@example.com", "password": password, **more})


def test_lets_a_person_in_with_address_and_password(client: Client, operator: User) -> None:
    answer = sign_in(client, PASSWORD)

    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_refuses_a_wrong_password_with_words_beside_the_form(client: Client, operator: User) -> None:
    answer = sign_in(client, PASSWORD + "!")

    assert answer.status_code == 422
    assert "do not belong together" in answer.content.decode()


def test_refuses_an_address_with_a_zero_byte(client: Client, operator: User) -> None:
    answer = client.post("/sign-in/", {"login": "olga\x00@example.com", "password": PASSWORD})

    assert answer.status_code == 400


def test_goes_on_to_the_page_that_was_asked_for(client: Client, operator: User) -> None:
    answer = sign_in(client, PASSWORD, next="/people/?q=ana")

    assert answer["Location"] == "/people/?q=ana"


def test_goes_to_no_other_site_after_signing_in(client: Client, operator: User) -> None:
    answer = sign_in(client, PASSWORD, next="https://elsewhere.example/")

    assert answer["Location"] == "/"


def test_asks_who_is_not_signed_in_to_sign_in_first(client: Client) -> None:
    answer = client.get("/people/?q=ana")

    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=/people/%3Fq%3Dana"


def test_sends_the_whole_page_to_sign_in_when_a_fragment_finds_nobody(client: Client) -> None:
    answer = client.get(
        "/people/?page=2", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/"}
    )

    assert answer["HX-Redirect"] == "/sign-in/?next=/people/"


def test_refuses_a_page_that_the_role_does_not_include(marketer_browser: Client) -> None:
    answer = marketer_browser.get("/people/")

    assert answer.status_code == 403
    assert "Your role does not include this page" in answer.content.decode()


def test_signs_out_only_by_post(operator_browser: Client) -> None:
    read = operator_browser.get("/sign-out/")
    answer = operator_browser.post("/sign-out/")

    assert read.status_code == 405
    assert answer["Location"] == "/sign-in/"
    assert operator_browser.get("/").status_code == 302
