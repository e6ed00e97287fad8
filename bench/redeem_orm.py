"""Redemption as one writes it with the ORM, to compare with; and the campaign that both redeem from."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from campaigns.models import Batch, BatchFile, Campaign, LedgerEntry, Member, Printer, Redemption, VoidRange
from campaigns.operations.campaigns import CampaignFacts, create_campaign
from campaigns.operations.parties import (
    MarketFacts,
    PrinterFacts,
    create_brand,
    create_market,
    create_printer,
)
from campaigns.queries.members import member_place, member_scope, member_token
from campaigns.rules.alphabets import UNAMBIGUOUS
from portal.accounts.actors import SYSTEM, Actor, OrganizationKind
from portal.accounts.models import Client, ClientKey, Organization, User
from portal.accounts.operations.clients import issue_key
from portal.accounts.roles import CLIENT_ACTS, ClientKind
from portal.core.ids import new_id
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import seal
from portal.keys.sealed import add_subject_key


def _new_member(campaign: Campaign, token: bytes, reference: str, now: datetime) -> Member:
    member = Member(market_id=campaign.market_id, reference_token=token, created_at=now)
    member.public_id = new_id("mem")
    scope = member_scope(campaign.market_id)
    key = add_subject_key(member.public_id, purpose=Purpose.MEMBERS, scope=scope, now=now)
    member.sealed_reference = seal(key, reference.encode(), place=member_place(member.public_id))
    member.save()
    return member


@transaction.atomic
def redeem_by_orm(campaign: Campaign, serial: int, reference: str, *, by: Actor, now: datetime) -> int:
    """Do what the operation does, each step a query of the ORM; give the balance."""
    if not ClientKey.objects.filter(pk=by.key_id or 0, revoked_at=None, client__disabled_at=None).exists():
        raise PermissionError
    batch = Batch.objects.select_for_update(of=("self",), no_key=True).get(
        campaign=campaign, first_serial__lte=serial, first_serial__gt=serial - F("serials"), state="active"
    )
    file = BatchFile.objects.filter(batch=batch, first_serial__lte=serial).order_by("-first_serial")[0]
    is_void = VoidRange.objects.filter(batch=batch, serials__contains=serial).exists()
    if is_void or serial in file.skipped or serial > (file.last_serial or 0):
        raise LookupError
    token = member_token(campaign.market_id, reference)
    member = Member.objects.filter(market_id=campaign.market_id, reference_token=token).first()
    member = member or _new_member(campaign, token, reference, now)
    member = Member.objects.select_for_update().get(pk=member.pk)
    try:
        redemption = Redemption.objects.create(
            campaign=campaign,
            serial=serial,
            batch=batch,
            member=member,
            client_id=by.client_id,
            points=campaign.points_per_code,
            redeemed_at=now,
        )
    except IntegrityError as error:
        raise LookupError from error
    member.balance += campaign.points_per_code
    member.save(update_fields=["balance"])
    LedgerEntry.objects.create(
        member=member,
        redemption=redemption,
        points=campaign.points_per_code,
        balance_after=member.balance,
        at=now,
    )
    return int(member.balance)


def a_campaign(now: datetime) -> tuple[Campaign, Printer]:
    """Set up a campaign that is open, and the printer of its codes."""
    market_facts: dict[str, Any] = {"name": "Bench", "code": "bench", "time_zone": "UTC", "currency": "EUR"}
    market = create_market(
        MarketFacts(**market_facts, language="en", guess_odds_floor=1_000_000), by=SYSTEM, now=now
    )
    brand = create_brand("Bench", code="bench", by=SYSTEM, now=now)
    layout = {"kind": "csv", "newline": "lf", "header": True, "columns": [{"name": "code", "source": "code"}]}
    recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    printer_facts: dict[str, Any] = {"name": "Bench", "bucket": "bench", "prefix": "", "endpoint_url": ""}
    printer_facts |= {"region": "", "credentials": "", "recipients": (recipient,), "contact_email": ""}
    printer = create_printer(
        PrinterFacts(**printer_facts, layout=layout, rows_per_file=100_000), by=SYSTEM, now=now
    )
    naive = now.replace(tzinfo=None)
    facts = CampaignFacts(
        name="Bench",
        slug="bench",
        opens=naive - timedelta(days=1),
        closes=naive + timedelta(days=1),
        points_per_code=10,
        expected_codes=1_000_000,
        alphabet=UNAMBIGUOUS,
        length=12,
        has_check=True,
        screens_words=False,
    )
    return create_campaign(facts, market=market, brand=brand, by=SYSTEM, now=now), printer


def a_client(campaign: Campaign, now: datetime) -> str:
    """Make a client that may ask as often as it likes, and give its key."""
    person = User.objects.create(email="bench@example.com", name="Bench", password="!", created_at=now)
    client = Client.objects.create(
        name="Bench",
        kind=ClientKind.WEBSITE,
        acts=sorted(CLIENT_ACTS[ClientKind.WEBSITE]),
        issued_by=person,
        created_at=now,
        requests_per_minute=2_000_000_000,
    )
    within = [OrganizationKind.MARKET, OrganizationKind.BRAND]
    client.organizations.set(Organization.objects.filter(kind__in=within))
    return issue_key(client, by=SYSTEM, now=now)[1]
