"""Pages of alerts: the list, one alert with what led to it, what can be done about it, canaries and streams."""

from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.models import Market
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.audit.queries import history
from portal.core.phrases import Phrase
from portal.security.models import Alert, AlertState, Canary, StreamCursor
from portal.security.operations.alerts import close_alert
from tests import makers
from tests.cast import signed_in
from tests.makers import NOW
from tests.portal.security.scenes import note, seal, watched

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db: None) -> Actor:
    return makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())


@pytest.fixture
def marketer(mexico: Market) -> Actor:
    return makers.a_marketer(mexico)


@pytest.fixture
def alert(support: Actor) -> Alert:
    note(support, "record.looked_up")
    return watched()[0]


@pytest.fixture
def browser(operator: Actor) -> Browser:
    return signed_in(operator)


def shown(answer: Any) -> str:
    return str(answer.content.decode())


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_says_what_it_is_about_and_how_grave(alert: Alert, browser: Browser) -> None:
    page = shown(browser.get("/alerts/"))

    assert "Look-ups without a case" in page
    assert "Sofia Support" in page
    assert "Medium" in page


@pytest.mark.parametrize(
    ("asked", "expected"), [("state=open", 1), ("state=closed", 0), ("severity=5", 0), ("q=Sofia", 1)]
)
def test_the_list_can_be_narrowed(asked: str, expected: int, alert: Alert, browser: Browser) -> None:
    answer = browser.get(f"/alerts/?{asked}")

    assert answer.context["listing"].page.paginator.count == expected


def test_an_empty_list_says_what_would_be_there(browser: Browser) -> None:
    assert "No alert" in shown(browser.get("/alerts/"))


def test_the_list_has_a_fixed_number_of_queries(
    operator: Actor, support: Actor, approver: Actor, marketer: Actor, django_assert_num_queries: Any
) -> None:
    browser = signed_in(operator)
    note(support, "record.looked_up")
    watched()
    with django_assert_num_queries(QUERIES):
        browser.get("/alerts/")

    for actor in (approver, marketer):
        note(actor, "record.looked_up")
    watched()

    with django_assert_num_queries(QUERIES):
        browser.get("/alerts/")


QUERIES = 12


def test_somebody_of_another_market_sees_none(alert: Alert, outsider: Actor) -> None:
    assert signed_in(outsider).get("/alerts/").status_code == 403


def test_the_auditor_of_the_market_sees_alerts_and_neither_streams_nor_canaries(
    alert: Alert, auditor: Actor
) -> None:
    page = shown(signed_in(auditor).get("/alerts/"))

    assert "Look-ups without a case" in page
    assert "Readers of the trail" not in page
    assert "Canaries" not in page


def test_the_home_page_counts_and_the_bell_rings(alert: Alert, browser: Browser) -> None:
    page = shown(browser.get("/"))

    assert "Look into: Look-ups without a case" in page
    assert "open or in hand" in page


def test_no_bell_rings_for_whom_the_alert_is_about(operator: Actor, browser: Browser) -> None:
    note(operator, "record.looked_up")
    watched()

    assert "Look into" not in shown(browser.get("/"))


# ── One alert ────────────────────────────────────────────────────────────────────────────────────────────


def test_an_alert_shows_the_entries_that_led_to_it(alert: Alert, browser: Browser) -> None:
    answer = browser.get(f"/alerts/{alert.public_id}/")

    assert [entry.act for entry, _event in answer.context["entries"]] == ["record.looked_up"]
    assert "thg_01" in shown(answer)


def test_an_alert_of_another_market_is_not_there(alert: Alert, canada: Any) -> None:
    from portal.accounts.roles import Role
    from tests import makers

    stranger = signed_in(makers.an_actor("Paul Privacy", Role.PRIVACY, canada))

    assert stranger.get(f"/alerts/{alert.public_id}/").status_code == 404


def test_acknowledging_takes_one_press(alert: Alert, browser: Browser) -> None:
    answer = browser.post(f"/alerts/{alert.public_id}/acknowledge/", follow=True)

    assert Alert.objects.get().state == AlertState.IN_HAND
    assert "You have this alert in hand" in shown(answer)


