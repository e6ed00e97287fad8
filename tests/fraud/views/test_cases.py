"""Pages of cases: the queue, a case behind masks, and verdicts."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from fraud.models import Application, Case, Contribution, FraudElement, Institution
from fraud.operations.cases.deciding import decide_case
from fraud.operations.cases.opening import open_cases, reopen_case
from fraud.operations.cases.settling import settle_contribution
from fraud.retention import forget
from fraud.rules.cases import CaseState, ContributionState, Verdict
from fraud.rules.decisions import Outcome, ScreeningKind
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.models import User
from portal.accounts.queries import actor_of
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.audit.models import Entry
from portal.core import clock
from tests import makers
from tests.cast import signed_in
from tests.makers_fraud import make_application, make_case, make_screening, party, referral_of

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


def analyst_of(case: Case) -> Actor:
    return actor_of(User.objects.get(public_id=case.claimed_by))


def shared(application: Application, token: bytes) -> None:
    """Let an application have an element that others may share; in life keys of two institutions never agree."""
    FraudElement.objects.create(
        institution_id=application.institution_id,
        application=application,
        kind="sin.1",
        token=token,
        arrived_at=application.arrived_at,
    )


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


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("whose=me", {"A-1"}),
        ("whose=nobody", {"A-2", "A-3"}),
        ("whose=others", set()),
        ("score=900", {"A-2"}),
        ("score=below-500", {"A-3"}),
        ("amount=5000000", {"A-2"}),
        ("amount=below-1000000", {"A-1", "A-3"}),
        ("tier=strong", {"A-2"}),
        ("tier=probable", set()),
        ("tier=none", {"A-1", "A-3"}),
        ("reason=income", {"A-3"}),
        ("age=3", {"A-3"}),
        ("origin=screening", {"A-1", "A-2", "A-3"}),
        ("product=loan", {"A-2"}),
        ("whose=nobody&score=900", {"A-2"}),
    ],
)
def test_the_queue_is_narrowed_by_what_analysts_sort_work_by(
    analyst_browser: Browser, bank_a: Institution, claimed: Case, asked: str, found: set[str]
) -> None:
    Case.objects.filter(pk=claimed.pk).update(opened_at=clock.now())
    rich = make_case(bank_a, "A-2", score=940, amount=9_000_000, product="loan")
    make_screening(rich.application, Outcome.REFER, kind=ScreeningKind.RETRO, hits=[{"tier": "strong"}])
    old = make_case(bank_a, "A-3", score=300)
    Case.objects.filter(pk=rich.pk).update(opened_at=clock.now())
    Case.objects.filter(pk=old.pk).update(opened_at=clock.now() - timedelta(days=4), reasons=["income"])

    answer = analyst_browser.get(f"/cases/?{asked}")

    assert {row.application.reference for row in answer.context["listing"].rows} == found


def test_what_the_consortium_took_back_is_no_match_any_more(
    analyst_browser: Browser, bank_a: Institution, case: Case
) -> None:
    make_screening(case.application, Outcome.REFER, kind=ScreeningKind.RETRO, hits=[{"tier": "strong"}])
    before = analyst_browser.get("/cases/?tier=strong").context["listing"].rows.count()

    make_screening(case.application, Outcome.CLEAR, kind=ScreeningKind.RETRO, hits=[])

    assert before == 1
    assert not analyst_browser.get("/cases/?tier=strong").context["listing"].rows.exists()


def test_a_case_that_came_back_is_nobody_s(analyst_browser: Browser, claimed: Case) -> None:
    decide_case(claimed, verdict=Verdict.CLEAR, by=analyst_of(claimed), now=clock.now())
    reopen_case(claimed, reason="The branch called.", by=analyst_of(claimed), now=clock.now())

    found = {whose: analyst_browser.get(f"/cases/?whose={whose}") for whose in ("me", "nobody", "others")}

    counts = {whose: answer.context["listing"].rows.count() for whose, answer in found.items()}
    assert counts == {"me": 0, "nobody": 1, "others": 0}
    assert "Anil Analyst" not in found["nobody"].content.decode().partition('id="listing"')[2]


def test_the_queue_names_who_works_on_a_case(analyst_browser: Browser, claimed: Case) -> None:
    page = text_of(analyst_browser, "/cases/")

    assert "Anil Analyst" in page


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


def test_the_timeline_tells_everything_that_happened(
    analyst_browser: Browser, second_browser: Browser, claimed: Case
) -> None:
    """Opened, taken, somebody revealed, noted, asked for, signed, decided, registered, brought back, taken back."""
    analyst_browser.post(f"/applications/{claimed.application.public_id}/people/0/", {"reason": "call-back"})
    analyst_browser.post(f"{page_of(claimed)}notes/", {"text": "Nobody there."})
    analyst_browser.post(f"{page_of(claimed)}decide/", FRAUD)
    request = Approval.objects.get()
    second_browser.post(f"/requests/{request.public_id}/approve/")
    contribution = Contribution.objects.get()
    settle_contribution(
        contribution, told=ContributionState.WAITING, name="rec_1", by=SYSTEM, now=clock.now()
    )
    analyst_browser.post(f"{page_of(claimed)}reopen/", {"reason": "The victim called again."})
    analyst_browser.post(f"{page_of(claimed)}claim/")
    analyst_browser.post(f"{page_of(claimed)}decide/", {"verdict": "clear"})

    answer = analyst_browser.get(page_of(claimed))

    told = [(str(event.what), str(event.more)) for event in reversed(answer.context["events"])]
    assert [what for what, _more in told] == [
        "opened the case",
        "took the case",
        "saw who applied",
        "wrote a note on the case",
        "found fraud and asked a second analyst",
        "approved the request",
        "decided the case",
        "registered the record",
        "brought the case back",
        "took the case",
        "took a record back from the consortium",
        "decided the case",
    ]
    more = dict(told)
    assert more["opened the case"] == "Screening · score 720"
    assert "To call the applicant back" in more["saw who applied"]
    assert more["found fraud and asked a second analyst"] == "Identity theft"


def test_what_came_back_later_is_told_with_its_reason(analyst_browser: Browser, claimed: Case) -> None:
    decide_case(claimed, verdict=Verdict.CLEAR, by=analyst_of(claimed), now=clock.now())
    later = make_screening(claimed.application, Outcome.REFER, kind=ScreeningKind.RETRO, score=900)
    with transaction.atomic():
        open_cases([referral_of(later)], by=SYSTEM, now=clock.now())

    newest = analyst_browser.get(page_of(claimed)).context["events"][0]

    assert (str(newest.what), str(newest.more)) == ("brought the case back", "Learned later · score 900")


def test_people_are_laid_beside_those_of_related_applications(
    analyst_browser: Browser, bank_a: Institution, bank_b: Institution, case: Case
) -> None:
    other = make_application(bank_a, "A-0", parties=[party(given_name="Genevieve", birth_date="1988-09-04")])
    stranger = make_application(bank_b, "B-1")
    for application in (case.application, other, stranger):
        shared(application, b"same-sin-16-byte")

    page = text_of(analyst_browser, page_of(case))

    assert "Main applicant beside related applications" in page
    assert other.public_id in page
    assert stranger.public_id not in page
    for mark in ("Same", "Close"):
        assert f">{mark}</span>" in page
    for secret in ("Tremblay", "046454286", "1988-09", "1988-04"):
        assert secret not in page


def test_nobody_is_laid_beside_an_erased_person(
    analyst_browser: Browser, bank_a: Institution, case: Case
) -> None:
    other = make_application(bank_a, "A-0")
    for application in (case.application, other):
        shared(application, b"same-sin-16-byte")
    with transaction.atomic():
        forget(Application.objects.select_for_update().get(pk=other.pk), now=clock.now())

    assert "beside related applications" not in text_of(analyst_browser, page_of(case))


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
