"""Pages of backtests and of the shadow run: asked for, watched, cancelled, read, and taken away as a file."""

import pytest
from django.test import Client as Browser

import portal.urls
import portal.web.templatetags.pages  # noqa: F401
from fraud.models import Backtest, Institution, Rulebook, RulebookVersion
from fraud.operations import backtests
from fraud.operations.backtests import advance_backtest, run_backtest, start_backtest
from fraud.operations.rulebooks import save_rulebook_draft, set_shadow
from fraud.rules.rulebook.states import BacktestState
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import Role
from portal.core import clock
from tests import makers
from tests.cast import signed_in
from tests.fraud.operations.test_backtests import STRICT, run, screened
from tests.makers_fraud import NOW, make_institution

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def bank(db: None) -> Institution:
    return make_institution("bank-a")


@pytest.fixture
def lead(bank: Institution) -> Actor:
    return makers.an_actor("Lea Lead", Role.LEAD, bank)


@pytest.fixture
def lead_browser(lead: Actor) -> Browser:
    return signed_in(lead)


@pytest.fixture
def version(bank: Institution, lead: Actor) -> RulebookVersion:
    return save_rulebook_draft(bank, STRICT, by=lead, now=NOW)


@pytest.fixture
def ended(bank: Institution, lead: Actor, version: RulebookVersion) -> Backtest:
    """A backtest of three applications; one becomes graver and was fraud, one lighter."""
    screened(bank, 1, is_minor=True, verdict="fraud")
    screened(bank, 2, is_minor=False, outcome="refer", verdict="clear")
    screened(bank, 3, is_minor=False)
    return run(start_backtest(version, days=30, by=lead, now=NOW))


def test_a_backtest_is_asked_for_by_a_form(
    lead_browser: Browser, bank: Institution, version: RulebookVersion
) -> None:
    url = f"/rulebooks/{bank.public_id}/backtests/new/"

    form = lead_browser.get(f"{url}?version=1").context["form"]
    answer = lead_browser.post(url, {"version": "1", "days": "7"})

    backtest = Backtest.objects.get()
    assert int(form["version"].value()) == 1
    assert (backtest.version, backtest.days) == (version, 7)
    assert answer.headers["location"] == f"/rulebooks/backtests/{backtest.public_id}/"


@pytest.mark.parametrize("sent", [{"version": "1", "days": "0"}, {"version": "9", "days": "7"}])
def test_a_backtest_that_makes_no_sense_is_refused(
    lead_browser: Browser, bank: Institution, version: RulebookVersion, sent: dict[str, str]
) -> None:
    answer = lead_browser.post(f"/rulebooks/{bank.public_id}/backtests/new/", sent)

    assert answer.status_code == 422
    assert not Backtest.objects.exists()


def test_a_second_one_of_a_version_waits_for_the_first(
    lead_browser: Browser, bank: Institution, lead: Actor, version: RulebookVersion
) -> None:
    start_backtest(version, days=7, by=lead, now=NOW)

    answer = lead_browser.post(f"/rulebooks/{bank.public_id}/backtests/new/", {"version": "1", "days": "7"})

    assert answer.status_code == 409
    assert "runs already" in answer.content.decode()


def test_says_what_to_do_where_there_is_none(lead_browser: Browser, bank: Institution) -> None:
    page = lead_browser.get(f"/rulebooks/{bank.public_id}/backtests/").content.decode()

    assert "No backtest yet" in page
    assert f"/rulebooks/{bank.public_id}/draft/" in page
    assert lead_browser.get(f"/rulebooks/{bank.public_id}/backtests/new/").status_code == 404


def test_it_is_watched_while_it_runs(
    lead_browser: Browser,
    bank: Institution,
    lead: Actor,
    version: RulebookVersion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backtests, "CHUNK", 1)
    screened(bank, 1, is_minor=True)
    screened(bank, 2, is_minor=True)
    backtest = advance_backtest(start_backtest(version, days=7, by=lead, now=NOW), by=SYSTEM, now=NOW)
    url = f"/rulebooks/backtests/{backtest.public_id}/"

    page = lead_browser.get(url)
    part = lead_browser.get(f"{url}progress/?state=working", headers=HTMX)
    run_backtest(backtest, by=SYSTEM, clock=lambda: NOW, until=NOW.replace(year=2100))
    moved_on = lead_browser.get(f"{url}progress/?state=working", headers=HTMX)

    assert f'hx-get="{url}progress/?state=working"' in page.content.decode()
    assert (part.context["progress"].done, part.context["progress"].total) == (1, 2)
    assert "hx-refresh" not in part.headers
    assert moved_on.headers["hx-refresh"] == "true"
    assert 'hx-get="/rulebooks/backtests' not in lead_browser.get(url).content.decode()


def test_it_is_cancelled(lead_browser: Browser, lead: Actor, version: RulebookVersion) -> None:
    backtest = start_backtest(version, days=7, by=lead, now=NOW)
    url = f"/rulebooks/backtests/{backtest.public_id}/"

    answer = lead_browser.post(f"{url}cancel/")
    again = lead_browser.post(f"{url}cancel/")

    backtest.refresh_from_db()
    assert (answer.status_code, again.status_code) == (302, 409)
    assert backtest.state == BacktestState.CANCELLED
    assert "It was cancelled" in lead_browser.get(url).content.decode()


