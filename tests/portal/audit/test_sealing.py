"""The sealer: each entry once, in one chain, whoever else is at work and whoever dies."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from portal.accounts.actors import SYSTEM
from portal.audit import tasks
from portal.audit.models import Entry, Link, Mark
from portal.audit.operations import record
from portal.audit.operations.sealing import SealedElsewhereError, seal_entries
from portal.audit.queries import sealed_entries
from portal.audit.queries.verifying import verify_chain
from tests import makers
from tests.makers import NOW
from tests.portal.audit.scenes import seal_all, seal_now, write
from tests.processes import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def market():
    return makers.make_market()


def in_thread(act):
    """Run something on a connection of its own, and give what it gives."""

    def run():
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(run).result(timeout=30)


def sealed_to():
    return Mark.objects.get(pk=Mark.ENTRIES).sealed_to


def newest():
    return Entry.objects.order_by("-pk").first().pk


def test_each_entry_is_sealed_once_in_one_chain(market):
    write(market, 25)

    seal_all(most=7)

    rows = list(sealed_entries(0, 100))
    assert [row.position for row in rows] == list(range(1, Entry.objects.count() + 1))
    assert {row.entry_id for row in rows} == set(Entry.objects.values_list("pk", flat=True))
    assert verify_chain().links == len(rows)


def test_no_id_is_waited_for_once_nobody_is_writing(market):
    write(market, 3)

    seal_all()

    assert sealed_to() == newest()


def test_sealing_again_changes_nothing(market):
    write(market, 3)
    seal_all()
    before = list(Link.objects.values_list("position", "digest"))

    sealed = seal_entries(now=NOW)

    assert sealed == 0
    assert list(Link.objects.values_list("position", "digest")) == before


def test_an_entry_that_commits_late_is_sealed_where_the_chain_then_is(market):
    with transaction.atomic():
        record(SYSTEM, "market.slow", market, now=NOW)
        in_thread(lambda: write(market, 2))
        in_thread(seal_now)
        held_back = in_thread(sealed_to)
    seal_all()

    late = Entry.objects.get(act="market.slow")
    assert held_back < late.pk
    assert Link.objects.get(entry=late).position == Link.objects.count()
    assert sealed_to() == newest()
    assert verify_chain().links == Entry.objects.count()


def test_an_act_that_was_rolled_back_leaves_no_gap_in_the_chain(market):
    with transaction.atomic():
        record(SYSTEM, "market.praised", market, now=NOW)
        transaction.set_rollback(True)
    write(market)

    seal_all()

    assert verify_chain().links == Entry.objects.count()


def test_a_second_sealer_leaves_the_work_to_the_first(market):
    write(market)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x7365616C])
        with pytest.raises(SealedElsewhereError):
            in_thread(lambda: seal_entries(now=NOW))

    assert seal_entries(now=NOW) == Entry.objects.count()


def test_the_task_lets_another_sealer_be(market):
    write(market)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x7365616C])
        in_thread(tasks.seal)

    assert not Link.objects.exists()


def test_many_sealers_and_writers_at_once_leave_one_chain(market):
    start = threading.Barrier(6)

    def writer():
        start.wait()
        for _number in range(15):
            write(market, 2)

    def sealer():
        start.wait()
        for _number in range(40):
            try:
                seal_entries(now=NOW, most=5)
            except SealedElsewhereError:
                time.sleep(0)

    with ThreadPoolExecutor(6) as threads:
        for outcome in [threads.submit(in_thread, act) for act in (writer, sealer) * 3]:
            outcome.result(timeout=60)
    seal_all()

    assert Link.objects.count() == Entry.objects.count() == verify_chain().links


def test_a_sealer_killed_in_mid_run_leaves_nothing_half_done(market):
    write(market, 50)
    with running("manage.py", "seal_trail") as sealer, transaction.atomic(), connection.cursor() as cursor:
        # It has read and hashed, and now waits to write.
        cursor.execute("LOCK TABLE audit_link IN SHARE MODE")
        wait_until_blocked(cursor)
        os.kill(sealer.pid, signal.SIGKILL)
        sealer.wait()
    wait_until_unlocked()

    half_done = Link.objects.count()
    call_command("seal_trail")

    assert half_done == 0
    assert verify_chain().links == Entry.objects.count()


def wait_until_unlocked():
    """Wait until the server has seen that the killed sealer is gone, and let its lock go."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database here ON here.oid = database"
                " WHERE locktype = 'advisory' AND datname = current_database()"
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("the killed sealer still holds its lock")


def wait_until_blocked(cursor):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'audit_link'::regclass AND NOT granted"
        )
        if cursor.fetchone()[0]:
            return
        time.sleep(0.05)
    raise AssertionError("the sealer never came to write")
