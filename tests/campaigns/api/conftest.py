"""What the API's tests start from: two markets, a campaign with an active batch, and clients with keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from campaigns.models import Batch, BatchFile, Brand, Campaign, Market, Printer
from campaigns.operations.campaigns import CampaignFacts, create_campaign
from campaigns.operations.planning import Order, approve_batch, plan_batch
from campaigns.queries.codebooks import codebook, word_screen
from campaigns.rules.states import BatchState, FileState
from portal.accounts.actors import SYSTEM, Actor, Grant, OrganizationKind
from portal.accounts.models import Client, ClientKey, Organization, User
from portal.accounts.operations.clients import issue_key, register_client
from portal.accounts.roles import CLIENT_ACTS, Act, ClientKind
from portal.core import keys
from portal.core.actors import ActorKind

NOW = datetime.now(UTC)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LAYOUT = {
    "kind": "csv",
    "newline": "lf",
    "header": True,
    "columns": [{"name": "code", "source": "grouped"}],
    "url_template": "",
}


@pytest.fixture(autouse=True, scope="session")
def _key_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    if not settings.KEY_FILE.exists():
        settings.KEY_FILE = tmp_path_factory.mktemp("keys") / "keys.json"
        keys.make_key_file()


def everywhere(user: User) -> Actor:
    """An actor for a person who may do everything."""
    return Actor(ActorKind.PERSON, user.public_id, user.name, user.public_id, (Grant(frozenset(Act)),))


@dataclass
class World:
    """The cast and the stage."""

    planner: User
    approver: User
    market: Market
    brand: Brand
    printer: Printer
    campaign: Campaign
    batch: Batch

    def code(self, serial: int, campaign: Campaign | None = None) -> str:
        """Give a printed code."""
        campaign = campaign or self.campaign
        return campaign.format.printed(codebook(campaign).code_of(serial))

    def client(self, kind: ClientKind = ClientKind.WEBSITE, **more: Any) -> "Caller":
        within: Sequence[Organization] = (
            [self.printer] if kind is ClientKind.PRINTER else [self.market, self.brand]
        )
        return make_client(self.planner, kind, within, **more)


@dataclass
class Caller:
    """A client, its key, and a way to call with it."""

    client: Client
    key: ClientKey
    secret: str
    number: int = 0
    raises: bool = True

    @property
    def http(self) -> APIClient:
        http = APIClient(raise_request_exception=self.raises)
        http.credentials(HTTP_AUTHORIZATION=f"Bearer {self.secret}")
        return http

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> Any:
        self.number += 1
        sent: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": key or f"key-{self.number}", **headers}
        return self.http.post(f"/api/v1/{path}", body, format="json", **sent)

    def get(self, path: str) -> Any:
        return self.http.get(f"/api/v1/{path}")

    def redeem(self, code: str, member: str = "ext:1", *, key: str | None = None, **more: Any) -> Any:
        return self.post(
            "redemptions", {"code": code, "member": member, "campaign": "summer", **more}, key=key
        )


def make_client(person: User, kind: ClientKind, within: Sequence[Organization], name: str = "") -> Caller:
    by = everywhere(person)
    client = register_client(
        name or f"A {kind}", kind=kind, acts=CLIENT_ACTS[kind], organizations=within, by=by, now=NOW
    )
    key, secret = issue_key(client, by=by, now=NOW)
    return Caller(client, key, secret)


def make_person(name: str) -> User:
    return User.objects.create(email=f"{name}@example.com", name=name, created_at=NOW, password="!")


def make_market(code: str) -> Market:
    return Market.objects.create(
        kind=OrganizationKind.MARKET,
        name=f"Market {code}",
        code=code,
        time_zone="Europe/Paris",
        currency="EUR",
        language="fr",
        guess_odds_floor=1_000_000,
    )


def make_brand(code: str) -> Brand:
    return Brand.objects.create(kind=OrganizationKind.BRAND, name=f"Brand {code}", code=code)


def make_printer(name: str) -> Printer:
    return Printer.objects.create(
        kind=OrganizationKind.PRINTER,
        name=name,
        bucket="printer",
        recipients=["age1"],
        layout=LAYOUT,
        rows_per_file=600,
    )


def make_campaign(market: Market, brand: Brand, slug: str = "summer", **more: Any) -> Campaign:
    facts = {
        "name": slug.title(),
        "slug": slug,
        "opens": (NOW - timedelta(days=2)).replace(tzinfo=None, hour=12, minute=0, second=0, microsecond=0),
        "closes": (NOW + timedelta(days=90)).replace(tzinfo=None, hour=12, minute=0, second=0, microsecond=0),
        "points_per_code": 10,
        "expected_codes": 100_000,
        "alphabet": ALPHABET,
        "length": 12,
        "grouping": (4, 4, 4),
        **more,
    }
    return create_campaign(CampaignFacts(**facts), market=market, brand=brand, by=SYSTEM, now=NOW)


def make_delivered(campaign: Campaign, printer: Printer, planner: User, approver: User) -> Batch:
    """A delivered batch of two files of 600 codes, none of which the screen skipped."""
    batch = plan_batch(campaign, Order(printer=printer, quantity=1200), by=everywhere(planner), now=NOW)
    batch = approve_batch(batch, by=everywhere(approver), now=NOW)
    for file in batch.files.order_by("number"):
        file.last_serial = file.first_serial + file.rows - 1
        file.state, file.rows_done, file.sha256 = FileState.DELIVERED, file.rows, f"{file.number:064x}"
        file.save()
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.DELIVERED, delivered_at=NOW)
    batch.refresh_from_db()
    return batch


def word_in(batch: Batch) -> tuple[BatchFile, int]:
    """Find a serial whose code the word screen hits, and its file."""
    book, screen = codebook(batch.campaign), word_screen(batch.campaign)
    serials = ((file, file.first_serial + row) for file in batch.files.all() for row in range(file.rows))
    return next(found for found in serials if screen.hits_text(book.code_of(found[1])))


def in_state(batch: Batch, state: BatchState) -> Batch:
    Batch.objects.filter(pk=batch.pk).update(state=state)
    batch.refresh_from_db()
    return batch


@pytest.fixture
def world(transactional_db: None) -> World:
    planner, approver = make_person("planner"), make_person("approver")
    market, brand, printer = make_market("fr"), make_brand("cola"), make_printer("Press")
    campaign = make_campaign(market, brand)
    batch = in_state(make_delivered(campaign, printer, planner, approver), BatchState.ACTIVE)
    campaign.refresh_from_db()
    return World(planner, approver, market, brand, printer, campaign, batch)


@pytest.fixture
def website(world: World) -> Caller:
    return world.client()


@pytest.fixture
def desk(world: World) -> Caller:
    return world.client(ClientKind.SUPPORT_DESK)
