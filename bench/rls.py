"""Row-level security: what the policies cost a redemption and list pages, beside the owner, who is above them."""

import argparse
import copy
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import django
import psycopg

from bench.redeem import Stage, _member, _over_http, _server, _set_up

# A country's worth: campaigns in many markets, and a table of redemptions that no longer fits a few pages.
MARKETS, CAMPAIGNS, REDEMPTIONS, QUICK_REDEMPTIONS = 20, 200, 400_000, 100_000

_MARKETS = """
WITH made AS (
    INSERT INTO accounts_organization (public_id, kind, name)
    SELECT 'org_m' || n, 'market', 'Market ' || n FROM generate_series(1, %(markets)s) n RETURNING id, public_id
)
INSERT INTO campaigns_market (organization_ptr_id, code, time_zone, currency, language, guess_odds_floor)
SELECT id, public_id, 'UTC', 'EUR', 'en', 1000000 FROM made
"""
# Copies of the campaign of the bench, each with copies of its batch, in the other markets.
_CAMPAIGNS = """
INSERT INTO campaigns_campaign
SELECT (jsonb_populate_record(campaign, jsonb_build_object('id', nextval('campaigns_campaign_id_seq'),
    'public_id', 'cmp_b' || n, 'slug', 'bench-' || n, 'market_id', market.organization_ptr_id))).*
FROM campaigns_campaign campaign, generate_series(1, %(campaigns)s) n
JOIN campaigns_market market ON market.code = 'org_m' || (n %% %(markets)s + 1)
WHERE campaign.slug = 'bench'
"""
_BATCHES = """
INSERT INTO campaigns_batch
SELECT (jsonb_populate_record(batch, jsonb_build_object('id', nextval('campaigns_batch_id_seq'),
    'public_id', 'bat_b' || copy.id, 'campaign_id', copy.id))).*
FROM campaigns_batch batch, campaigns_campaign copy WHERE batch.public_id NOT LIKE 'bat_b%%' AND copy.slug <> 'bench'
"""
_REDEMPTIONS = """
WITH place AS (
    SELECT row_number() OVER (ORDER BY batch.id) - 1 AS number, campaign_id, batch.id, market_id
    FROM campaigns_batch batch JOIN campaigns_campaign campaign ON campaign.id = campaign_id WHERE slug <> 'bench'
), holder AS (
    INSERT INTO campaigns_member (public_id, market_id, reference_token, sealed_reference, balance, created_at)
    SELECT 'mem_b' || market_id, market_id, decode(md5(market_id::text), 'hex'), '\\x00', 0, now()
    FROM (SELECT DISTINCT market_id FROM place) RETURNING id, market_id
)
INSERT INTO campaigns_redemption
    (public_id, campaign_id, serial, batch_id, member_id, request_key, points, redeemed_at)
SELECT 'red_b' || n, campaign_id, n, place.id, holder.id, '', 10, now() - n * interval '1 second'
FROM generate_series(1, %(redemptions)s) n
JOIN place ON place.number = n %% %(campaigns)s JOIN holder USING (market_id)
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--rounds", type=int, default=2000, help="redemptions under policies, and without (2000)"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure as the web process and as the owner, who is above policies, in turns; give both, and what they add."""
    django.setup()
    from django.core.management import call_command

    stage = _set_up()
    call_command("apply_privileges", verbosity=0)
    rounds = 400 if options.quick else options.rounds
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        _fill(owner, QUICK_REDEMPTIONS if options.quick else REDEMPTIONS)
        _connect_as_both()
        works = _works(stage)
        _in_turns(200, works["redeem"])
        # Tables that have just begun to fill lead the planner astray.
        owner.execute("VACUUM ANALYZE")
        found = {
            name: _in_turns(rounds if name == "redeem" else rounds // 20, work)
            for name, work in works.items()
        }
    over_http = _http(stage, 1.5 if options.quick else 5.0)
    return {
        "figures": {
            f"{name}_{how}_ms": round(ms, 3) for name, each in found.items() for how, ms in each.items()
        }
        | {f"http_{how}_per_s": round(rate, 1) for how, rate in over_http.items()},
        "ratios": {f"overhead_{name}": round(each["on"] / each["off"] - 1, 3) for name, each in found.items()}
        | {"overhead_http": round(over_http["off"] / over_http["on"] - 1, 3)},
    }


def _fill(owner: "psycopg.Connection[Any]", redemptions: int) -> None:
    values = {"markets": MARKETS, "campaigns": CAMPAIGNS, "redemptions": redemptions}
    for statement in (_MARKETS, _CAMPAIGNS, _BATCHES, _REDEMPTIONS):
        owner.execute(statement, values)
    owner.execute("VACUUM ANALYZE")


def _connect_as_both() -> None:
    """Make two connections of the one that the settings describe: "on" as the web process, "off" as the owner."""
    from django.conf import settings
    from django.db import connections

    from portal.privileges import Process

    role = Process.WEB.role
    base = connections["default"].settings_dict
    web = {"USER": role, "PASSWORD": settings.DATABASE_PASSWORDS[role]}
    connections.databases["on"] = copy.deepcopy(base) | web
    connections.databases["off"] = copy.deepcopy(base)


def _works(stage: Stage) -> dict[str, Callable[[], object]]:
    """What is measured, with the tenants of whoever does it."""
    from campaigns.models import Market
    from campaigns.operations.redemption import redeem_code
    from campaigns.queries.figures import batch_figures, campaign_figures
    from portal.accounts.actors import Actor, Grant, OrganizationKind
    from portal.accounts.roles import ACTS, Role
    from portal.core.actors import ActorKind
    from portal.core.tenancy import acting_within

    market = Market.objects.get(code="org_m1")
    grant = Grant(ACTS[Role.MARKETER], {OrganizationKind.MARKET: frozenset({market.pk})})
    marketer = Actor(kind=ActorKind.PERSON, id="usr_bench", label="", grants=(grant,))

    def redeem() -> None:
        with acting_within(stage.actor.tenants):
            redeem_code(stage.code(), member=_member(), campaign="bench", by=stage.actor, now=stage.now)

    def campaigns() -> None:
        with acting_within(marketer.tenants):
            list(campaign_figures(marketer, now=stage.now).order_by("-pk")[:25])

    def batches() -> None:
        with acting_within(marketer.tenants):
            list(batch_figures(marketer)[:25])

    return {"redeem": redeem, "campaigns": campaigns, "batches": batches}


def _in_turns(rounds: int, work: Callable[[], object]) -> dict[str, float]:
    """Give the median milliseconds of one, under policies and without; the two take turns, so noise meets both."""
    from django.db import connections

    seen: dict[str, list[float]] = {"on": [], "off": []}
    own = connections["default"]
    try:
        for number in range(rounds):
            for how in ("on", "off") if number % 2 else ("off", "on"):
                connections["default"] = connections[how]
                begun = time.perf_counter()
                work()
                seen[how].append(time.perf_counter() - begun)
    finally:
        connections["default"] = own
    return {how: median(each) * 1000 for how, each in seen.items()}


def _http(stage: Stage, seconds: float) -> dict[str, float]:
    """Give redemptions a second over HTTP at the peak, the best of three runs each, by two servers in turns."""
    from portal.privileges import Process
    from portal.stack.processes import own

    workers = min(4, os.cpu_count() or 1)
    web = own(Process.WEB, os.environ)["DATABASE_URL"]
    best = {"on": 0.0, "off": 0.0}
    with _server(workers, DATABASE_URL=web) as policed, _server(workers) as exempt:
        ports = {"on": policed, "off": exempt}
        for how in ("off", "on", "on", "off", "off", "on"):
            peak, _empty, _paced = _over_http(stage, ports[how], seconds)
            best[how] = max(best[how], peak.per_second)
    return best
