"""Pages of institutions: set up and changed by operators, seen by those who work there."""

import pytest
from django.test import Client as Browser

from fraud.models import Institution
from portal.accounts.actors import Actor
from tests.cast import signed_in

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "Caisse du Lac",
    "code": "caisse",
    "time_zone": "America/Toronto",
    "currency": "CAD",
    "language": "fr",
    "time_budget": "2,000",
}


@pytest.fixture
def operator_browser(operator: Actor) -> Browser:
    return signed_in(operator)


def test_an_operator_sets_an_institution_up(operator_browser: Browser) -> None:
    answer = operator_browser.post("/institutions/new/", GIVEN)

    made = Institution.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/institutions/{made.public_id}/")
    assert (made.name, made.time_budget) == ("Caisse du Lac", 2_000)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("code", "bank-a"),
        ("time_zone", "Mars/Base"),
        ("currency", "C4D"),
        ("time_budget", "49"),
    ],
)
def test_what_does_not_fit_comes_back(
    operator_browser: Browser, bank_a: Institution, field: str, value: str
) -> None:
    answer = operator_browser.post("/institutions/new/", GIVEN | {field: value})

    assert answer.status_code in {409, 422}
    assert Institution.objects.count() == 1


def test_an_operator_changes_an_institution(operator_browser: Browser, bank_a: Institution) -> None:
    answer = operator_browser.post(f"/institutions/{bank_a.public_id}/edit/", GIVEN)

    bank_a.refresh_from_db()
    assert (answer.status_code, bank_a.name) == (302, "Caisse du Lac")


def test_an_analyst_of_a_bank_sees_that_bank_alone(
    browser_of_b: Browser, bank_a: Institution, bank_b: Institution
) -> None:
    page = browser_of_b.get("/institutions/").content.decode()

    assert bank_b.name in page
    assert bank_a.name not in page
    assert browser_of_b.get(f"/institutions/{bank_a.public_id}/").status_code == 404
    assert browser_of_b.post("/institutions/new/", GIVEN).status_code == 403


def test_an_operator_says_where_an_institution_listens(
    operator_browser: Browser, bank_a: Institution
) -> None:
    here = f"/institutions/{bank_a.public_id}/"

    answer = operator_browser.post(f"{here}webhook/", {"url": "https://bank-a.example/hooks"})
    refused = operator_browser.post(f"{here}webhook/", {"url": "ftp://bank-a.example"})

    assert (answer.status_code, refused.status_code) == (302, 422)
    assert "https://bank-a.example/hooks" in operator_browser.get(here).content.decode()
