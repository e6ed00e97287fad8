"""Alerts and streams with each process's own rights: one opens and sends, another handles, and no other does either."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import DatabaseError

from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import ClientKind
from portal.core.tenancy import EVERYWHERE, acting_within
from portal.privileges import GRANTED, Process
from portal.security.models import Alert, AlertState, Canary, StreamCursor
from portal.security.operations.alerts import acknowledge_alert, close_alert, note_on_alert, reopen_alert
from portal.security.operations.canaries import mark_canary, unmark_canary
from portal.security.operations.streams import send_events
from portal.security.operations.watching import watch_entries
from portal.security.queries import alerts, entries_of, stream_health
from tests import makers
from tests.makers import NOW, still
from tests.portal.security.scenes import Thing, note, seal, watched
from tests.roles import acting_as

pytestmark = pytest.mark.django_db
T = TypeVar("T")


def as_process(process: Process, act: Callable[[], T], tenants: str = EVERYWHERE) -> T:
    """Run something with a process's role, and these tenants' rows in reach."""
    with acting_within(tenants), acting_as(process):
        return act()


@pytest.fixture
def scene(operator: Actor, support: Actor, approver: Actor, mexico: Any, lumo: Any, settings: Any) -> None:
    """Something for every detector, by people and by a program, sealed."""
    mark_canary("mem_bait01", by=operator, now=NOW)
    note(support, "record.looked_up", Thing("mem_bait01"))
    program = makers.actor_behind(makers.client_with_key(ClientKind.WEBSITE, mexico, lumo)[1])
    for number in range(settings.DETECT.reveals + 1):
        note(program, "member.revealed", Thing(f"mem_{number:04}"))
    for number in range(settings.DETECT.refused_people):
        note(SYSTEM, "person.sign_in_refused", Thing(f"acc_{number}"), address="tok_a")
    note(approver, "person.signed_in", Thing(approver.id), device="d1")
    note(approver, "person.signed_in", Thing(approver.id), device="d2")
    note(support, "list.exported", at=makers.later(hours=-6))
    note(SYSTEM, "four_eyes.bypassed", Thing("members"), purpose="members", doing="change")
    seal()


def test_the_trail_worker_shows_entries_to_every_detector(scene: None) -> None:
    as_process(Process.TRAIL, lambda: watch_entries(by=SYSTEM, now=NOW))

    assert {alert.detector for alert in Alert.objects.all()} == {
        "mass_reveal",
        "off_hours_export",
        "look_ups_without_a_case",
        "refused_sign_ins",
        "new_place",
        "canary_touched",
        "four_eyes_bypassed",
    }


def test_the_trail_worker_sends_events(scene: None, tmp_path: Path) -> None:
    address = f"file://{tmp_path}/events"

    sent = as_process(Process.TRAIL, lambda: send_events(address, by=SYSTEM, clock=still()))

    assert sent == len((tmp_path / "events").read_bytes().splitlines()) > 0


@pytest.mark.parametrize("process", [process for process in GRANTED if process is not Process.TRAIL])
def test_nobody_else_opens_alerts_or_sends(process: Process, scene: None, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        as_process(process, lambda: watch_entries(by=SYSTEM, now=NOW))

    assert not Alert.objects.exists()


def test_the_web_handles_an_alert_and_marks_canaries(scene: None, operator: Actor) -> None:
    alert = next(alert for alert in watched() if alert.detector == "canary_touched")

    def handle() -> None:
        acknowledge_alert(alert, by=operator, now=NOW)
        note_on_alert(alert, text="Rang the lead.", by=operator, now=NOW)
        close_alert(alert, reason="A drill.", by=operator, now=NOW)
        reopen_alert(alert, reason="It was none.", by=operator, now=NOW)
        unmark_canary(mark_canary("mem_bait02", by=operator, now=NOW), by=operator, now=NOW)

    as_process(Process.WEB, handle)

    alert.refresh_from_db()
    assert alert.state == AlertState.OPEN
    assert Canary.objects.count() == 1


def test_the_web_shows_alerts_and_readers(scene: None, operator: Actor) -> None:
    watched()

    def look() -> tuple[int, int, int]:
        seen = list(alerts(operator))
        return len(seen), sum(len(entries_of(alert)) for alert in seen), len(stream_health(now=NOW))

    shown, entries, readers = as_process(Process.WEB, look)

    assert (shown, readers) == (7, 1)
    assert entries > 6
    assert StreamCursor.objects.count() == 1


def test_whoever_reaches_another_market_alone_finds_no_alert_even_without_a_filter(
    scene: None, canada: Any
) -> None:
    watched()

    found = as_process(Process.WEB, lambda: list(Alert.objects.all()), tenants=str(canada.pk))

    assert found == []
