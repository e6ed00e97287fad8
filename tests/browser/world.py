"""A portal with one thing of each kind in it, for walks through every page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.urls import URLPattern, reverse

import campaigns.urls
import portal.web.urls
from campaigns.models import Batch, Market, Member, Printer
from campaigns.operations.parties import check_printer
from campaigns.operations.redemption import redeem_code
from campaigns.operations.voiding import void_serials
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.models import Client, Organization, User
from portal.accounts.roles import ClientKind, Role
from tests import makers
from tests.browser.ground import Ground, an_entry, make_ground
from tests.cast import give_second_factor

# A browser takes these for downloads.
FILES = {"batch-manifest", "batch-signature"}


@dataclass(frozen=True)
class World:
    """One thing of each kind, a batch in each state that looks different, and who may look."""

    market: Market
    printer: Printer
    batches: list[Batch]
    member: Member
    client: Client
    person: User
    ground: Ground

    def addresses(self, who: Actor) -> Iterator[str]:
        """Every address that this person may be able to open, with something behind it."""
        campaign = self.batches[0].campaign
        ids = {
            "market": self.market.public_id,
            "brand": campaign.brand.public_id,
            "printer": self.printer.public_id,
            "campaign": campaign.public_id,
            "batch": self.batches[-1].public_id,
            "member": self.member.public_id,
            "person": self.person.public_id,
            "client": self.client.public_id,
            "role": self.person.public_id,
            "key": self.client.public_id,
            "signing": self.client.public_id,
            **self.ground.ids,
        }
        for pattern in _pages():
            name = str(pattern.name)
            if name in FILES:
                continue
            kind = name.split("-", maxsplit=1)[0]
            arguments = self._arguments(who) | {"public_id": ids.get(kind, "nothing")}
            if kind == "signing":
                arguments["key_id"] = self.ground.signing_key
            if kind == "person":
                arguments["factor_id"] = _factor_of(self.person.public_id)
            wanted = pattern.pattern.regex.groupindex
            yield reverse(name, kwargs={each: arguments[each] for each in wanted})
        yield from (reverse("batch", args=[batch.public_id]) for batch in self.batches)
        order = f"?campaign={campaign.public_id}&printer={self.printer.public_id}&quantity=1000"
        yield from (reverse("batch-new") + order, "/batches/?q=nothing", "/search/?q=summer")
        yield from self.ground.more

    def _arguments(self, who: Actor) -> dict[str, Any]:
        """What addresses hold beside the id of what they are about."""
        return {
            "membership_id": self.person.memberships.get().pk,
            "key_id": self.client.keys.get().public_id,
            "entry_id": an_entry(),
            "factor_id": _factor_of(who.person),
            "session_id": 0,
            "token": "nothing",
            "name": "members",
            "purpose": "certificates",
        }


def _factor_of(person: str) -> int:
    factor = Authenticator.objects.filter(user__public_id=person).first()
    return factor.pk if factor else 0


def _pages() -> Iterator[URLPattern]:
    for pattern in [*portal.web.urls.urlpatterns, *campaigns.urls.urlpatterns]:
        assert isinstance(pattern, URLPattern)
        yield pattern


def make_world() -> World:
    """Set it up, through the operations."""
    market = makers.make_market()
    campaign = makers.make_campaign(market=market)
    printer = makers.make_printer(name="Imprenta Norte")
    order: dict[str, Any] = {"printer": printer, "quantity": 12, "lot": "S1"}
    states = (
        makers.planned_batch,
        makers.approved_batch,
        makers.delivered_batch,
        makers.acknowledged_batch,
        makers.active_batch,
    )
    batches = [made(campaign, **order) for made in states]
    marketer = makers.a_marketer(market)
    first = batches[-1].first_serial
    void_serials(batches[-1], first=first, last=first + 2, reason="Reel 14", by=marketer, now=makers.NOW)
    spent = redeem_code(makers.a_code(batches[-1], 5), member="ext:5", by=SYSTEM, now=makers.NOW)
    member = Member.objects.get(redemptions__public_id=spent.public_id)
    operator = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    check_printer(printer, by=operator, now=makers.NOW)
    client, _key = makers.client_with_key(ClientKind.WEBSITE, market, campaign.brand)
    person = makers.make_person("Maximiliana", Role.SUPPORT, market)
    give_second_factor(person)
    User.objects.filter(pk=person.pk).update(email="a" * 60 + "@a-rather-long-domain-name.example")
    ground = make_ground(
        market, campaign.brand, client, operator=someone_at(Role.OPERATOR, makers.make_house())
    )
    return World(market, printer, batches, member, client, person, ground)


def someone(role: Role, world: World) -> Actor:
    places = {Role.OPERATOR: makers.make_house(), Role.PRINTER: world.printer}
    return someone_at(role, places.get(role, world.market))


def someone_at(role: Role, place: Organization) -> Actor:
    return makers.an_actor(f"Somebody {role}", role, place)
