"""The registry killed in the midst of a look-up, of a record and of an import: rows before and after."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from fraud.models import RegistryInquiry, RegistryRecord, RegistryTally, RegistryToken, Screening
from fraud.rules.decisions import ScreeningKind
from fraud.screening import consortium
from fraud.screening.consortium import NoAnswerError, Registry
from fraud.screening.finishing import ask_again
from fraud.screening.online import Answered, answer
from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.tenancy import EVERYWHERE, acting_within
from portal.privileges import Process
from tests.fraud.registry.process import SECRET, kill, killable_registry, registry_process
from tests.fraud.registry.scenes import report
from tests.fraud.registry.test_import_file import HEAD, document
from tests.makers_fraud import canonical, make_institution
from tests.processes import ROOT, on_these_engines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@contextmanager
def held(table: str) -> Iterator[None]:
    """Hold a table so that whoever writes to it stands still, until the block ends."""
    base = connection.settings_dict
    login = {"user": base["USER"], "password": base["PASSWORD"], "host": base["HOST"], "port": base["PORT"]}
    with psycopg.connect(dbname=base["NAME"], **login) as link:
        link.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_standing_still() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'",
            [Process.REGISTRY.role],
        )
        return bool(cursor.fetchone()[0])


def is_gone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [Process.REGISTRY.role])
        return not cursor.fetchone()[0]


def screened(bank: Any) -> Answered:
    with acting_within(EVERYWHERE):
        try:
            return answer(bank, canonical(), by=SYSTEM, clock=clock.now)
        finally:
            connections.close_all()


def ask_this(settings: Any, url: str) -> None:
    settings.REGISTRY_URL, settings.REGISTRY_SECRET = url, SECRET
    consortium.registry.cache_clear()
    consortium.consortium.cache_clear()


def asked() -> int:
    return sum(RegistryTally.objects.values_list("inquiries", flat=True))


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    consortium.registry.cache_clear()
    consortium.consortium.cache_clear()


def test_killed_in_mid_look_up_screening_degrades_and_asks_again_and_it_counts_once(settings: Any) -> None:
    bank = make_institution("bank-a", time_budget=30_000)
    with killable_registry() as (url, process), ThreadPoolExecutor(1) as thread:
        ask_this(settings, url)
        with held("fraud_registryinquiry"):
            waiting = thread.submit(partial(screened, bank))
            until(is_standing_still)
            kill(process)
            found = waiting.result()
    until(is_gone)

    first = Screening.objects.get()
    assert found.screened is not None
    assert (first.is_degraded, first.kind) == (True, ScreeningKind.FIRST)

    with registry_process() as url:
        ask_this(settings, url)
        done = ask_again(by=SYSTEM, clock=clock.now)
        again = ask_again(by=SYSTEM, clock=clock.now)

    assert (done, again) == (1, 0)
    assert Screening.objects.filter(kind=ScreeningKind.RECHECK, is_degraded=False).count() == 1
    assert (RegistryInquiry.objects.count(), asked()) == (1, 1)


def test_killed_in_mid_record_nothing_is_left_of_it_and_told_again_it_is_one_record() -> None:
    with killable_registry() as (url, process), ThreadPoolExecutor(1) as thread, held("fraud_registrytoken"):
        telling = thread.submit(Registry(url, SECRET).report, report())
        until(is_standing_still)
        kill(process)
        with pytest.raises(NoAnswerError):
            telling.result()
    until(is_gone)

    assert (RegistryRecord.objects.count(), RegistryToken.objects.count()) == (0, 0)

    with registry_process() as url:
        assert Registry(url, SECRET).report(report()).is_new
        assert not Registry(url, SECRET).report(report()).is_new

    assert (RegistryRecord.objects.count(), RegistryToken.objects.count()) == (1, 2)
    assert sum(RegistryTally.objects.values_list("records", flat=True)) == 1


def test_an_import_that_is_killed_in_mid_file_goes_on_and_takes_each_row_in_once(tmp_path: Path) -> None:
    make_institution("bank-a")
    records, mapping = tmp_path / "records.csv", tmp_path / "mapping.json"
    mapping.write_text(json.dumps(document()))
    rows = [f"R-{n},Jane,Smith {n:05},1971-01-02,,MU,2025-11-03\n" for n in range(4_000)]
    records.write_text(HEAD + "".join(rows))
    command = [sys.executable, "manage.py", "import_records", str(records)]
    command += ["--mapping", str(mapping), "--institution", "bank-a"]
    with registry_process() as url:
        own = {"PROCESS": "fraud-worker", "REGISTRY_URL": url, "REGISTRY_SECRET": SECRET}
        how: dict[str, Any] = {"env": on_these_engines() | own, "cwd": ROOT}
        process = subprocess.Popen(command, start_new_session=True, **how)
        until(lambda: RegistryRecord.objects.count() >= 1_000, 60)
        kill(process)
        before = RegistryRecord.objects.count()

        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **how)

    assert 1_000 <= before < 4_000
    assert RegistryRecord.objects.count() == 4_000
    assert sum(RegistryTally.objects.values_list("records", flat=True)) == 4_000
