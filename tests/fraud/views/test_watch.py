"""Pages of watch lists: tokens alone, within one's own institution."""

import pytest
from django.test import Client as Browser

from fraud.models import Institution, WatchEntry
from fraud.screening.tokens import own_tokens
from tests.makers_fraud import canonical

pytestmark = pytest.mark.django_db


def given(bank: Institution, **changes: str) -> dict[str, str]:
    facts = {"institution": bank.public_id, "listed": "known-fraud"}
    return facts | {"national_id": "046 454 286", "reason": "confirmed-fraud"} | changes


def test_a_number_is_watched_for_and_not_kept(analyst_browser: Browser, bank_a: Institution) -> None:
    answer = analyst_browser.post("/watch-lists/new/", given(bank_a))

    entry = WatchEntry.objects.get()
    page = analyst_browser.get("/watch-lists/").content.decode()
    assert (answer.status_code, entry.kind, entry.listed) == (302, "sin.1", "known-fraud")
    assert "Social insurance number" in page
    assert "046454286" not in page.replace(" ", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("national_id", "12"), ("listed", "nothing"), ("reason", ""), ("institution", "ins_x")],
)
def test_what_does_not_fit_comes_back(
    analyst_browser: Browser, bank_a: Institution, field: str, value: str
) -> None:
    assert analyst_browser.post("/watch-lists/new/", given(bank_a, **{field: value})).status_code == 422
    assert not WatchEntry.objects.exists()


def test_a_bank_puts_nothing_on_the_list_of_another(browser_of_b: Browser, bank_a: Institution) -> None:
    assert browser_of_b.post("/watch-lists/new/", given(bank_a)).status_code == 422


def test_an_entry_is_taken_off(analyst_browser: Browser, bank_a: Institution) -> None:
    analyst_browser.post("/watch-lists/new/", given(bank_a))

    answer = analyst_browser.post(f"/watch-lists/{WatchEntry.objects.get().public_id}/remove/")

    assert (answer.status_code, WatchEntry.objects.count()) == (302, 0)


def test_an_entry_of_another_bank_is_not_there(
    analyst_browser: Browser, browser_of_b: Browser, bank_a: Institution
) -> None:
    analyst_browser.post("/watch-lists/new/", given(bank_a))

    answer = browser_of_b.post(f"/watch-lists/{WatchEntry.objects.get().public_id}/remove/")

    assert (answer.status_code, WatchEntry.objects.count()) == (404, 1)


@pytest.mark.parametrize(
    ("what", "typed"),
    [
        ("sin-birth", {"national_id": "046454286", "birth_date": "1988-04-09"}),
        ("name-birth", {"given_name": "Genevieve", "family_name": "TREMBLAY", "birth_date": "1988-04-09"}),
        ("phone", {"phone": "(514) 555-0123"}),
        ("email", {"email": "G.Tremblay@example.com"}),
        ("address", {"line": "5-123, rue Principale", "postal_code": "h2x1y4"}),
        ("account", {"bank": "3", "transit": "1234", "account": "1234567"}),
        ("device", {"device_id": "dev-7f3a"}),
        ("ip", {"ip_address": "203.0.113.7"}),
    ],
)
def test_whatever_applications_are_known_by_is_watched_for(
    analyst_browser: Browser, bank_a: Institution, what: str, typed: dict[str, str]
) -> None:
    around = {"institution": bank_a.public_id, "listed": "suspect", "reason": "pattern"}

    answer = analyst_browser.post(f"/watch-lists/new/?what={what}", around | typed)

    entry = WatchEntry.objects.get()
    tokens = {token for kind, token in own_tokens(bank_a, canonical()) if kind == entry.kind}
    assert (answer.status_code, entry.kind) == (302, f"{what}.1")
    assert bytes(entry.token) in tokens


def test_asks_for_what_the_kind_is_made_of_and_no_more(analyst_browser: Browser) -> None:
    page = analyst_browser.get("/watch-lists/new/?what=account").content.decode()

    assert 'name="transit"' in page
    assert 'name="national_id"' not in page
