"""The trail with each process's own rights: one seals and anchors, another verifies, the others do not."""

import secrets

import pytest
from django.db import DatabaseError, transaction

from portal.accounts.actors import SYSTEM
from portal.audit import tasks
from portal.audit.models import Anchor, Link, Verification
from portal.audit.operations import record
from portal.audit.operations.anchoring import trail_bucket
from portal.audit.operations.sealing import seal_entries, seal_run
from portal.audit.runs import run_sources
from portal.core.keys import keyring
from portal.core.tenancy import EVERYWHERE, acting_within
from portal.privileges import GRANTED, Process
from tests import makers
from tests.makers import NOW
from tests.portal.audit.scenes import write
from tests.roles import acting_as

pytestmark = pytest.mark.django_db
WRITERS = [process for process in GRANTED if process is not Process.BEAT]


@pytest.fixture
def market():
    return makers.make_market()


def as_worker(process, act):
    """Run something as a worker does: with its role, and everybody's rows in reach."""
    with acting_within(EVERYWHERE), acting_as(process):
        return act()


@pytest.mark.parametrize("process", WRITERS)
def test_every_process_writes_down_what_it_does(market, process):
    with acting_as(process), transaction.atomic():
        record(SYSTEM, "market.praised", market, now=NOW)


def test_the_trail_worker_seals_entries_and_runs(market):
    write(market, 3)

    assert as_worker(Process.TRAIL, lambda: seal_entries(now=NOW)) == 4
    for source in run_sources().values():
        assert as_worker(Process.TRAIL, lambda source=source: seal_run(source, now=NOW)) == 0


@pytest.mark.parametrize("process", [process for process in WRITERS if process is not Process.TRAIL])
def test_nobody_else_seals(market, process):
    with (
        acting_as(process),
        pytest.raises((DatabaseError, PermissionError), match=r"permission denied|may not ask"),
    ):
        seal_entries(now=NOW)

    assert not Link.objects.exists()


def test_the_trail_worker_anchors_and_the_platform_worker_verifies(market, settings):
    settings.TRAIL_BUCKET = f"trail-{secrets.token_hex(6)}"
    trail_bucket().create()
    write(market, 3)
    as_worker(Process.TRAIL, tasks.seal)
    settings.PROCESS = "trail-worker"
    keyring.cache_clear()

    as_worker(Process.TRAIL, tasks.anchor)
    as_worker(Process.PLATFORM, tasks.verify_trail)
    keyring.cache_clear()

    assert Anchor.objects.get().put_at is not None
    assert (Verification.objects.get().problem, Verification.objects.get().links) == ("", 4)
