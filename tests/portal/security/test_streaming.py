"""Streams: each sink gets every sealed entry in the order of the chain, whatever falls over in between."""

import json
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry
from portal.core import clock
from portal.core.errors import WrongStateError
from portal.security.models import StreamCursor
from portal.security.operations.streams import (
    CHUNK,
    LEASE,
    LONGEST_PAUSE,
    claim_stream,
    pause_after,
    send_events,
)
from portal.security.queries import stream_health
from portal.security.tasks import stream
from tests.makers import NOW, later, still
from tests.portal.core.test_streams import Receiver, receiving
from tests.portal.security.scenes import lose_an_entry, note, seal
from tests.processes import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def address(log: Path) -> str:
    return f"file://{log}"


def positions(log: Path) -> list[int]:
    return [json.loads(line)["metadata"]["sequence"] for line in log.read_bytes().splitlines()]


def sequences(receiver: Receiver) -> list[int]:
    return [json.loads(text[text.index(b"{") :])["metadata"]["sequence"] for text in receiver.messages]


def written(times: int) -> None:
    for number in range(times):
        note(SYSTEM, "batch.planned", number=number)
    seal()


def send(address: str, now: datetime = NOW) -> int:
    return send_events(address, by=SYSTEM, clock=still(now))


def clock_that_runs(step: timedelta) -> Callable[[], datetime]:
    moments = iter(NOW + step * number for number in range(10_000))
    return lambda: next(moments)


def test_a_sink_gets_every_sealed_entry_in_the_order_of_the_chain(address: str, log: Path) -> None:
    written(CHUNK + 3)

    sent = send(address)

    assert sent == CHUNK + 3
    assert positions(log) == [*range(1, CHUNK + 4)]


def test_what_was_sent_is_not_sent_again(address: str, log: Path) -> None:
    written(2)
    send(address)
    written(1)

    send(address)

    assert positions(log) == [1, 2, 3]


def test_an_entry_that_is_not_sealed_waits(address: str, log: Path) -> None:
    note(SYSTEM, "batch.planned")

    assert send(address) == 0
    assert not log.exists()


def test_each_sink_has_a_place_of_its_own(tmp_path: Path) -> None:
    written(2)
    send(f"file://{tmp_path}/one")
    written(1)

    send(f"file://{tmp_path}/two")

    assert (positions(tmp_path / "one"), positions(tmp_path / "two")) == ([1, 2], [1, 2, 3])


def test_a_spell_ends_so_that_the_sealer_gets_its_turn(address: str, log: Path) -> None:
    written(CHUNK * 2)

    send_events(address, by=SYSTEM, clock=clock_that_runs(timedelta(seconds=2)))

    assert len(positions(log)) == CHUNK


# ── Sinks that fail ──────────────────────────────────────────────────────────────────────────────────────


def test_a_sink_that_fails_keeps_its_place_and_says_why(address: str, log: Path) -> None:
    log.mkdir()
    written(2)

    send(address)

    cursor = StreamCursor.objects.get()
    assert (cursor.position, cursor.tries, cursor.failed_at) == (0, 1, NOW)
    assert "cannot be written" in cursor.problem
    assert Entry.objects.filter(act="stream.failed").count() == 1


def test_a_sink_that_failed_is_left_alone_for_a_while(address: str, log: Path) -> None:
    log.mkdir()
    written(1)
    send(address)

    with pytest.raises(WrongStateError, match="tried again later"):
        send(address, later(seconds=4))

    send(address, later(seconds=5))
    assert StreamCursor.objects.get().tries == 2


def test_a_sink_that_works_again_gets_what_it_missed(address: str, log: Path) -> None:
    log.mkdir()
    written(2)
    send(address)
    log.rmdir()

    send(address, later(seconds=5))

    cursor = StreamCursor.objects.get()
    assert (cursor.failed_at, cursor.tries, cursor.problem, cursor.next_try_at) == (None, 0, "", None)
    # Its own failure is an act too, but not sealed yet.
    assert positions(log) == [1, 2]
    assert [entry.act for entry in Entry.objects.filter(act__startswith="stream.").order_by("pk")] == [
        "stream.failed",
        "stream.resumed",
    ]


