"""Who sees what: everybody their own places, the operator everything, an outsider nothing."""

import pytest

from campaigns.queries.batches import batches
from campaigns.queries.campaigns import campaigns
from campaigns.queries.parties import brands, markets, printers
from portal.accounts.actors import NOBODY, Actor, Grant, OrganizationKind
from portal.accounts.queries import clients, people
from portal.accounts.roles import ACTS, Act, ClientKind, Role
from portal.core.actors import ActorKind
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(press):
    return makers.planned_batch(printer=press)


def test_people_of_the_market_see_its_campaigns_and_batches(batch, marketer, approver, support, auditor):
    for actor in (marketer, approver, support, auditor):
        assert list(campaigns(actor)) == [batch.campaign]
        assert list(batches(actor)) == [batch]


def test_an_outsider_sees_none_of_it(batch, outsider):
    assert not campaigns(outsider).exists()
    assert not batches(outsider).exists()
    assert [market.code for market in markets(outsider)] == ["ca"]


def test_the_operator_sees_everything(batch, operator):
    assert list(campaigns(operator)) == [batch.campaign]
    assert list(printers(operator)) == [batch.printer]


def test_a_printer_sees_its_own_batches_and_no_campaigns(batch, printer):
    makers.planned_batch(batch.campaign)

    assert list(batches(printer)) == [batch]
    assert not campaigns(printer).exists()
    assert list(printers(printer)) == [batch.printer]


def test_a_client_sees_what_lies_in_both_its_market_and_its_brand(batch, mexico, lumo):
    other = makers.make_campaign(brand=makers.make_brand("fizz"))
    _client, key = makers.client_with_key(ClientKind.WEBSITE, mexico, lumo)

    assert list(campaigns(makers.actor_behind(key))) == [batch.campaign]
    assert other.market == mexico


def test_nobody_sees_nothing(batch):
    for rows in (campaigns(NOBODY), batches(NOBODY), markets(NOBODY), brands(NOBODY), people(NOBODY)):
        assert not rows.exists()


def test_people_are_seen_by_who_may_grant_roles(operator, marketer, auditor):
    assert people(operator).count() == 3
    assert not people(marketer).exists()


def test_clients_are_seen_by_the_people_of_their_market(operator, mexico, lumo, marketer, outsider):
    client = makers.make_client(ClientKind.WEBSITE, mexico, lumo, issuer=operator)

    assert list(clients(marketer)) == [client]
    assert not clients(outsider).exists()


def test_a_grant_limited_by_two_kinds_needs_both():
    within = {OrganizationKind.MARKET: frozenset({1}), OrganizationKind.BRAND: frozenset({2})}
    grant = Grant(frozenset({Act.CODE_REDEEM}), within)
    actor = Actor(kind=ActorKind.CLIENT, id="cli_1", label="", grants=(grant,))

    assert actor.may(Act.CODE_REDEEM, {OrganizationKind.MARKET: 1, OrganizationKind.BRAND: 2})
    assert not actor.may(Act.CODE_REDEEM, {OrganizationKind.MARKET: 1, OrganizationKind.BRAND: 3})
    assert not actor.may(Act.CODE_REDEEM, {OrganizationKind.MARKET: 1})


def test_no_role_but_the_approver_gives_the_second_signature():
    assert [role for role in Role if Act.BATCH_APPROVE in ACTS[role]] == [Role.APPROVER]
