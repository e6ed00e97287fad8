"""Pages of members: found by reference or id, masked, with what they redeemed; revealed for a reason, on the record."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from campaigns.models import Batch, Market, Member
from campaigns.operations.redemption import redeem_code
from campaigns.retention import forget
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.core import clock
from tests import makers
from tests.cast import signed_in
from tests.makers import NOW

REFERENCE = "ana.perez@example.com"


@pytest.fixture
def batch(mexico: Market) -> Batch:
    return makers.active_batch(makers.make_campaign(market=mexico), quantity=100)


@pytest.fixture
def member(batch: Batch) -> Member:
    """Somebody who has redeemed a code."""
    redeem(batch, 0)
    return Member.objects.get()


def redeem(batch: Batch, number: int) -> None:
    redeem_code(makers.a_code(batch, number), member=REFERENCE, by=SYSTEM, now=NOW)


@pytest.fixture
def privacy_browser(privacy: Actor) -> Browser:
    return signed_in(privacy)


def page_of(member: Member) -> str:
    return f"/members/{member.public_id}/"


# ── Finding ──────────────────────────────────────────────────────────────────────────────────────────────


def test_support_finds_a_member_by_the_brands_reference(support_browser: Browser, member: Member) -> None:
    answer = support_browser.post("/members/", {"market": member.market.public_id, "member": REFERENCE})

    assert (answer.status_code, answer["Location"]) == (302, page_of(member))


def test_support_finds_a_member_by_id(support_browser: Browser, member: Member) -> None:
    answer = support_browser.post("/members/", {"member": member.public_id})

    assert answer["Location"] == page_of(member)


def test_the_only_market_of_somebody_is_chosen_already(support_browser: Browser, mexico: Market) -> None:
    page = support_browser.get("/members/").content.decode()

    assert f'<option value="{mexico.public_id}" selected>' in page


def test_a_reference_of_nobody_is_said_beside_the_field(support_browser: Browser, member: Member) -> None:
    answer = support_browser.post(
        "/members/", {"market": member.market.public_id, "member": "nobody@example.com"}
    )

    assert answer.status_code == 404
    assert "No member is known by this." in answer.content.decode()


def test_too_many_look_ups_are_refused(
    support_browser: Browser, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.operations.members.MOST_LOOK_UPS", 1)

    answers = [support_browser.post("/members/", {"member": member.public_id}) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 429]


@pytest.mark.parametrize("role", [Role.MARKETER, Role.APPROVER, Role.AUDITOR, Role.FINANCE])
def test_whoever_may_not_read_members_gets_neither_page_nor_link(member: Member, role: Role) -> None:
    browser = signed_in(makers.an_actor(f"Some {role}", role, member.market))

    assert [browser.get(page).status_code for page in ("/members/", page_of(member))] == [403, 403]
    assert 'href="/members/"' not in browser.get("/").content.decode()


def test_support_has_a_link_to_members(support_browser: Browser) -> None:
    assert 'href="/members/"' in support_browser.get("/").content.decode()


def test_the_search_finds_a_member_by_id_and_only_within_reach(
    support_browser: Browser, member: Member, canada: Market
) -> None:
    elsewhere = signed_in(makers.an_actor("Elsewhere", Role.SUPPORT, canada))
    address = f"/search/?q={member.public_id}"

    assert page_of(member) in support_browser.get(address).content.decode()
    assert page_of(member) not in elsewhere.get(address).content.decode()


# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_masks_the_reference_and_shows_what_was_redeemed(
    support_browser: Browser, member: Member, batch: Batch
) -> None:
    page = support_browser.get(page_of(member)).content.decode()

    assert "•••om" in page
    assert REFERENCE not in page
    assert f'href="/campaigns/{batch.campaign.public_id}/"' in page
    assert f'href="/batches/{batch.public_id}/"' in page
    assert "10 points" in page


def test_whoever_opens_the_page_is_written_down(
    support_browser: Browser, support: Actor, member: Member
) -> None:
    support_browser.get(page_of(member))

    entry = Entry.objects.get(act="member.read")
    assert (entry.actor_id, entry.subject_id) == (support.id, member.public_id)


def test_a_member_of_another_market_is_not_there(member: Member, canada: Market) -> None:
    elsewhere = signed_in(makers.an_actor("Elsewhere", Role.SUPPORT, canada))

    assert elsewhere.get(page_of(member)).status_code == 404


def test_a_privacy_officer_gets_no_links_that_would_lead_nowhere(
    privacy_browser: Browser, member: Member, batch: Batch
) -> None:
    page = privacy_browser.get(page_of(member)).content.decode()

    assert batch.campaign.name in page
    assert f"/campaigns/{batch.campaign.public_id}/" not in page
    assert f"/trail/?subject={member.public_id}" in page
    assert f"/members/{member.public_id}/reveal/" in page


def test_a_member_without_points_has_an_empty_list(support_browser: Browser, mexico: Market) -> None:
    page = support_browser.get(page_of(makers.make_member(mexico))).content.decode()

    assert "Nothing redeemed yet" in page


def test_a_full_page_costs_as_many_queries_as_a_short_one(
    support_browser: Browser, member: Member, batch: Batch
) -> None:
    support_browser.get(page_of(member))
    with CaptureQueriesContext(connection) as short:
        support_browser.get(page_of(member))
    for number in range(1, 30):
        redeem(batch, number)

    with CaptureQueriesContext(connection) as full:
        page = support_browser.get(page_of(member)).content.decode()

    assert len(full) == len(short)
    assert "page=2" in page


def test_an_erased_member_says_so(privacy_browser: Browser, member: Member) -> None:
    forget(member, now=NOW)

    page = privacy_browser.get(page_of(member)).content.decode()

    assert "This member was erased." in page
    assert "/reveal/" not in page


# ── Revealing ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_privacy_officer_reveals_a_reference_once_with_a_reason(
    privacy_browser: Browser, member: Member
) -> None:
    answer = privacy_browser.post(f"{page_of(member)}reveal/", {"reason": "complaint", "case": "T-4711"})

    assert REFERENCE in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.get(act="member.revealed").facts["case"] == "T-4711"
    assert REFERENCE not in privacy_browser.get(page_of(member)).content.decode()


def test_asking_to_reveal_shows_nothing_yet(privacy_browser: Browser, member: Member) -> None:
    page = privacy_browser.get(f"{page_of(member)}reveal/").content.decode()

    assert REFERENCE not in page
    assert not Entry.objects.filter(act="member.revealed").exists()


def test_refuses_to_reveal_without_a_reason(privacy_browser: Browser, member: Member) -> None:
    answer = privacy_browser.post(f"{page_of(member)}reveal/", {"reason": ""})

    assert answer.status_code == 422
    assert REFERENCE not in answer.content.decode()


def test_revealing_asks_for_a_fresh_second_factor(
    privacy_browser: Browser, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))

    answer = privacy_browser.post(f"{page_of(member)}reveal/", {"reason": "complaint"})

    assert answer.status_code == 302
    assert not Entry.objects.filter(act="member.revealed").exists()


def test_support_does_not_reveal(support_browser: Browser, member: Member) -> None:
    answer = support_browser.post(f"{page_of(member)}reveal/", {"reason": "complaint"})

    assert answer.status_code == 403


def test_an_erased_member_is_not_revealed(privacy_browser: Browser, member: Member) -> None:
    forget(member, now=NOW)

    answer = privacy_browser.post(f"{page_of(member)}reveal/", {"reason": "complaint"})

    assert answer.status_code == 410
