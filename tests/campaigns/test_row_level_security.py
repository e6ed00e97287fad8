"""The database keeps one tenant's rows from another, also from a query that forgot its scope."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import ProgrammingError, transaction
from psycopg import errors

from campaigns.models import Batch, BatchFile, Campaign, LedgerEntry, Member, Redemption, VoidRange
from campaigns.operations.redemption import redeem_code
from campaigns.operations.voiding import void_serials
from portal.accounts.actors import Actor
from portal.accounts.roles import ClientKind
from portal.core.tenancy import EVERYWHERE, NOTHING, acting_within, organizations
from portal.privileges import Process
from tests import makers
from tests.makers import NOW
from tests.roles import acting_as, connected_as

pytestmark = pytest.mark.django_db

TABLES = (Campaign, Batch, BatchFile, VoidRange, Member, Redemption, LedgerEntry)


def a_story(market: str, member: str) -> Batch:
    """A campaign of a market with a batch, a void range, and a code that a member redeemed."""
    place = makers.make_market(market)
    brand = makers.make_brand(f"brand-{market}")
    batch = makers.active_batch(makers.make_campaign(market=place, brand=brand))
    void_serials(batch, first=40, last=42, reason="stolen", by=makers.a_marketer(place), now=NOW)
    website = a_website(batch)
    redeem_code(makers.a_code(batch), member=member, by=website, now=NOW)
    return batch


def a_website(batch: Batch) -> Actor:
    campaign = batch.campaign
    return makers.actor_behind(makers.client_with_key(ClientKind.WEBSITE, campaign.market, campaign.brand)[1])


@pytest.fixture
def here() -> Batch:
    return a_story("mx", "ext:here")


@pytest.fixture
def there() -> Batch:
    return a_story("ca", "ext:there")


@pytest.fixture
def as_web(here: Batch, there: Batch) -> Iterator[None]:
    with acting_as(Process.WEB):
        yield


def reached() -> dict[str, int]:
    """How many rows of each table a query without any scope finds."""
    return {model.__name__: model.objects.count() for model in TABLES}


@pytest.mark.usefixtures("as_web")
def test_a_query_without_a_tenant_finds_nothing() -> None:
    with acting_within(NOTHING):
        assert reached() == dict.fromkeys((model.__name__ for model in TABLES), 0)


@pytest.mark.usefixtures("as_web")
def test_whoever_acts_everywhere_finds_everything() -> None:
    with acting_within(EVERYWHERE):
        assert min(reached().values()) == 2


@pytest.mark.usefixtures("as_web")
@pytest.mark.parametrize("kind", ["market", "brand"])
def test_a_market_and_a_brand_find_their_own_rows_and_no_others(here: Batch, kind: str) -> None:
    with acting_within(organizations([getattr(here.campaign, f"{kind}_id")])):
        assert reached() == dict.fromkeys((model.__name__ for model in TABLES), 1)
        assert Campaign.objects.get().pk == here.campaign_id
        assert Member.objects.get().market_id == here.campaign.market_id


@pytest.mark.usefixtures("as_web")
def test_a_printer_finds_what_it_prints(here: Batch) -> None:
    with acting_within(organizations([here.printer_id])):
        assert reached() == {
            "Campaign": 1, "Batch": 1, "BatchFile": 1, "VoidRange": 1, "Member": 0, "Redemption": 0, "LedgerEntry": 0
        }  # fmt: skip


def test_a_printer_does_not_find_what_another_prints_for_the_same_campaign(here: Batch) -> None:
    other = makers.planned_batch(here.campaign)

    with acting_as(Process.WEB), acting_within(organizations([other.printer_id])):
        assert list(Batch.objects.values_list("pk", flat=True)) == [other.pk]
        assert not Redemption.objects.exists()


@pytest.mark.usefixtures("as_web")
def test_two_markets_find_both() -> None:
    with acting_within(EVERYWHERE):
        ids = list(Campaign.objects.values_list("market_id", flat=True))

    with acting_within(organizations(ids)):
        assert min(reached().values()) == 2


@pytest.mark.usefixtures("as_web")
def test_what_is_not_in_reach_is_not_changed_either(here: Batch, there: Batch) -> None:
    with acting_within(organizations([here.campaign.market_id])):
        changed = Batch.objects.filter(pk__in=[here.pk, there.pk]).update(lot="mine")

    assert changed == 1


@pytest.mark.usefixtures("as_web")
def test_no_row_is_left_with_another_tenant(here: Batch, there: Batch) -> None:
    stray = Member(
        market_id=there.campaign.market_id,
        reference_token=bytes(16),
        sealed_reference=bytes(60),
        created_at=NOW,
    )

    with (
        acting_within(organizations([here.campaign.market_id])),
        pytest.raises(ProgrammingError, match="violates row-level security policy"),
        transaction.atomic(),
    ):
        stray.save(force_insert=True)


@pytest.mark.parametrize("process", [Process.WEB, Process.REDEEM])
def test_redeems_for_new_and_known_members_under_the_policies(here: Batch, process: Process) -> None:
    website = a_website(here)

    with acting_as(process), acting_within(website.tenants):
        first = redeem_code(makers.a_code(here, 1), member="ext:new", by=website, now=NOW)
        second = redeem_code(makers.a_code(here, 2), member="ext:new", by=website, now=NOW)

    assert (first.balance, second.balance) == (10, 20)


@pytest.mark.django_db(transaction=True)
def test_a_connection_of_its_own_finds_nothing_until_it_says_for_whom() -> None:
    batch = a_story("mx", "ext:here")

    with connected_as(Process.WEB) as link:
        assert counted(link) == 0
        link.execute("SELECT set_config('countersign.tenants', %s, false)", [str(batch.campaign.market_id)])
        assert counted(link) == 1
        link.execute("RESET countersign.tenants")
        assert counted(link) == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_of_files_finds_its_work_and_no_members() -> None:
    a_story("mx", "ext:here")

    with connected_as(Process.CAMPAIGNS) as link:
        link.execute("SELECT set_config('countersign.tenants', '*', false)")
        assert link.execute("SELECT count(*) FROM campaigns_batchfile").fetchone() == (1,)
        with pytest.raises(errors.InsufficientPrivilege):
            counted(link)


def counted(link: "psycopg.Connection[tuple[int]]") -> int:
    (count,) = link.execute("SELECT count(*) FROM campaigns_member").fetchall()[0]
    return count
