"""Detectors: each has a scene that triggers it, and one beside it that differs by a line and must not."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import ClientKind, Role
from portal.audit.models import Entry
from portal.security import words
from portal.security.classes import Severity
from portal.security.detectors import DETECTORS
from portal.security.detectors.canaries import touched
from portal.security.detectors.exports import is_off_hours
from portal.security.detectors.findings import start_of
from portal.security.detectors.places import what_is_new
from portal.security.models import Alert
from portal.security.operations.canaries import mark_canary
from portal.security.thresholds import Thresholds
from tests import makers
from tests.makers import NOW, later
from tests.portal.security.scenes import Thing, note, watched

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _low_thresholds(settings: Any) -> None:
    settings.DETECT = replace(
        settings.DETECT, reveals=3, look_ups=3, subject_look_ups=2, refused_people=3, refused_people_overall=6
    )


def found() -> list[tuple[str, str]]:
    return [(alert.detector, alert.actor_id) for alert in watched()]


# ── Mass reveal ──────────────────────────────────────────────────────────────────────────────────────────


def reveal(by: Actor, times: int, *, apart: timedelta = timedelta(seconds=20)) -> None:
    for number in range(times):
        note(by, "member.revealed", Thing(f"mem_{number:04}"), at=NOW + number * apart, field="name")


def test_more_reveals_than_a_person_works_on_are_an_alert(marketer: Actor) -> None:
    reveal(marketer, 4)

    (alert,) = watched()

    assert (alert.detector, alert.actor_id, alert.severity) == ("mass_reveal", marketer.id, Severity.HIGH)
    assert alert.facts == {"times": 4, "minutes": 10}
    assert len(alert.entries) == 4
    assert alert.about == [marketer.person]


def test_as_many_reveals_as_a_person_works_on_are_none(marketer: Actor) -> None:
    reveal(marketer, 3)

    assert found() == []


def test_as_many_reveals_over_a_longer_time_are_none(marketer: Actor) -> None:
    reveal(marketer, 8, apart=timedelta(minutes=5))

    assert found() == []


def test_reveals_by_several_people_are_not_added_up(marketer: Actor, approver: Actor) -> None:
    reveal(marketer, 3)
    reveal(approver, 3)

    assert found() == []


def test_reveals_that_go_on_stay_one_alert(marketer: Actor) -> None:
    reveal(marketer, 9)

    (alert,) = watched()

    assert (alert.times, len(alert.entries)) == (6, 9)
    assert alert.last_at == NOW + timedelta(seconds=160)


def test_handing_out_all_about_many_people_is_a_mass_reveal(marketer: Actor) -> None:
    for number in range(4):
        note(marketer, "subject.exported", Thing(f"mem_{number}"), at=DAY + timedelta(seconds=number))

    assert [name for name, _about in found()] == ["mass_reveal"]


def test_an_alert_about_a_client_is_about_whoever_holds_its_key(mexico: Any, lumo: Any) -> None:
    client, key = makers.client_with_key(ClientKind.WEBSITE, mexico, lumo)
    reveal(makers.actor_behind(key), 4)

    (alert,) = watched()

    assert (alert.actor_kind, alert.actor_id) == ("client", client.public_id)
    assert alert.about == [client.issued_by.public_id]
    assert set(alert.within) == {mexico.pk, lumo.pk}


# ── Export outside working hours ─────────────────────────────────────────────────────────────────────────

# A Monday; Mexico City is six hours behind UTC.
NIGHT, DAY = datetime(2026, 6, 15, 8, tzinfo=UTC), datetime(2026, 6, 15, 18, tzinfo=UTC)


def test_an_export_in_the_night_of_its_market_is_an_alert(marketer: Actor) -> None:
    note(marketer, "list.exported", at=NIGHT)

    (alert,) = watched()

    assert (alert.detector, alert.facts["zone"], alert.facts["clock"]) == (
        "off_hours_export",
        "America/Mexico_City",
        "02:00",
    )


def test_an_export_at_the_same_place_by_day_is_none(marketer: Actor) -> None:
    note(marketer, "list.exported", at=DAY)

    assert found() == []


def test_somebody_of_no_market_works_in_the_zone_of_the_setting(operator: Actor, settings: Any) -> None:
    settings.DETECT = replace(settings.DETECT, zone=ZoneInfo("Asia/Tokyo"))

    note(operator, "trail.exported", at=DAY)

    assert found() == [("off_hours_export", operator.id)]


def test_what_the_system_exports_by_night_is_none() -> None:
    note(SYSTEM, "trail.exported", at=NIGHT)

    assert found() == []


USUAL = Thresholds()


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (15, time(6, 59), True),
        (15, time(7, 0), False),
        (15, time(19, 59), False),
        (15, time(20, 0), True),
        # Saturday.
        (20, time(12, 0), True),
    ],
)
def test_working_hours_begin_and_end_on_the_minute(day: int, clock: time, expected: bool) -> None:
    zone = ZoneInfo("America/Toronto")

    at = datetime(2026, 6, day, clock.hour, clock.minute, tzinfo=zone)

    assert is_off_hours(at, zone, USUAL) is expected


@pytest.mark.parametrize(("clock", "expected"), [(time(23), False), (time(5), False), (time(12), True)])
def test_a_night_shift_goes_on_after_midnight(clock: time, expected: bool) -> None:
    shift = replace(USUAL, day_begins=time(22), day_ends=time(6))

    assert is_off_hours(datetime(2026, 6, 16, clock.hour, tzinfo=UTC), ZoneInfo("UTC"), shift) is expected


# ── Look-ups without a case ──────────────────────────────────────────────────────────────────────────────


def test_a_look_up_without_a_case_is_an_alert(support: Actor) -> None:
    note(support, "record.looked_up")

    assert found() == [("look_ups_without_a_case", support.id)]


def test_a_look_up_for_a_case_is_none(support: Actor) -> None:
    note(support, "record.looked_up", case="cas_01")

    assert found() == []


def check_codes(by: Actor, times: int) -> None:
    for number in range(times):
        note(by, "code.looked_up", at=NOW + timedelta(seconds=number))


def test_more_codes_than_people_ring_about_are_an_alert(support: Actor) -> None:
    check_codes(support, 4)

    assert found() == [("look_ups_without_a_case", support.id)]


def test_a_few_codes_are_none(support: Actor) -> None:
    check_codes(support, 3)

    assert found() == []


@pytest.mark.parametrize(("times", "expected"), [(3, 1), (2, 0)])
def test_people_who_ask_about_themselves_are_counted_too(times: int, expected: int, support: Actor) -> None:
    for number in range(times):
        note(support, "subject.looked_up", at=later(seconds=number))

    assert len(found()) == expected


# ── Refused sign-ins across people ───────────────────────────────────────────────────────────────────────


def refuse(accounts: int, *, address: str = "tok_a", apart: timedelta = timedelta(seconds=20)) -> None:
    for number in range(accounts):
        thing = Thing(f"acc_{number}")
        note(SYSTEM, "person.sign_in_refused", thing, at=NOW + number * apart, address=address, device="d")


def test_one_address_that_tries_several_accounts_is_an_alert() -> None:
    refuse(3)

    (alert,) = watched()

    assert (alert.detector, alert.key, alert.severity) == ("refused_sign_ins", "address tok_a", Severity.HIGH)
    assert alert.about == []


def test_one_account_refused_as_often_is_none() -> None:
    for number in range(3):
        note(SYSTEM, "person.sign_in_refused", at=later(seconds=number), address="tok_a")

    assert found() == []


def test_the_same_refusals_over_a_longer_time_are_none() -> None:
    refuse(3, apart=timedelta(minutes=6))

    assert found() == []


def test_many_accounts_tried_from_many_addresses_are_an_alert() -> None:
    for number in range(6):
        note(SYSTEM, "person.sign_in_refused", Thing(f"acc_{number}"), address=f"tok_{number}")

    assert [alert.key for alert in watched()] == ["everywhere"]


def test_a_few_accounts_tried_from_many_addresses_are_none() -> None:
    for number in range(5):
        note(SYSTEM, "person.sign_in_refused", Thing(f"acc_{number}"), address=f"tok_{number}")

    assert found() == []


# ── A new country or device of an approver ───────────────────────────────────────────────────────────────


def sign_in(by: Actor, *, device: str = "dev_1", country: str = "MX", at: datetime = NOW) -> None:
    note(by, "person.signed_in", Thing(by.id), at=at, device=device, country=country, address="tok_a")


def test_an_approver_with_a_device_never_seen_before_is_an_alert(approver: Actor) -> None:
    sign_in(approver)
    sign_in(approver, device="dev_2", at=later(hours=1))

    (alert,) = watched()

    assert (alert.detector, alert.facts["new"], alert.severity) == ("new_place", ["device"], Severity.MEDIUM)
    assert (alert.subject_id, alert.about) == (approver.id, [approver.person])


def test_an_approver_with_a_device_seen_before_is_none(approver: Actor) -> None:
    sign_in(approver)
    sign_in(approver, device="dev_1", at=later(hours=1))

    assert found() == []


def test_an_approver_in_a_country_never_seen_before_is_graver(approver: Actor) -> None:
    sign_in(approver)
    sign_in(approver, country="RU", at=later(hours=1))

    (alert,) = watched()

    assert (alert.facts["new"], alert.severity) == (["country"], Severity.HIGH)


def test_whoever_decides_requests_is_an_approver_too(mexico: Any) -> None:
    officer = makers.an_actor("Petra Privacy", Role.PRIVACY, mexico)
    sign_in(officer)
    sign_in(officer, device="dev_2", at=later(hours=1))

    assert [name for name, _about in found()] == ["new_place"]


def test_a_new_country_after_a_new_device_makes_the_alert_graver(approver: Actor) -> None:
    sign_in(approver)
    sign_in(approver, device="dev_2", at=later(minutes=1))
    sign_in(approver, country="RU", at=later(minutes=2))

    (alert,) = watched()

    assert (alert.times, alert.severity) == (2, Severity.HIGH)


def test_somebody_who_may_not_approve_may_have_a_new_device(marketer: Actor) -> None:
    sign_in(marketer)
    sign_in(marketer, device="dev_2", at=later(hours=1))

    assert found() == []


def test_the_first_sign_in_of_all_has_nothing_to_compare_with(approver: Actor) -> None:
    sign_in(approver)

    assert found() == []


def test_what_was_not_known_before_is_not_new() -> None:
    assert what_is_new({"device": "d", "country": "MX"}, [{"device": "d", "country": ""}]) == []


# ── Canary touched ───────────────────────────────────────────────────────────────────────────────────────


def test_whoever_touches_a_canary_raises_an_alert(operator: Actor, support: Actor) -> None:
    mark_canary("mem_bait", by=operator, now=NOW)
    note(support, "member.revealed", Thing("mem_bait"))

    (alert,) = watched()

    assert (alert.detector, alert.severity) == ("canary_touched", Severity.CRITICAL)
    assert alert.facts == {"canary": "mem_bait", "act": "member.revealed"}


def test_whoever_touches_the_thing_beside_it_does_not(operator: Actor, support: Actor) -> None:
    mark_canary("mem_bait", by=operator, now=NOW)
    note(support, "member.revealed", Thing("mem_other"))

    assert found() == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"record": "mem_bait"}, ["mem_bait"]),
        ({"records": ["a", "mem_bait"]}, ["mem_bait"]),
        ({"times": 3}, []),
    ],
)
def test_a_canary_is_found_among_the_facts(facts: dict[str, Any], expected: list[str]) -> None:
    entry = Entry(act="search.looked_up", subject_id="thg_01", facts=facts, at=NOW)

    assert touched(entry, {"mem_bait": NOW}) == expected


def test_what_was_done_before_something_became_bait_is_no_touch() -> None:
    entry = Entry(act="member.revealed", subject_id="mem_bait", at=NOW)

    assert touched(entry, {"mem_bait": NOW}) == ["mem_bait"]
    assert touched(entry, {"mem_bait": NOW + timedelta(seconds=1)}) == []


def test_bait_that_acts_itself_is_touched(operator: Actor, mexico: Any, lumo: Any) -> None:
    client, key = makers.client_with_key(ClientKind.WEBSITE, mexico, lumo)
    watched()
    mark_canary(client.public_id, by=operator, now=NOW)
    note(makers.actor_behind(key), "batch.planned")

    (alert,) = watched()

    assert (alert.detector, alert.actor_id) == ("canary_touched", client.public_id)


# ── All of them ──────────────────────────────────────────────────────────────────────────────────────────


def test_each_detector_has_words() -> None:
    assert set(DETECTORS) == set(words.DETECTORS)


def test_names_of_detectors_fit_their_column() -> None:
    longest = Alert._meta.get_field("detector").max_length

    assert all(len(name) <= longest for name in DETECTORS)


def test_spans_begin_where_the_clock_does() -> None:
    assert start_of(datetime(2026, 6, 15, 12, 59, 59, tzinfo=UTC), timedelta(hours=1)) == NOW
