"""Pages of applications: one's own, masked, revealed on the record, found again by what somebody is known by."""

import pytest
from django.test import Client as Browser

from fraud.models import Application, FraudElement, Institution
from fraud.retention import forget
from fraud.screening.tokens import own_tokens
from portal.accounts.roles import Role
from portal.audit.models import Entry
from tests import makers
from tests.cast import signed_in
from tests.makers_fraud import NOW, canonical, make_application, make_screening

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(bank_a: Institution) -> Application:
    """An application with the tokens that find it again."""
    stored = make_application(bank_a)
    make_screening(stored)
    with_tokens(stored)
    return stored


def with_tokens(stored: Application) -> None:
    FraudElement.objects.bulk_create(
        FraudElement(
            institution=stored.institution, application=stored, kind=str(kind), token=token, arrived_at=NOW
        )
        for kind, token in own_tokens(stored.institution, canonical(stored.reference))
    )


def page_of(application: Application) -> str:
    return f"/applications/{application.public_id}/"


def test_the_list_shows_one_banks_own_applications(
    browser_of_b: Browser, bank_b: Institution, application: Application
) -> None:
    own = make_application(bank_b, "B-1")

    page = browser_of_b.get("/applications/").content.decode()

    assert own.public_id in page
    assert application.public_id not in page


def test_a_whole_reference_finds_an_application(analyst_browser: Browser, application: Application) -> None:
    found = analyst_browser.get("/applications/?reference=A-1").content.decode()
    others = analyst_browser.get("/applications/?reference=A-2").content.decode()

    assert application.public_id in found
    assert application.public_id not in others


def test_an_application_shows_people_behind_masks(analyst_browser: Browser, application: Application) -> None:
    page = analyst_browser.get(page_of(application)).content.decode()

    assert "T•••" in page
    assert "Tremblay" not in page
    assert Entry.objects.filter(act="application.read").exists()


def test_an_application_of_another_bank_is_not_there(browser_of_b: Browser, application: Application) -> None:
    assert browser_of_b.get(page_of(application)).status_code == 404


def test_links_count_what_is_the_same_in_others(
    analyst_browser: Browser, bank_a: Institution, application: Application
) -> None:
    other = make_application(bank_a, "A-2")
    with_tokens(other)

    page = analyst_browser.get(page_of(application)).content.decode()

    assert f"/applications/{other.public_id}/" in page
    assert "1 application" in page


def test_who_applied_is_shown_for_a_reason(analyst_browser: Browser, application: Application) -> None:
    answer = analyst_browser.post(f"{page_of(application)}people/0/", {"reason": "case"})

    page = answer.content.decode()
    assert "Tremblay" in page
    assert "046 454 286" in page
    assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.get(act="application.revealed").facts["reason"] == "case"


def test_who_applied_is_not_shown_without_a_reason(
    analyst_browser: Browser, application: Application
) -> None:
    answer = analyst_browser.post(f"{page_of(application)}people/0/", {})

    assert answer.status_code == 422
    assert "Tremblay" not in answer.content.decode()


def test_an_erased_application_says_so(analyst_browser: Browser, application: Application) -> None:
    forget(application, now=NOW)

    assert "Who applied was erased." in analyst_browser.get(page_of(application)).content.decode()
    assert analyst_browser.post(f"{page_of(application)}people/0/", {"reason": "case"}).status_code == 410


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("national_id", "046 454 286"),
        ("phone", "(514) 555-0123"),
        ("phone", "+1 514 555 0123"),
        ("email", "G.Tremblay@example.com"),
    ],
)
def test_a_number_finds_the_applications_of_one_person(
    analyst_browser: Browser, application: Application, what: str, value: str
) -> None:
    answer = analyst_browser.post("/applications/find/", {"what": what, "value": value})

    assert application.public_id in answer.content.decode()
    entry = Entry.objects.get(act="application.looked_up")
    assert entry.facts == {"kind": what, "case": "", "found": 1}


def test_another_bank_finds_nobody_by_the_same_number(
    browser_of_b: Browser, application: Application
) -> None:
    answer = browser_of_b.post("/applications/find/", {"what": "national_id", "value": "046454286"})

    assert "No application has this" in answer.content.decode()


@pytest.mark.parametrize("value", ["123", "not a number", "0464542861"])
def test_what_cannot_be_a_number_is_said_beside_the_field(
    analyst_browser: Browser, application: Application, value: str
) -> None:
    assert (
        analyst_browser.post("/applications/find/", {"what": "national_id", "value": value}).status_code
        == 422
    )


def test_a_case_that_is_not_there_is_no_reason(analyst_browser: Browser, application: Application) -> None:
    given = {"what": "national_id", "value": "046454286", "case": "cas_nothing"}

    assert analyst_browser.post("/applications/find/", given).status_code == 422


def test_too_many_look_ups_are_refused(
    analyst_browser: Browser, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fraud.operations.look_ups.MOST_LOOK_UPS", 1)

    given = {"what": "national_id", "value": "046454286"}
    answers = [analyst_browser.post("/applications/find/", given) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.MARKETER])
def test_whoever_may_not_read_applications_finds_nobody(application: Application, role: Role) -> None:
    browser = signed_in(makers.an_actor("Somebody", role, makers.make_house()))

    assert browser.get("/applications/").status_code == 403
    assert browser.post("/applications/find/", {}).status_code == 403