def test_a_receiver_cut_off_midway_gets_the_rest_in_order() -> None:
    written(50)
    with receiving(most=20) as receiver:
        address = f"syslog://127.0.0.1:{receiver.port}"
        send(address)
        send(address, later(seconds=5))

    assert sequences(receiver) == [*range(1, 21), *range(1, 51)]


@pytest.mark.parametrize(
    ("tries", "seconds"), [(1, 5), (2, 10), (4, 40), (20, LONGEST_PAUSE.total_seconds())]
)
def test_pauses_grow_up_to_five_minutes(tries: int, seconds: float) -> None:
    assert pause_after(tries).total_seconds() == seconds


# ── Workers that fail ────────────────────────────────────────────────────────────────────────────────────


def test_two_workers_do_not_send_at_once(address: str) -> None:
    claim_stream(address, by=SYSTEM, now=NOW)

    with pytest.raises(WrongStateError, match="Another worker"):
        send(address, NOW + LEASE - timedelta(seconds=1))

    assert send(address, NOW + LEASE) == 0


SENDING = "import django; django.setup(); from portal.security.tasks import stream; stream()"


def test_a_worker_that_is_killed_midway_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    written(50)
    with receiving(pause=20) as receiver:
        address = f"syslog://127.0.0.1:{receiver.port}"
        monkeypatch.setenv("EVENT_STREAMS", address)
        with running("-c", SENDING) as worker:
            assert receiver.reached.wait(60), "the worker never came so far"
            worker.kill()
            worker.wait()
        receiver.go.set()

        send(address, clock.now() + LEASE)

    assert worker.returncode == -signal.SIGKILL
    assert sequences(receiver)[-50:] == [*range(1, 51)]
    assert StreamCursor.objects.get().position == 50


# ── What people and machines see of it ───────────────────────────────────────────────────────────────────


def test_how_far_a_sink_is_behind_is_told_in_entries_and_seconds(address: str, settings: Any) -> None:
    settings.EVENT_STREAMS = [address]
    written(2)
    send(address)
    written(3)

    health, _detectors = stream_health(now=later(minutes=2))

    assert (health.name, health.behind, health.seconds, health.is_well) == (address, 3, 120.0, True)


def test_a_sink_that_has_everything_is_not_behind(address: str, settings: Any) -> None:
    settings.EVENT_STREAMS = [address]
    written(2)
    send(address)

    health, _detectors = stream_health(now=later(minutes=2))

    assert (health.behind, health.seconds) == (0, 0.0)


def test_figures_say_how_far_a_sink_is_behind(address: str, log: Path, settings: Any, client: Client) -> None:
    settings.EVENT_STREAMS = [address]
    log.mkdir()
    written(2)
    send(address)

    figures = client.get("/metrics").content.decode()

    assert f'countersign_stream_behind{{stream="{address}"}} 2.0' in figures
    assert f'countersign_stream_failing{{stream="{address}"}} 1.0' in figures
    assert 'countersign_stream_failing{stream="detectors"} 0.0' in figures


def test_the_task_sends_to_every_sink_of_the_settings(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "broken").mkdir()
    settings.EVENT_STREAMS = [f"file://{tmp_path}/broken", f"file://{tmp_path}/sound"]
    written(2)

    stream()

    assert positions(tmp_path / "sound") == [1, 2]


def test_an_entry_gone_from_its_table_does_not_stop_the_stream(address: str, log: Path) -> None:
    written(1)
    lose_an_entry()
    written(1)

    send(address)

    assert positions(log) == [1, 3]
    assert StreamCursor.objects.get().position == 3


@pytest.mark.parametrize(
    ("addresses", "problem"),
    [
        (["udp://siem:514"], "security.E001"),
        (["syslog://siem:601", "syslog://siem:601?ca=/c"], "security.E002"),
    ],
)
def test_addresses_that_make_no_sense_stop_the_start(
    addresses: list[str], problem: str, settings: Any
) -> None:
    settings.EVENT_STREAMS = addresses

    assert problem in [check.id for check in run_checks()]


def test_addresses_that_make_sense_do_not(address: str, settings: Any) -> None:
    settings.EVENT_STREAMS = [address, "stdout:"]

    assert not [check.id for check in run_checks() if check.id.startswith("security.E00")]
