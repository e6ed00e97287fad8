"""The trail: what an entry costs its transaction, and how fast the chain is sealed and verified."""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django

ENTRIES, QUICK_ENTRIES = 1_000_000, 200_000
ROUNDS, INSERTS = 20, 200

# Entries as operations write them: a handful of acts, a fact or two, two or three organizations.
_FILL = """
INSERT INTO audit_entry (at, actor_kind, actor_id, act, subject_kind, subject_id, facts, within)
SELECT now() - (%(count)s - n) * interval '1 ms',
    'person', 'usr_01k4' || substr(md5((n %% 400)::text), 1, 22),
    (ARRAY['batch.planned', 'file.delivered', 'campaign.changed', 'serials.voided', 'person.signed_in'])[n %% 5 + 1],
    'batch', 'bat_01k4' || substr(md5((n / 20)::text), 1, 22),
    CASE n %% 3 WHEN 0 THEN jsonb_build_object('quantity', n, 'printer', 'prn_01k4' || substr(md5(n::text), 1, 22))
        WHEN 1 THEN jsonb_build_object('number', n %% 1000, 'rows', 1000000) ELSE '{}' END,
    ARRAY[n %% 40, 40 + n %% 60, 100 + n %% 10]
FROM generate_series(1, %(count)s) AS n
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--entries", type=int, help=f"how many ({ENTRIES:,}; with --quick {QUICK_ENTRIES:,})")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure one insert among others of its transaction, then seal and verify a long trail."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    count = options.entries or (QUICK_ENTRIES if options.quick else ENTRIES)
    insert_ms, round_trip_ms = _inserting()
    _fill(count)
    sealed, sealing = _sealing()
    verified, verifying = _verifying()
    return {
        "figures": {
            "entries": sealed,
            "insert_ms": round(insert_ms, 4),
            "round_trip_ms": round(round_trip_ms, 4),
            "sealed_per_s": round(sealed / sealing),
            "verified_per_s": round(verified / verifying),
        },
        "ratios": {},
    }


def _inserting() -> tuple[float, float]:
    """Give the milliseconds that `record` adds to a transaction under way, and those of an empty round trip."""
    from django.db import connection, transaction

    from portal.accounts.actors import SYSTEM, OrganizationKind
    from portal.accounts.models import Organization
    from portal.audit.operations import record
    from portal.core.db import prepared

    house = Organization.objects.create(kind=OrganizationKind.OPERATOR, name="Bench")
    now = datetime.now(UTC)

    def insert() -> None:
        record(SYSTEM, "house.praised", house, now=now, number=INSERTS, kind="bench")

    with transaction.atomic(), connection.cursor():
        rounds = [(_timed(insert), _timed(lambda: prepared("SELECT 1", {}))) for _round in range(ROUNDS)]
    # Neighbours on the machine only ever add; the quickest rounds say what the work itself takes.
    return sorted(ours for ours, _empty in rounds)[1], sorted(empty for _ours, empty in rounds)[1]


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _number in range(INSERTS):
        act()
    return (time.perf_counter() - started) / INSERTS * 1000


def _fill(count: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"count": count})
        cursor.execute("VACUUM ANALYZE audit_entry")


def _sealing() -> tuple[int, float]:
    from portal.audit.operations.sealing import seal_entries

    sealed, started = 0, time.perf_counter()
    while found := seal_entries(now=datetime.now(UTC)):
        sealed += found
    return sealed, time.perf_counter() - started


def _verifying() -> tuple[int, float]:
    from portal.audit.queries.verifying import verify_chain

    started = time.perf_counter()
    return verify_chain().links, time.perf_counter() - started
