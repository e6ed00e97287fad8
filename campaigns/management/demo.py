"""The demonstration's story, told through the same operations as everything else."""

import json
import os
import random
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyrage
from django.conf import settings

from campaigns.models import Batch, Brand, Campaign, Market, Printer
from campaigns.operations.activation import activate_batch
from campaigns.operations.campaigns import CampaignFacts, create_campaign
from campaigns.operations.delivery import deliver_file
from campaigns.operations.manifests import finish_delivery, manifest_public_key
from campaigns.operations.parties import (
    MarketFacts,
    PrinterFacts,
    bucket_of,
    check_printer,
    create_brand,
    create_market,
    create_printer,
)
from campaigns.operations.planning import Order, approve_batch, plan_batch
from campaigns.operations.receipts import acknowledge_batch
from campaigns.operations.redemption import CodeRefusedError, redeem_code
from campaigns.queries.batches import files
from campaigns.queries.codebooks import codebook
from campaigns.rules.alphabets import CROCKFORD, UNAMBIGUOUS
from portal.accounts import factors
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.models import Organization, User
from portal.accounts.operations.clients import issue_key, register_client
from portal.accounts.operations.people import create_person, found_operator, grant_role
from portal.accounts.operations.second_factors import add_totp
from portal.accounts.queries import actor_of, client_actor, must_have_second_factor
from portal.accounts.roles import CLIENT_ACTS, ClientKind, Role
from portal.core import clock
from portal.core.storage import Bucket

Say = Callable[[str], Any]
REDEMPTIONS = 240
ROWS_PER_FILE = 250_000
LAYOUT: dict[str, object] = {
    "kind": "csv",
    "newline": "lf",
    "header": True,
    "url_template": "https://lumo.example/r/{code}",
    "columns": [
        {"name": "code", "source": "grouped"},
        {"name": "control", "source": "control"},
        {"name": "file", "source": "file"},
        {"name": "lot", "source": "lot"},
        {"name": "qr", "source": "url"},
    ],
}


def is_inhabited() -> bool:
    """Say whether anybody is here: the demonstration is only for an empty installation."""
    return User.objects.exists()


