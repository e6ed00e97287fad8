"""Pages of watch lists: tokens alone, within one's own institution."""

import pytest
from django.test import Client as Browser

from fraud.models import Institution, WatchEntry

pytestmark = pytest.mark.django_db


def given(bank: Institution, **changes: str) -> dict[str, str]:
    facts = {"institution": bank.public_id, "listed": "known-fraud", "what": "national_id"}
    return facts | {"value": "046 454 286", "reason": "confirmed-fraud"} | changes


def test_a_number_is_watched_for_and_not_kept(analyst_browser: Browser, bank_a: Institution) -> None:
    answer = analyst_browser.post("/watch-lists/new/", given(bank_a))

    entry = WatchEntry.objects.get()
    page = analyst_browser.get("/watch-lists/").content.decode()
    assert (answer.status_code, entry.kind, entry.listed) == (302, "sin.1", "known-fraud")
    assert "Social insurance number" in page
    assert "454" not in page


@pytest.mark.parametrize(
    ("field", "value"), [("value", "12"), ("listed", "nothing"), ("reason", ""), ("institution", "ins_x")]
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
