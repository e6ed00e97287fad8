"""Screening online: a decision over HTTP, and the look-up in the registry, among a million records and more."""

import argparse
import os
import secrets
from typing import Any

import django

from bench import screen_online
from bench import screen_registry as registry_load

RECORDS, QUICK_RECORDS = 1_000_000, 100_000
GROWN, QUICK_GROWN = 10_000_000, 300_000
LOOK_UPS, QUICK_LOOK_UPS = 3_000, 500
TOGETHER, QUICK_TOGETHER = 20_000, 2_000
PAIRS, QUICK_PAIRS = 2_000, 200
# Questions a second, one by one.
RATE = 50.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--records", type=int, help=f"records of the registry ({RECORDS:,})")
    parser.add_argument(
        "--grow", action="store_true", help=f"measure again among {GROWN:,}, which takes minutes"
    )
    parser.add_argument("--rate", type=float, default=RATE, help=f"look-ups a second ({RATE:g})")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure the parts of screening."""
    django.setup()
    from django.core.management import call_command

    os.environ["REGISTRY_SECRET"] = secrets.token_hex(32)
    call_command("migrate", verbosity=0)
    call_command("apply_privileges", verbosity=0)
    call_command("init_keys", verbosity=0)
    return look_ups(options)


def look_ups(options: argparse.Namespace) -> dict[str, Any]:
    """Measure look-ups among records, and among many more if that is asked for."""
    small = options.records or (QUICK_RECORDS if options.quick else RECORDS)
    grown = QUICK_GROWN if options.quick else GROWN
    sizes = [small, grown] if options.grow or options.quick else [small]
    figures: dict[str, Any] = {}
    p95: list[float] = []
    have = 0
    for size in sizes:
        rate = registry_load.fill(have, size)
        with registry_load.registry_server() as url:
            found = _measure(url, options)
            if size == small:
                found |= screen_online.measure(url, quick=options.quick)
        have = size
        p95.append(found["lookup_p95_ms"])
        mark = "" if size == small else "_grown"
        figures |= {f"records{mark}": size, f"records_filled_per_s{mark}": round(rate)}
        figures |= {f"{name}{mark}": value for name, value in registry_load.sizes().items()}
        figures |= {f"{name}{mark}": value for name, value in found.items()}
    name = f"growth_{_short(small)}_to_{_short(grown)}"
    ratios = {name: round(p95[1] / p95[0], 2)} if len(p95) > 1 else {}
    return {"figures": figures, "ratios": ratios}


def _short(records: int) -> str:
    """Write a number of records as the names of figures have it: 300k, 1m."""
    return f"{records // 1_000_000}m" if records >= 1_000_000 else f"{records // 1_000}k"


def _measure(url: str, options: argparse.Namespace) -> dict[str, float]:
    from fraud.screening.consortium import Registry

    registry = Registry(url, os.environ["REGISTRY_SECRET"])
    known = registry_load.tell_known(registry)
    registry_load.one_by_one(registry, registry_load.questions(known, 200), rate=100)
    asked = registry_load.questions(known, QUICK_LOOK_UPS if options.quick else LOOK_UPS)
    took = registry_load.one_by_one(registry, asked, rate=options.rate)
    hits, misses = registry_load.in_turn(registry, known, pairs=QUICK_PAIRS if options.quick else PAIRS)
    many = registry_load.questions(known, QUICK_TOGETHER if options.quick else TOGETHER)
    per_second = registry_load.together(registry, many)
    return {
        **{
            f"lookup_p{name}_ms": round(registry_load.percentile(took, share), 2)
            for name, share in (("50", 0.5), ("95", 0.95), ("99", 0.99))
        },
        # Of the same size on the wire, and of the same work: see docs/consortium.md.
        "lookup_hit_p50_ms": round(registry_load.percentile(hits, 0.5), 3),
        "lookup_miss_p50_ms": round(registry_load.percentile(misses, 0.5), 3),
        "lookups_together_per_s": round(per_second),
        "comparing_ms": round(registry_load.comparing(registry, many[1:200:3]), 2),
    }