class Demo:
    """One seeding; the order of the steps is the story's order."""

    def __init__(self, *, now: datetime, folder: Path, say: Say) -> None:
        self.now = now
        self.folder = folder
        self.say = say
        self.users: dict[str, dict[str, str]] = {}
        self.clients: dict[str, dict[str, str]] = {}
        self.actors: dict[Role, Actor] = {}

    def seed(self, *, codes: int) -> dict[str, Any]:
        """Tell the whole story and return what `demo.json` holds."""
        self.say("people, markets and a printer")
        house = found_operator("Countersign", by=SYSTEM, now=self.now)
        self._person(Role.OPERATOR, house, "Olga Okafor")
        self.by = self.actors[Role.OPERATOR]
        mexico = self._market("Mexico", "mx", "America/Mexico_City", "MXN", "en")
        canada = self._market("Canada", "ca", "America/Toronto", "CAD", "fr")
        brand = create_brand("Lumo Cola", code="lumo", by=self.by, now=self.now)
        printer, identity_file = self._printer()
        self._people(house, mexico, canada, printer)
        campaign, waiting, active = self._campaigns(mexico, canada, brand, printer, codes)
        self._clients(mexico, canada, brand, printer)
        self.say(f"{REDEMPTIONS} redemptions of the last days")
        self._redeem(active)
        return self._facts(campaign, active, waiting, printer, identity_file)

    def _market(self, name: str, code: str, zone: str, currency: str, language: str) -> Market:
        facts = MarketFacts(
            name=name,
            code=code,
            time_zone=zone,
            currency=currency,
            language=language,
            guess_odds_floor=10_000_000,
        )
        return create_market(facts, by=self.by, now=self.now)

    def _printer(self) -> tuple[Printer, Path]:
        identity = pyrage.x25519.Identity.generate()
        identity_file = self.folder / "printer-identity.txt"
        descriptor = os.open(identity_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"# public key: {identity.to_public()}\n{identity}\n")
        Bucket("imprenta-norte").create()
        facts = PrinterFacts(
            name="Imprenta Norte",
            bucket="imprenta-norte",
            prefix="countersign",
            endpoint_url="",
            region="",
            credentials="",
            recipients=(str(identity.to_public()),),
            contact_email="prensa@imprenta-norte.example",
            layout=LAYOUT,
            rows_per_file=ROWS_PER_FILE,
        )
        printer = create_printer(facts, by=self.by, now=self.now)
        check_printer(printer, by=self.by, now=self.now)
        return printer, identity_file

    def _people(self, house: Organization, mexico: Market, canada: Market, printer: Printer) -> None:
        self._person(Role.MARKETER, mexico, "Mariana Reyes", canada)
        self._person(Role.APPROVER, mexico, "Arturo Peña", canada)
        self._person(Role.PRINTER, printer, "Pablo Ibarra")
        self._person(Role.SUPPORT, mexico, "Sofía Luna", canada)
        self._person(Role.FINANCE, mexico, "Félix Tremblay", canada)
        self._person(Role.AUDITOR, house, "Aude Lambert")
        # Somebody beside the operator who decides upon exports, keys and retention.
        self._person(Role.PRIVACY, house, "Priya Sharma")
        self._person(Role.ANALYST, house, "Anil Kapoor")
        self._person(Role.LEAD, house, "Léa Martin")

    def _person(self, role: Role, *places_and_name: Any) -> None:
        first, name, *others = places_and_name
        password = secrets.token_urlsafe(12)
        email = f"{role.value}@countersign.example"
        user = create_person(email, name=name, password=password, by=SYSTEM, now=self.now)
        for place in (first, *others):
            organization = Organization.objects.get(pk=place.pk)
            grant_role(user, organization=organization, role=role, by=SYSTEM, now=self.now)
        self.users[role.value] = {"email": email, "password": password}
        self.actors[role] = actor_of(user)
        if must_have_second_factor(self.actors[role]):
            self.users[role.value]["totp_secret"] = self._app_of(user)

    def _app_of(self, user: User) -> str:
        """Give somebody an authenticator app, an hour ago, so that its present code is not used up."""
        secret, then = factors.new_secret(), self.now - timedelta(hours=1)
        code = factors.code_at(secret, factors.step_at(then))
        add_totp(user, secret=secret, code=code, by=actor_of(user), now=then)
        return secret

    def _campaigns(
        self, mexico: Market, canada: Market, brand: Brand, printer: Printer, codes: int
    ) -> tuple[Campaign, Batch, Batch]:
        summer = self._campaign(mexico, brand, "Summer caps", "summer", UNAMBIGUOUS, days=(-30, 60))
        self._campaign(canada, brand, "Capsules d'hiver", "hiver", CROCKFORD, days=(14, 104))
        self.say(f"a batch of {codes:,} codes, generated, encrypted and delivered")
        active = self._active_batch(summer, printer, codes)
        order = Order(printer=printer, quantity=2_000_000, lot="S2")
        waiting = plan_batch(summer, order, by=self.actors[Role.MARKETER], now=self.now)
        return summer, waiting, active

    def _campaign(
        self, market: Market, brand: Brand, name: str, slug: str, alphabet: str, *, days: tuple[int, int]
    ) -> Campaign:
        today = self.now.astimezone(ZoneInfo(market.time_zone)).replace(
            hour=12, minute=0, second=0, microsecond=0, tzinfo=None
        )
        facts = CampaignFacts(
            name=name,
            slug=slug,
            opens=today + timedelta(days=days[0]),
            closes=today + timedelta(days=days[1]),
            points_per_code=10,
            expected_codes=12_000_000,
            alphabet=alphabet,
            length=12,
            grouping=(4, 4, 4),
        )
        marketer = self.actors[Role.MARKETER]
        return create_campaign(facts, market=market, brand=brand, by=marketer, now=self.now)

    def _active_batch(self, campaign: Campaign, printer: Printer, codes: int) -> Batch:
        ordered_at = self.now - timedelta(days=10)
        order = Order(printer=printer, quantity=codes, lot="S1")
        batch = plan_batch(campaign, order, by=self.actors[Role.MARKETER], now=ordered_at)
        batch = approve_batch(batch, by=self.actors[Role.APPROVER], now=ordered_at + timedelta(hours=3))
        started, clock_started_at = ordered_at + timedelta(hours=3), clock.now()

        def story_clock() -> datetime:
            """Run at the real pace, ten days ago."""
            return started + (clock.now() - clock_started_at)

        for file in files(batch):
            deliver_file(file, by=SYSTEM, clock=story_clock)
        batch = finish_delivery(batch, by=SYSTEM, clock=story_clock)
        hashes = {entry["name"]: entry["sha256"] for entry in json.loads(batch.manifest)["files"]}
        received_at = ordered_at + timedelta(days=1)
        batch = acknowledge_batch(
            batch, sha256=hashes, count=codes, by=self.actors[Role.PRINTER], now=received_at
        )
        return activate_batch(batch, by=self.actors[Role.MARKETER], now=received_at + timedelta(days=1))

    def _clients(self, mexico: Market, canada: Market, brand: Brand, printer: Printer) -> None:
        kinds: dict[str, tuple[str, ClientKind, list[Organization]]] = {
            "brand": ("Lumo website", ClientKind.WEBSITE, [mexico, canada, brand]),
            "printer": ("Imprenta Norte press room", ClientKind.PRINTER, [printer]),
        }
        for label, (name, kind, within) in kinds.items():
            client = register_client(
                name,
                kind=kind,
                acts=CLIENT_ACTS[kind],
                organizations=Organization.objects.filter(pk__in=[place.pk for place in within]),
                by=self.by,
                now=self.now - timedelta(days=9),
            )
            _row, key = issue_key(client, by=self.by, now=self.now - timedelta(days=9))
            self.clients[label] = {"key": key}

    def _redeem(self, batch: Batch) -> None:
        """Spend some codes over the last days, more towards the evenings, so that there is something to see."""
        website = client_actor(self.clients["brand"]["key"], now=self.now)
        if website is None:
            raise RuntimeError("The demonstration's own key does not open anything.")
        book, chance = codebook(batch.campaign), random.Random(7)  # noqa: S311 - picks which codes to show, guards nothing
        serials = chance.sample(range(batch.first_serial, batch.first_serial + batch.quantity), REDEMPTIONS)
        for number, serial in enumerate(serials):
            code = book.code_of(serial)
            hours_ago = chance.triangular(0.1, 7 * 24, 20)
            try:
                redeem_code(
                    code,
                    member=f"ext:{1000 + number % 150}",
                    campaign=batch.campaign.slug,
                    request_key=f"demo-{number}",
                    by=website,
                    now=self.now - timedelta(hours=hours_ago),
                )
            except CodeRefusedError:
                # A serial that the word screen skipped was never printed.
                continue

    def _facts(
        self, campaign: Campaign, active: Batch, waiting: Batch, printer: Printer, identity_file: Path
    ) -> dict[str, Any]:
        return {
            "url": settings.PUBLIC_URL,
            "users": self.users,
            "clients": self.clients,
            "s3": {
                "endpoint": settings.S3_ENDPOINT_URL,
                "region": settings.S3_REGION,
                "access_key": settings.S3_ACCESS_KEY,
                "secret_key": settings.S3_SECRET_KEY,
            },
            "printer": {
                "id": printer.public_id,
                "bucket": printer.bucket,
                "prefix": bucket_of(printer).prefix,
                "identity_file": str(identity_file),
                "manifest_public_key": manifest_public_key(),
            },
            "campaign": {"id": campaign.public_id, "slug": campaign.slug},
            "active_batch": active.public_id,
            "waiting_batch": waiting.public_id,
        }
