"""Watching: each sealed entry passes the detectors once, whoever is killed and whoever works beside."""

import threading
import time

import pytest
from django.db import connection, transaction

from portal.accounts.actors import SYSTEM, Actor
from portal.audit.models import Entry
from portal.security import queries
from portal.security.jobs import Job
from portal.security.models import Alert, StreamCursor
from portal.security.operations.alerts import close_alert
from portal.security.operations.watching import CHUNK, watch_entries
from portal.security.tasks import watch
from tests.makers import NOW, later
from tests.portal.security.scenes import lose_an_entry, note, seal, watched
from tests.processes import one_task

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_alert_is_opened_in_the_trail_too(support: Actor) -> None:
    note(support, "record.looked_up")

    (alert,) = watched()

    entry = Entry.objects.get(act="alert.opened")
    assert (entry.actor_kind, entry.subject_id, entry.within) == ("system", alert.public_id, alert.within)
    assert entry.facts["detector"] == "look_ups_without_a_case"
    assert entry.facts["actor"] == support.id


def test_an_entry_that_is_not_sealed_is_not_looked_at(support: Actor) -> None:
    note(support, "record.looked_up")

    assert watch_entries(by=SYSTEM, now=NOW) == 0
    assert not Alert.objects.exists()


def test_a_second_look_finds_nothing_more(support: Actor) -> None:
    note(support, "record.looked_up")
    before = watched()

    after = watched()

    assert [alert.times for alert in before] == [alert.times for alert in after] == [1]


def test_entries_shown_twice_open_no_alert_twice(support: Actor) -> None:
    note(support, "record.looked_up")
    watched()

    StreamCursor.objects.update(position=0)
    watched()

    assert Alert.objects.count() == 1


def test_what_goes_on_after_its_alert_was_closed_opens_it_again(support: Actor, operator: Actor) -> None:
    note(support, "record.looked_up")
    (alert,) = watched()
    close_alert(alert, reason="A test.", by=operator, now=later(minutes=1))
    note(support, "record.looked_up", at=later(minutes=2))

    (again,) = watched(later(minutes=3))

    assert (again.pk, again.state, again.holder, again.closed_at) == (alert.pk, "open", None, None)
    entry = Entry.objects.get(act="alert.reopened")
    assert (entry.actor_kind, entry.subject_id) == ("system", alert.public_id)


def test_what_happened_before_its_alert_was_closed_leaves_it_closed(support: Actor, operator: Actor) -> None:
    note(support, "record.looked_up")
    (alert,) = watched()
    note(support, "record.looked_up", at=later(minutes=1))
    close_alert(alert, reason="A test.", by=operator, now=later(minutes=2))

    (again,) = watched(later(minutes=3))

    assert (again.times, again.state) == (2, "closed")


def test_a_worker_that_is_killed_midway_leaves_neither_alert_nor_step(support: Actor) -> None:
    note(support, "record.looked_up")
    seal()
    with transaction.atomic(), one_task(Job.WATCH) as worker:
        # Nobody can write to the trail now: the worker has its alert, and waits with the entry about it.
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE audit_entry IN SHARE MODE")
        wait_for_a_waiter()
        worker.kill()
        worker.join()
    left = (Alert.objects.count(), sum(StreamCursor.objects.values_list("position", flat=True)))

    alerts = watched()

    assert left == (0, 0)
    assert [alert.times for alert in alerts] == [1]


def wait_for_a_waiter() -> None:
    """Look again and again until some session waits for a lock."""
    until = time.monotonic() + 30.0
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    pytest.fail("the worker never came so far")


def test_two_workers_at_once_open_one_alert(support: Actor) -> None:
    note(support, "record.looked_up")
    seal()
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        watch_entries(by=SYSTEM, now=NOW)
        connection.close()

    threads = [threading.Thread(target=work) for _hand in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [alert.times for alert in Alert.objects.all()] == [1]


def test_an_entry_gone_from_its_table_does_not_stop_the_watch(support: Actor) -> None:
    seal()
    lose_an_entry()
    note(support, "record.looked_up")

    alerts = watched()

    assert len(alerts) == 1


def test_the_task_looks_at_everything_that_waits(support: Actor) -> None:
    for _number in range(CHUNK + 5):
        note(support, "record.looked_up")
    seal()

    watch()

    assert Alert.objects.get().times == CHUNK + 5


def test_what_the_detectors_have_not_seen_is_how_far_they_are_behind(support: Actor) -> None:
    watched()
    note(support, "batch.planned")
    note(support, "batch.approved")
    seal()

    (health,) = queries.stream_health(now=NOW)

    assert (health.name, health.behind, health.seconds) == ("detectors", 2, 0.0)
