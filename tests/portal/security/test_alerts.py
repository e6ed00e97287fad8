"""Handling alerts: who may, in which state, and never somebody whom the alert is about."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.accounts.actors import Actor
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.roles import Role
from portal.audit.queries import history
from portal.core.errors import (
    ForbiddenError,
    FourEyesError,
    InvalidError,
    NotFoundError,
    WrongStateError,
)
from portal.security.models import Alert, AlertState, Canary
from portal.security.operations.alerts import acknowledge_alert, close_alert, note_on_alert, reopen_alert
from portal.security.operations.canaries import mark_canary, unmark_canary
from portal.security.queries import alerts, open_alerts
from tests import makers
from tests.makers import NOW, later
from tests.portal.security.scenes import note, watched

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(support: Actor) -> Alert:
    """About somebody of Mexico."""
    note(support, "record.looked_up")
    return watched()[0]


def acts(alert: Alert) -> list[str]:
    return [entry.act for entry in history(alert)]


# ── Acknowledging, noting, closing, reopening ────────────────────────────────────────────────────────────


def test_whoever_acknowledges_an_alert_has_it_in_hand(alert: Alert, operator: Actor) -> None:
    taken = acknowledge_alert(alert, by=operator, now=NOW)

    assert (taken.state, taken.holder.public_id) == (AlertState.IN_HAND, operator.person)
    assert acts(alert) == ["alert.acknowledged", "alert.opened"]


def test_an_alert_in_hand_is_not_acknowledged_again(alert: Alert, operator: Actor, privacy: Actor) -> None:
    acknowledge_alert(alert, by=operator, now=NOW)

    with pytest.raises(WrongStateError, match="acknowledged this alert already"):
        acknowledge_alert(alert, by=privacy, now=NOW)


def test_a_note_stays_with_its_author_and_out_of_the_trail(alert: Alert, operator: Actor) -> None:
    written = note_on_alert(alert, text="  Asked Sofia's lead.  ", by=operator, now=NOW)

    assert (written.text, written.author.public_id, written.at) == (
        "Asked Sofia's lead.",
        operator.person,
        NOW,
    )
    entry = history(alert).first()
    assert entry.act == "alert.noted"
    assert "Sofia" not in str(entry.facts)


@pytest.mark.parametrize("text", ["  ", "x" * 2001])
def test_a_note_says_something_and_is_no_essay(text: str, alert: Alert, operator: Actor) -> None:
    with pytest.raises(InvalidError) as refusal:
        note_on_alert(alert, text=text, by=operator, now=NOW)

    assert "text" in refusal.value.fields


def test_an_alert_is_closed_for_a_reason(alert: Alert, operator: Actor) -> None:
    closed = close_alert(alert, reason="A drill.", by=operator, now=later(hours=1))

    assert (closed.state, closed.closed_at, closed.holder.public_id) == (
        AlertState.CLOSED,
        later(hours=1),
        operator.person,
    )
    assert closed.notes.get().text == "A drill."
    assert acts(alert)[0] == "alert.closed"


def test_an_alert_is_not_closed_without_a_reason(alert: Alert, operator: Actor) -> None:
    with pytest.raises(InvalidError) as refusal:
        close_alert(alert, reason=" ", by=operator, now=NOW)

    assert "reason" in refusal.value.fields
    assert Alert.objects.get().state == AlertState.OPEN


def test_a_closed_alert_is_not_closed_again(alert: Alert, operator: Actor) -> None:
    close_alert(alert, reason="A drill.", by=operator, now=NOW)

    with pytest.raises(WrongStateError, match="closed already"):
        close_alert(alert, reason="A drill.", by=operator, now=NOW)


def test_a_closed_alert_can_be_reopened_for_whoever_takes_it(alert: Alert, operator: Actor) -> None:
    close_alert(alert, reason="A drill.", by=operator, now=NOW)

    opened = reopen_alert(alert, reason="It was none.", by=operator, now=later(hours=1))

    assert (opened.state, opened.holder, opened.closed_at) == (AlertState.OPEN, None, None)
    assert [written.text for written in opened.notes.order_by("pk")] == ["A drill.", "It was none."]


def test_an_open_alert_cannot_be_reopened(alert: Alert, operator: Actor) -> None:
    with pytest.raises(WrongStateError, match="Only a closed alert"):
        reopen_alert(alert, reason="It was none.", by=operator, now=NOW)


# ── Who may ──────────────────────────────────────────────────────────────────────────────────────────────

Handle = Callable[[Alert, Actor], object]
HANDLING: dict[str, Handle] = {
    "acknowledge": lambda alert, by: acknowledge_alert(alert, by=by, now=NOW),
    "note": lambda alert, by: note_on_alert(alert, text="Nothing to see.", by=by, now=NOW),
    "close": lambda alert, by: close_alert(alert, reason="Nothing to see.", by=by, now=NOW),
}
every_way = pytest.mark.parametrize("handle", HANDLING.values(), ids=HANDLING)


@every_way
def test_nobody_handles_an_alert_about_themself(handle: Handle, mexico: Any) -> None:
    officer = makers.an_actor("Petra Privacy", Role.PRIVACY, mexico)
    note(officer, "record.looked_up")
    (alert,) = watched()

    with pytest.raises(FourEyesError, match="This alert is about you"):
        handle(alert, officer)

    assert alert not in open_alerts(officer)


@every_way
def test_the_privacy_officer_of_its_market_handles_an_alert(
    handle: Handle, alert: Alert, privacy: Actor
) -> None:
    handle(alert, privacy)

    assert len(acts(alert)) == 2


@every_way
def test_the_privacy_officer_of_another_market_does_not(handle: Handle, alert: Alert, canada: Any) -> None:
    other = makers.an_actor("Paul Privacy", Role.PRIVACY, canada)

    with pytest.raises(ForbiddenError):
        handle(alert, other)


@every_way
def test_an_auditor_looks_and_does_not_handle(handle: Handle, alert: Alert, auditor: Actor) -> None:
    assert alert in alerts(auditor)

    with pytest.raises(ForbiddenError):
        handle(alert, auditor)


def test_alerts_are_seen_where_they_belong_alone(
    alert: Alert, operator: Actor, canada: Any, marketer: Actor
) -> None:
    stranger = makers.an_actor("Paul Privacy", Role.PRIVACY, canada)

    assert alert in alerts(operator)
    assert list(alerts(stranger)) == list(alerts(marketer)) == []


def test_the_gravest_open_alert_comes_first(operator: Actor, support: Actor) -> None:
    note(support, "record.looked_up")
    mark_canary("mem_bait", by=operator, now=NOW)
    note(support, "record.looked_up", record="mem_bait", case="cas_01")
    watched()

    assert [alert.detector for alert in open_alerts(operator)] == [
        "canary_touched",
        "look_ups_without_a_case",
    ]


# ── Canaries ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_canary_is_marked_and_the_trail_does_not_say_which_it_is(operator: Actor) -> None:
    canary = mark_canary(" mem_bait01 ", note="In no list", by=operator, now=NOW)

    assert canary.subject_id == "mem_bait01"
    assert "mem_bait01" not in str(history(canary).values().get())


@pytest.mark.parametrize("subject_id", ["", "bait", "MEM_01", "mem_0 1", "mem_" + "0" * 40])
def test_what_is_no_id_is_not_marked(subject_id: str, operator: Actor) -> None:
    with pytest.raises(InvalidError):
        mark_canary(subject_id, by=operator, now=NOW)


def test_nothing_is_marked_twice(operator: Actor) -> None:
    mark_canary("mem_bait01", by=operator, now=NOW)

    with pytest.raises(AlreadyThereError):
        mark_canary("mem_bait01", by=operator, now=NOW)


def test_a_mark_can_be_taken_away_once(operator: Actor) -> None:
    canary = mark_canary("mem_bait01", by=operator, now=NOW)

    unmark_canary(canary, by=operator, now=NOW)

    assert not Canary.objects.exists()
    with pytest.raises(NotFoundError):
        unmark_canary(canary, by=operator, now=NOW)


def test_only_somebody_whose_role_holds_everywhere_marks(privacy: Actor) -> None:
    with pytest.raises(ForbiddenError):
        mark_canary("mem_bait01", by=privacy, now=NOW)