def test_a_note_appears_in_the_timeline(alert: Alert, browser: Browser) -> None:
    answer = browser.post(f"/alerts/{alert.public_id}/notes/", {"text": "Rang the lead."}, follow=True)

    assert "Rang the lead." in shown(answer)
    assert history(alert).first().act == "alert.noted"


def test_an_empty_note_comes_back_with_words(alert: Alert, browser: Browser) -> None:
    answer = browser.post(f"/alerts/{alert.public_id}/notes/", {"text": " "})

    assert answer.status_code == 422


def test_closing_asks_for_a_reason(alert: Alert, browser: Browser) -> None:
    refused = browser.post(f"/alerts/{alert.public_id}/close/", {"reason": ""})
    browser.post(f"/alerts/{alert.public_id}/close/", {"reason": "A drill."})

    assert refused.status_code == 422
    assert Alert.objects.get().state == AlertState.CLOSED


def test_a_closed_alert_is_reopened_for_a_reason(alert: Alert, operator: Actor, browser: Browser) -> None:
    close_alert(alert, reason="A drill.", by=operator, now=NOW)

    answer = browser.post(f"/alerts/{alert.public_id}/reopen/", {"reason": "It was none."}, follow=True)

    assert Alert.objects.get().state == AlertState.OPEN
    assert "It was none." in shown(answer)


def test_whom_an_alert_is_about_sees_it_without_buttons(operator: Actor, browser: Browser) -> None:
    note(operator, "record.looked_up")
    (alert,) = watched()

    page = shown(browser.get(f"/alerts/{alert.public_id}/"))
    refused = browser.post(f"/alerts/{alert.public_id}/acknowledge/")

    assert "This alert is about you" in page
    assert "Acknowledge" not in page
    assert refused.status_code == 403


# ── Streams and canaries ─────────────────────────────────────────────────────────────────────────────────


def test_a_stream_that_failed_says_why_and_how_far_it_is_behind(browser: Browser, settings: Any) -> None:
    settings.EVENT_STREAMS = ["syslog://siem:601?ca=/c"]
    problem = Phrase(
        "The receiver at {host}:{port} did not take the events: {said}.", host="siem", port="601", said="no"
    )
    StreamCursor.objects.create(name="syslog://siem:601", failed_at=NOW, tries=3, problem=problem)
    seal()

    page = shown(browser.get("/alerts/"))

    assert "The receiver at siem:601 did not take the events: no. Tried 3 times." in page
    assert "Failed" in page


def test_an_operator_marks_a_canary_and_takes_the_mark_away(browser: Browser) -> None:
    browser.post("/alerts/canaries/new/", {"subject_id": "mem_bait01", "note": "In no list"})
    page = shown(browser.get("/alerts/"))
    canary = Canary.objects.get()
    browser.post(f"/alerts/canaries/{canary.public_id}/remove/")

    assert "In no list" in page
    assert not Canary.objects.exists()


def test_a_privacy_officer_of_a_market_marks_none(privacy: Actor) -> None:
    browser = signed_in(privacy)

    assert browser.get("/alerts/canaries/new/").status_code == 403
    assert browser.post("/alerts/canaries/new/", {"subject_id": "mem_bait01"}).status_code == 403


# ── What is written down about reading ───────────────────────────────────────────────────────────────────


def test_an_export_of_a_list_is_in_the_trail(operator: Actor, browser: Browser, mexico: Any) -> None:
    browser.get("/people/?export=csv")

    entry = Entry.objects.get(act="list.exported")
    assert (entry.actor_id, entry.subject_id) == (operator.id, "people")
    assert entry.facts == {"rows": 1}


def test_looking_at_a_list_is_not(browser: Browser) -> None:
    browser.get("/people/")

    assert not Entry.objects.filter(act="list.exported").exists()


def test_a_code_that_was_looked_up_is_in_the_trail_without_the_code(support: Actor) -> None:
    signed_in(support).post("/codes/", {"code": "K7QW2M2XF9"})

    entry = Entry.objects.get(act="code.looked_up")
    assert entry.actor_id == support.id
    assert "K7QW" not in f"{entry.subject_id} {entry.facts}"
