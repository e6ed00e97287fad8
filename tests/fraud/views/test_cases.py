"""Pages of cases: the queue, a case behind masks, and verdicts."""

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from fraud.models import Case, Contribution, Institution
from fraud.rules.cases import CaseState
from fraud.rules.decisions import Outcome, ScreeningKind
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from portal.audit.models import Entry
from tests import makers
from tests.cast import signed_in
from tests.makers_fraud import make_case, make_screening

pytestmark = pytest.mark.django_db
FRAUD = {
    "verdict": "fraud",
    "fraud_type": "identity-theft",
    "role": "perpetrator",
    "proof": "victim-statement",
    "party": "0",
    "kinds": ["sin.1", "name-phone.1"],
}


def page_of(case: Case) -> str:
    return f"/cases/{case.public_id}/"


def text_of(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


# ── The queue ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_queue_shows_what_waits_and_not_what_is_decided(
    analyst_browser: Browser, bank_a: Institution, case: Case
) -> None:
    decided = make_case(bank_a, "A-2")
    facts = {"verdict": "clear", "decided_by": "usr_1", "decided_at": decided.opened_at}
    Case.objects.filter(pk=decided.pk).update(state=CaseState.DECIDED, **facts)

    page = text_of(analyst_browser, "/cases/")

    assert case.public_id in page
    assert decided.public_id not in page
    assert decided.public_id in text_of(analyst_browser, "/cases/?state=decided")


def test_the_queue_of_another_bank_is_empty(browser_of_b: Browser, case: Case) -> None:
    assert "No case waits" in text_of(browser_of_b, "/cases/")


@pytest.mark.parametrize("role", [Role.MARKETER, Role.OPERATOR, Role.SUPPORT])
def test_whoever_may_not_read_cases_gets_no_queue(bank_a: Institution, role: Role) -> None:
    browser = signed_in(makers.an_actor("Somebody", role, makers.make_house()))

    assert browser.get("/cases/").status_code == 403


def test_the_queue_costs_the_same_for_many_cases(analyst_browser: Browser, bank_a: Institution) -> None:
    make_case(bank_a)
    analyst_browser.get("/cases/")
    with CaptureQueriesContext(connection) as few:
        analyst_browser.get("/cases/")
    for number in range(2, 8):
        make_case(bank_a, f"A-{number}")

    with CaptureQueriesContext(connection) as many:
        analyst_browser.get("/cases/")

    assert len(many) == len(few)


def test_the_next_case_is_taken_and_opened(analyst_browser: Browser, analyst: Actor, case: Case) -> None:
    answer = analyst_browser.post("/cases/next/")

    case.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, page_of(case))
    assert case.claimed_by == analyst.person


def test_no_next_case_is_said_in_words(analyst_browser: Browser, bank_a: Institution) -> None:
    answer = analyst_browser.post("/cases/next/", follow=True)

    assert "is taken or decided" in answer.content.decode()


# ── A case ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_shows_people_behind_masks(analyst_browser: Browser, case: Case) -> None:
    page = text_of(analyst_browser, page_of(case))

    assert "T•••" in page
    assert "•••286" in page
    for secret in ("Tremblay", "046454286", "123 rue Principale", "+15145550123"):
        assert secret not in page
    assert Entry.objects.filter(act="case.read", subject_id=case.public_id).exists()


def test_a_case_tells_what_the_consortium_told_and_no_more(analyst_browser: Browser, case: Case) -> None:
    hit = {
        "tier": "strong",
        "kinds": ["sin"],
        "fraud_type": "identity-theft",
        "role": "victim",
        "month": "2026-01",
        "members": "1-2",
    }
    make_screening(case.application, Outcome.REFER, kind=ScreeningKind.RETRO, hits=[hit])

    page = text_of(analyst_browser, page_of(case))

    for words in ("Strong", "Identity theft", "Victim", "2026-01", "1-2", "Social insurance number"):
        assert words in page


def test_a_case_of_another_bank_is_not_there(browser_of_b: Browser, case: Case) -> None:
    assert browser_of_b.get(page_of(case)).status_code == 404


def test_a_note_is_added_and_shown(analyst_browser: Browser, case: Case) -> None:
    answer = analyst_browser.post(f"{page_of(case)}notes/", {"text": "Called back, no answer."})

    assert answer.status_code == 302
    assert "Called back, no answer." in text_of(analyst_browser, page_of(case))


def test_an_empty_note_comes_back_with_its_error(analyst_browser: Browser, case: Case) -> None:
    assert analyst_browser.post(f"{page_of(case)}notes/", {"text": ""}).status_code == 422


def test_a_case_is_given_back(analyst_browser: Browser, claimed: Case) -> None:
    answer = analyst_browser.post(f"{page_of(claimed)}release/")

    claimed.refresh_from_db()
    assert (answer.status_code, claimed.state) == (302, CaseState.OPEN)


# ── Verdicts ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_clear_case_is_decided_at_once(analyst_browser: Browser, claimed: Case) -> None:
    answer = analyst_browser.post(f"{page_of(claimed)}decide/", {"verdict": "clear"})

    claimed.refresh_from_db()
    assert (answer.status_code, claimed.state, claimed.verdict) == (302, "decided", "clear")


def test_fraud_waits_for_a_second_analyst_who_confirms(
    analyst_browser: Browser, second_browser: Browser, claimed: Case
) -> None:
    analyst_browser.post(f"{page_of(claimed)}decide/", FRAUD)

    page = text_of(second_browser, page_of(claimed))
    request = page.partition('href="/requests/apr_')[2].partition('"')[0]
    answer = second_browser.post(f"/requests/apr_{request}approve/")

    claimed.refresh_from_db()
    assert "This waits for you." in page
    assert (answer.status_code, claimed.state, claimed.verdict) == (302, "decided", "fraud")
    assert Contribution.objects.count() == 1


@pytest.mark.parametrize("missing", ["fraud_type", "role", "proof", "kinds"])
def test_fraud_without_what_was_found_comes_back(
    analyst_browser: Browser, claimed: Case, missing: str
) -> None:
    given = {name: value for name, value in FRAUD.items() if name != missing}

    assert analyst_browser.post(f"{page_of(claimed)}decide/", given).status_code == 422


def test_nobody_decides_the_case_of_somebody_else(second_browser: Browser, claimed: Case) -> None:
    assert second_browser.post(f"{page_of(claimed)}decide/", {"verdict": "clear"}).status_code == 403