def test_tells_what_would_change_and_how_right_it_would_be(lead_browser: Browser, ended: Backtest) -> None:
    page = lead_browser.get(f"/rulebooks/backtests/{ended.public_id}/")

    so_far, words = page.context["so_far"], page.content.decode()
    assert (so_far.total, so_far.changed, so_far.graver, so_far.lighter) == (3, 2, 1, 1)
    assert [line["before"] for line in so_far.measured.lines] == ["0\xa0%", "0\xa0%"]
    assert [line["after"] for line in so_far.measured.lines] == ["100\xa0%", "100\xa0%"]
    assert [(line.rule.name, line.precision) for line in so_far.rules] == [("A rule", "100\xa0%")]
    assert page.context["chart"].series[0].values[18] == 1
    assert "/applications/app_1/" in words
    assert "/applications/app_3/" not in words


def test_the_changes_are_filtered_and_taken_away(lead_browser: Browser, ended: Backtest) -> None:
    url = f"/rulebooks/backtests/{ended.public_id}/"

    graver = lead_browser.get(f"{url}?other_outcome=refer", headers=HTMX).content.decode()
    answer = lead_browser.get(f"{url}?export=csv")

    assert "A-1" in graver
    assert "A-2" not in graver
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1:] == ["A-1,clear,0,refer,900,fraud", "A-2,refer,0,clear,0,clear"]


def test_a_failed_one_says_why(
    lead_browser: Browser, bank: Institution, lead: Actor, version: RulebookVersion
) -> None:
    backtest = start_backtest(version, days=7, by=lead, now=NOW)
    save_rulebook_draft(bank, STRICT, note="again", by=lead, now=NOW)
    RulebookVersion.objects.update(checksum="another")

    run(backtest)
    page = lead_browser.get(f"/rulebooks/backtests/{backtest.public_id}/").content.decode()

    assert "The draft was saved anew meanwhile" in page


def test_without_any_application_it_says_to_look_further_back(
    lead_browser: Browser, lead: Actor, version: RulebookVersion
) -> None:
    backtest = run(start_backtest(version, days=7, by=lead, now=NOW))

    page = lead_browser.get(f"/rulebooks/backtests/{backtest.public_id}/").content.decode()

    assert "No application was looked at" in page


def test_others_see_none_of_it(bank: Institution, ended: Backtest) -> None:
    reader = signed_in(makers.an_actor("Ana Analyst", Role.ANALYST, bank))
    stranger = signed_in(makers.an_actor("Berta Lead", Role.LEAD, make_institution("bank-b")))
    url = f"/rulebooks/backtests/{ended.public_id}/"

    assert reader.get(url).status_code == 200
    assert reader.post(f"{url}cancel/").status_code == 403
    assert stranger.get(url).status_code == 404
    assert stranger.get(f"{url}progress/").status_code == 404
    assert stranger.get(f"/rulebooks/{bank.public_id}/backtests/").status_code == 404


def test_who_may_not_open_applications_gets_no_links_to_them(bank: Institution, ended: Backtest) -> None:
    browser = signed_in(makers.an_actor("Aude Auditor", Role.AUDITOR, bank))

    page = browser.get(f"/rulebooks/backtests/{ended.public_id}/")

    assert page.context["may_open"] == ("/applications/app_1/" in page.content.decode())


def test_the_list_tells_how_each_went(lead_browser: Browser, bank: Institution, ended: Backtest) -> None:
    page = lead_browser.get(f"/rulebooks/{bank.public_id}/backtests/").content.decode()

    assert ended.public_id in page
    assert "Finished" in page


def test_the_shadow_is_compared_with_what_was_decided(
    lead_browser: Browser, bank: Institution, lead: Actor, version: RulebookVersion
) -> None:
    set_shadow(version, by=lead, now=NOW.replace(year=2000))
    for number, (outcome, other) in enumerate([("clear", "clear"), ("clear", "refer"), ("refer", "clear")]):
        application = screened(
            bank, number, is_minor=False, outcome=outcome, verdict="fraud" if number == 1 else ""
        )
        application.screenings.update(shadow_version=version, shadow_outcome=other, shadow_score=650)

    page = lead_browser.get(f"/rulebooks/{bank.public_id}/shadow/")

    so_far, words = page.context["so_far"], page.content.decode()
    assert (so_far.total, so_far.graver, so_far.lighter) == (3, 1, 1)
    assert [line["after"] for line in so_far.measured.lines] == ["100\xa0%", "100\xa0%"]
    assert "/applications/app_1/" in words
    assert "/applications/app_0/" not in words
    assert "Ask for publishing" in words


def test_without_a_shadow_there_is_no_such_page(
    lead_browser: Browser, bank: Institution, lead: Actor, version: RulebookVersion
) -> None:
    url = f"/rulebooks/{bank.public_id}/shadow/"

    missing = lead_browser.get(url)
    set_shadow(version, by=lead, now=NOW)
    empty = lead_browser.get(url)

    assert missing.status_code == 404
    assert "No application yet" in empty.content.decode()


def test_a_version_begins_its_run_and_takes_the_place_of_another(
    lead_browser: Browser, bank: Institution, version: RulebookVersion
) -> None:
    url = f"/rulebooks/versions/{version.public_id}/shadow/"

    asked = lead_browser.get(url).content.decode()
    answer = lead_browser.post(url)

    assert "Run version 1 in the shadow?" in asked
    assert answer.headers["location"] == f"/rulebooks/{bank.public_id}/shadow/"
    assert Rulebook.objects.get().shadow == version
