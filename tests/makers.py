"""Plain functions that set the scene for tests, through the same operations as everybody else.

Everything has a sensible default; a test names only what it is about. `NOW` is the moment at which tests play.
"""

import json
import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyrage

from campaigns.models import Batch, BatchFile, Brand, Campaign, Market, Member, Printer
from campaigns.operations.activation import activate_batch
from campaigns.operations.campaigns import CampaignFacts, create_campaign
from campaigns.operations.delivery import deliver_file, file_name
from campaigns.operations.manifests import finish_delivery
from campaigns.operations.parties import (
    MarketFacts,
    PrinterFacts,
    bucket_of,
    create_brand,
    create_market,
    create_printer,
)
from campaigns.operations.planning import Order, approve_batch, plan_batch
from campaigns.operations.receipts import acknowledge_batch
from campaigns.queries.codebooks import codebook
from campaigns.queries.members import member_place, member_scope, member_token
from campaigns.rules.alphabets import CROCKFORD
from portal.accounts.actors import SYSTEM, Actor, OrganizationKind
from portal.accounts.models import Client, Membership, Organization, User
from portal.accounts.operations.clients import issue_key, register_client
from portal.accounts.operations.people import create_person, grant_role
from portal.accounts.queries import actor_of, client_actor
from portal.accounts.roles import CLIENT_ACTS, Act, ClientKind, Role
from portal.core.ids import new_id
from portal.core.storage import Bucket
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import seal
from portal.keys.sealed import add_subject_key

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
# The printer's own key: what it opens, nobody else can read.
IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())

LAYOUT: dict[str, object] = {
    "kind": "csv",
    "newline": "lf",
    "header": True,
    "columns": [
        {"name": "code", "source": "grouped"},
        {"name": "serial", "source": "serial"},
        {"name": "control", "source": "control"},
        {"name": "file", "source": "file"},
    ],
}
MARKETS = {"mx": ("Mexico", "America/Mexico_City", "MXN"), "ca": ("Canada", "America/Toronto", "CAD")}


def still(now: datetime = NOW) -> Any:
    """Give a clock that stands still."""
    return lambda: now


# ── People and programs ──────────────────────────────────────────────────────────────────────────────────


def make_house() -> Organization:
    """The operator's organization, whose roles hold everywhere."""
    return Organization.objects.get_or_create(kind=OrganizationKind.OPERATOR, name="Countersign")[0]


def make_person(name: str, role: Role | None = None, *places: Organization) -> User:
    """Find or add a person by name, with a role in each place; they sign in with `PASSWORD`."""
    email = f"{name.replace(' ', '.').lower()}@example.com"
    user = User.objects.filter(email=email).first()
    user = user or create_person(email, name=name, password=PASSWORD, by=SYSTEM, now=NOW)
    for place in places:
        organization = Organization.objects.get(pk=place.pk)
        if role and not Membership.objects.filter(user=user, organization=organization, role=role).exists():
            grant_role(user, organization=organization, role=role, by=SYSTEM, now=NOW)
    return user


def an_actor(name: str, role: Role | None = None, *places: Organization) -> Actor:
    """A person as the actor that doors make of them."""
    return actor_of(make_person(name, role, *places))


def a_marketer(market: Market) -> Actor:
    return an_actor("Mariana Marketer", Role.MARKETER, market)


def an_approver(market: Market) -> Actor:
    return an_actor("Arturo Approver", Role.APPROVER, market)


def a_press_operator(printer: Printer) -> Actor:
    return an_actor("Pablo Press", Role.PRINTER, printer)


def make_client(
    kind: ClientKind,
    *places: Organization,
    acts: Iterable[Act] | None = None,
    issuer: Actor | None = None,
    name: str = "",
) -> Client:
    """Register a client of this kind within these places, with every act that its kind may hold."""
    issuer = issuer or an_actor("Olga Operator", Role.OPERATOR, make_house())
    return register_client(
        name or f"{kind} {secrets.token_hex(3)}",
        kind=kind,
        acts=CLIENT_ACTS[kind] if acts is None else acts,
        organizations=Organization.objects.filter(pk__in=[place.pk for place in places]),
        by=issuer,
        now=NOW,
    )


def client_with_key(
    kind: ClientKind, *places: Organization, acts: Iterable[Act] | None = None, issuer: Actor | None = None
) -> tuple[Client, str]:
    """Register a client and issue its first key, which is returned as the caller presents it."""
    client = make_client(kind, *places, acts=acts, issuer=issuer)
    _row, key = issue_key(client, by=issuer or SYSTEM, now=NOW)
    return client, key


def actor_behind(key: str, now: datetime = NOW) -> Actor:
    """The actor that a client's key makes."""
    found = client_actor(key, now=now)
    assert found is not None
    return found


# ── Markets, brands, printers, campaigns ─────────────────────────────────────────────────────────────────


def market_facts(code: str = "mx", **changes: Any) -> MarketFacts:
    name, zone, currency = MARKETS.get(code.lower(), (f"Market {code}", "Europe/Paris", "EUR"))
    facts = {"name": name, "code": code, "time_zone": zone, "currency": currency, "language": "en"}
    return MarketFacts(**{**facts, "guess_odds_floor": 1_000_000, **changes})


def make_market(code: str = "mx", **changes: Any) -> Market:
    """Find or set up a market."""
    there = Market.objects.filter(code=code).first()
    return there or create_market(market_facts(code, **changes), by=SYSTEM, now=NOW)


def make_brand(code: str = "lumo") -> Brand:
    """Find or set up a brand."""
    there = Brand.objects.filter(code=code).first()
    return there or create_brand(f"{code.title()} Cola", code=code, by=SYSTEM, now=NOW)


def printer_facts(**changes: Any) -> PrinterFacts:
    facts: dict[str, Any] = {
        "name": f"Imprenta {secrets.token_hex(3)}",
        "bucket": f"{os.environ.get('BUCKET_PREFIX', '')}press-{secrets.token_hex(6)}",
        "prefix": "countersign",
        "endpoint_url": "",
        "region": "",
        # Named in the environment by tests/engines.py.
        "credentials": "gate" if changes.get("endpoint_url") else "",
        "recipients": (RECIPIENT,),
        "contact_email": "press@example.com",
        "layout": LAYOUT,
        "rows_per_file": 100,
    }
    return PrinterFacts(**{**facts, **changes})


def make_printer(*, has_bucket: bool = True, **changes: Any) -> Printer:
    """Set up a printer that owns `IDENTITY`, and its bucket."""
    facts = printer_facts(**changes)
    if has_bucket:
        Bucket(facts.bucket).create()
    return create_printer(facts, by=SYSTEM, now=NOW)


def campaign_facts(**changes: Any) -> CampaignFacts:
    """Open since a fortnight, for three months; ten characters of which the last is a check character."""
    facts: dict[str, Any] = {
        "name": "Summer caps",
        "slug": f"summer-{secrets.token_hex(4)}",
        "opens": datetime(2026, 6, 1, 0, 0),
        "closes": datetime(2026, 9, 1, 0, 0),
        "points_per_code": 10,
        "expected_codes": 100_000,
        "alphabet": CROCKFORD,
        "length": 10,
        "grouping": (5, 5),
    }
    return CampaignFacts(**{**facts, **changes})


def make_campaign(*, market: Market | None = None, brand: Brand | None = None, **changes: Any) -> Campaign:
    facts = campaign_facts(**changes)
    return create_campaign(
        facts, market=market or make_market(), brand=brand or make_brand(), by=SYSTEM, now=NOW
    )


def make_member(market: Market, reference: str = "ext:1", *, now: datetime = NOW) -> Member:
    """A member of a market's programme, sealed as redemption does, who has redeemed nothing."""
    public_id = new_id("mem")
    key = add_subject_key(public_id, purpose=Purpose.MEMBERS, scope=member_scope(market.pk), now=now)
    return Member.objects.create(
        public_id=public_id,
        market=market,
        reference_token=member_token(market.pk, reference),
        sealed_reference=seal(key, reference.encode(), place=member_place(public_id)),
        created_at=now,
    )


# ── Batches, one step further each ───────────────────────────────────────────────────────────────────────


def planned_batch(
    campaign: Campaign | None = None,
    *,
    printer: Printer | None = None,
    by: Actor | None = None,
    quantity: int = 50,
    now: datetime = NOW,
    **order: Any,
) -> Batch:
    """Plan a batch, by a marketer of the market unless somebody else is named."""
    campaign = campaign or make_campaign()
    order = {"printer": printer or make_printer(), "quantity": quantity, **order}
    return plan_batch(campaign, Order(**order), by=by or a_marketer(campaign.market), now=now)


def approved_batch(campaign: Campaign | None = None, *, now: datetime = NOW, **order: Any) -> Batch:
    batch = planned_batch(campaign, now=now, **order)
    return approve_batch(batch, by=an_approver(batch.campaign.market), now=now)


def deliver(batch: Batch, *, now: datetime = NOW) -> Batch:
    """Do what the workers do: every file, then the manifest."""
    for file in batch.files.order_by("number"):
        deliver_file(file, by=SYSTEM, clock=still(now))
    return finish_delivery(fetched(batch), by=SYSTEM, clock=still(now))


def delivered_batch(campaign: Campaign | None = None, *, now: datetime = NOW, **order: Any) -> Batch:
    return deliver(approved_batch(campaign, now=now, **order), now=now)


def receipt_for(batch: Batch) -> dict[str, Any]:
    """What an honest printer answers to a delivery."""
    manifest = json.loads(batch.manifest)
    return {
        "sha256": {file["name"]: file["sha256"] for file in manifest["files"]},
        "count": manifest["quantity"],
    }


def acknowledged_batch(campaign: Campaign | None = None, *, now: datetime = NOW, **order: Any) -> Batch:
    batch = delivered_batch(campaign, now=now, **order)
    by = a_press_operator(batch.printer)
    return acknowledge_batch(batch, **receipt_for(batch), by=by, now=now)


def active_batch(campaign: Campaign | None = None, *, now: datetime = NOW, **order: Any) -> Batch:
    batch = acknowledged_batch(campaign, now=now, **order)
    return activate_batch(batch, by=a_marketer(batch.campaign.market), now=now)


# ── Looking at what came out ─────────────────────────────────────────────────────────────────────────────


def fetched(batch: Batch) -> Batch:
    """The batch as the database has it now, as a worker would fetch it."""
    return Batch.objects.select_related("campaign__market", "campaign__brand", "printer").get(pk=batch.pk)


def lying_there(batch: Batch, name: str) -> bytes | None:
    """What lies in the printer's bucket under this name of the batch's folder."""
    return bucket_of(batch.printer).get(batch.folder + name, 100_000_000)


def opened(file: BatchFile) -> bytes:
    """A file as the printer reads it: fetched from the bucket and decrypted."""
    content = lying_there(file.batch, file_name(file))
    assert content is not None
    return bytes(pyrage.decrypt(content, [IDENTITY]))


def rows_of(file: BatchFile) -> list[dict[str, str]]:
    """The rows of a CSV file with a header, by column."""
    header, *rows = opened(file).decode().splitlines()
    return [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]


def printed_codes(batch: Batch) -> list[str]:
    """Every code of a delivered batch, file after file, as printed."""
    files = batch.files.select_related("batch__campaign", "batch__printer").order_by("number")
    return [row["code"] for file in files for row in rows_of(file)]


def a_code(batch: Batch, place: int = 0) -> str:
    """The printed code of one serial of a batch that the word screen did not skip."""
    skipped = {serial for file in batch.files.all() for serial in file.skipped}
    serials = [serial for serial in range(batch.first_serial, batch.end_serial) if serial not in skipped]
    return batch.campaign.format.printed(codebook(batch.campaign).code_of(serials[place]))


def later(**span: float) -> datetime:
    """A moment after `NOW`."""
    return NOW + timedelta(**span)
