"""Pages of retention, of holds and of somebody's data: who sees what, and that acts do what they say."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.models import Market, Member
from campaigns.retention import POLICIES
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.audit.models import Entry
from portal.core import clock
from portal.keys.models import Certificate
from portal.retention.models import LegalHold, RetentionPeriod
from portal.retention.operations.holds import hold_organization
from portal.retention.operations.runs import carry_out
from tests import makers
from tests.cast import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def privacy(mexico: Market) -> Actor:
    return makers.an_actor("Petra Privacy", Role.PRIVACY, mexico)


@pytest.fixture
def browser(privacy: Actor) -> Browser:
    return signed_in(privacy)


@pytest.fixture
def another(mexico: Market) -> Browser:
    return signed_in(makers.an_actor("Paul Privacy", Role.PRIVACY, mexico))


@pytest.fixture
def member(mexico: Market) -> Member:
    return makers.make_member(mexico, "ana@example.com", now=clock.now() - timedelta(days=1100))


def test_the_page_says_what_is_due_and_for_how_long_it_is_kept(browser: Browser, member: Member) -> None:
    page = browser.get("/retention/").content.decode()

    assert "What will go in the next six months?" in page
    assert "Who a member is, from their last redemption" in page
    assert "1,095" in page


def test_an_auditor_reads_and_changes_nothing(mexico: Market) -> None:
    auditor = signed_in(makers.an_actor("Aude Auditor", Role.AUDITOR, mexico))

    assert auditor.get("/retention/").status_code == 200
    assert auditor.get("/retention/members/days/").status_code == 403
    assert auditor.get("/retention/holds/new/").status_code == 403
    assert auditor.get("/subjects/").status_code == 403


def test_a_marketer_has_no_page_of_retention(mexico: Market) -> None:
    assert signed_in(makers.a_marketer(mexico)).get("/retention/").status_code == 403


def test_a_period_is_asked_for_and_approved_by_another(
    browser: Browser, another: Browser, mexico: Market
) -> None:
    answer = browser.post("/retention/members/days/", {"organization": mexico.pk, "days": "400"})
    own = browser.post(f"{answer.headers['Location']}approve/")
    other = another.post(f"{answer.headers['Location']}approve/")

    assert (own.status_code, other.status_code) == (403, 302)
    assert RetentionPeriod.objects.get().days == 400


@pytest.mark.parametrize("days", ["1", "99999", "", "many"])
def test_a_period_that_makes_no_sense_comes_back_with_words(
    browser: Browser, mexico: Market, days: str
) -> None:
    answer = browser.post("/retention/members/days/", {"organization": mexico.pk, "days": days})

    assert answer.status_code == 422
    assert not Approval.objects.exists()


def test_a_policy_that_does_not_exist_has_no_page(browser: Browser) -> None:
    assert browser.get("/retention/nothing/days/").status_code == 404


def test_a_hold_is_placed_at_once_and_lifted_by_two(
    browser: Browser, another: Browser, mexico: Market
) -> None:
    browser.post("/retention/holds/new/", {"organization": mexico.pk, "reason": "Case 7"})
    hold = LegalHold.objects.get()
    page = browser.get("/retention/").content.decode()

    asked = browser.post(f"/retention/holds/{hold.public_id}/lift/")
    another.post(f"{asked.headers['Location']}approve/")

    hold.refresh_from_db()
    assert "is on hold: nothing of it goes." in page
    assert hold.lifted_at is not None


def test_a_hold_of_another_market_is_not_found(browser: Browser, canada: Market, operator: Any) -> None:
    house = makers.an_actor("Otto Operator", Role.OPERATOR, makers.make_house())
    hold = hold_organization(canada, reason="Case 8", by=house, now=clock.now())

    assert browser.post(f"/retention/holds/{hold.public_id}/lift/").status_code == 404


def test_a_certificate_is_a_page_and_a_document(browser: Browser, member: Member, mexico: Market) -> None:
    run = carry_out(POLICIES[0], mexico, by=SYSTEM, clock=clock.now)
    address = f"/retention/certificates/{run.certificate}/"

    listed = browser.get("/retention/").content.decode()
    page = browser.get(address).content.decode()
    document = json.loads(browser.get(f"{address}?export=json").content)

    assert address in listed
    assert member.public_id in page
    assert (document["rows"], document["first"]) == (1, member.public_id)


def test_a_certificate_of_another_market_is_not_found(member: Member, mexico: Market, canada: Market) -> None:
    run = carry_out(POLICIES[0], mexico, by=SYSTEM, clock=clock.now)
    elsewhere = signed_in(makers.an_actor("Carl Privacy", Role.PRIVACY, canada))

    assert elsewhere.get(f"/retention/certificates/{run.certificate}/").status_code == 404
    assert elsewhere.get("/retention/certificates/cer_nothing/").status_code == 404


# ── Somebody's data ──────────────────────────────────────────────────────────────────────────────────────


def find(browser: Browser, mexico: Market, reference: str = "ana@example.com") -> Any:
    return browser.post("/subjects/", {"kind": "member", "organization": mexico.pk, "reference": reference})


def test_somebody_is_found_and_handed_out(browser: Browser, member: Member, mexico: Market) -> None:
    address = find(browser, mexico).headers["Location"]
    page = browser.get(address).content.decode()
    file = browser.post(f"{address}export/")
    paper = browser.post(f"{address}export/", {"as": "page"}).content.decode()

    assert address == f"/subjects/{member.public_id}/"
    assert "ana@example.com" not in page
    assert json.loads(file.content)["member"]["reference"] == "ana@example.com"
    assert "ana@example.com" in paper
    assert "no-store" in file.headers["Cache-Control"]
    assert Entry.objects.filter(act="subject.exported").count() == 2


def test_nothing_is_handed_out_by_following_a_link(browser: Browser, member: Member) -> None:
    answer = browser.get(f"/subjects/{member.public_id}/export/")

    assert answer.status_code == 302
    assert not Entry.objects.filter(act="subject.exported").exists()


def test_nobody_of_that_name_is_said_so(browser: Browser, member: Member, mexico: Market) -> None:
    answer = find(browser, mexico, "nobody@example.com")

    assert answer.status_code == 404
    assert "Nothing is held under this." in answer.content.decode()


@pytest.mark.parametrize("address", ["", "erase/", "export/", "hold/"])
def test_a_member_of_another_market_is_not_found(member: Member, canada: Market, address: str) -> None:
    elsewhere = signed_in(makers.an_actor("Carl Privacy", Role.PRIVACY, canada))

    assert elsewhere.get(f"/subjects/{member.public_id}/{address}").status_code == 404


def test_an_erasure_takes_two(browser: Browser, another: Browser, member: Member) -> None:
    asked = browser.post(f"/subjects/{member.public_id}/erase/")
    own = browser.post(f"{asked.headers['Location']}approve/")
    other = another.post(f"{asked.headers['Location']}approve/")

    member.refresh_from_db()
    assert (own.status_code, other.status_code) == (403, 302)
    assert member.erased_at is not None
    assert "This was erased." in browser.get(f"/subjects/{member.public_id}/").content.decode()


def test_of_what_was_erased_nothing_more_is_offered(
    browser: Browser, another: Browser, member: Member
) -> None:
    before = browser.get(f"/subjects/{member.public_id}/").content.decode()
    asked = browser.post(f"/subjects/{member.public_id}/erase/")
    another.post(f"{asked.headers['Location']}approve/")

    page = browser.get(f"/subjects/{member.public_id}/").content.decode()

    for offer in ("/export/", "/hold/", "/erase/"):
        assert offer in before
        assert offer not in page


def certificate_of_erasure(browser: Browser, another: Browser, member: Member) -> str:
    """Erase somebody, and give the address of the certificate."""
    asked = browser.post(f"/subjects/{member.public_id}/erase/")
    another.post(f"{asked.headers['Location']}approve/")
    return f"/retention/certificates/{Certificate.objects.get(subject=member.public_id).public_id}/"


def test_an_erasure_leaves_a_certificate_to_print_and_to_keep(
    browser: Browser, another: Browser, member: Member
) -> None:
    address = certificate_of_erasure(browser, another, member)

    linked = browser.get(f"/subjects/{member.public_id}/").content.decode()
    page = browser.get(address).content.decode()
    document = json.loads(browser.get(f"{address}?export=json").content)

    assert address in linked
    assert "Petra Privacy" in page
    assert "Paul Privacy" in page
    assert (document["certificate"], document["subject"]) == ("erasure", member.public_id)


def test_a_certificate_of_an_erasure_elsewhere_is_not_found(
    browser: Browser, another: Browser, member: Member, canada: Market
) -> None:
    address = certificate_of_erasure(browser, another, member)
    elsewhere = signed_in(makers.an_actor("Carl Privacy", Role.PRIVACY, canada))

    assert elsewhere.get(address).status_code == 404
    assert elsewhere.get(f"{address}?export=json").status_code == 404


def test_what_is_on_hold_is_not_offered_for_erasure_and_refused(browser: Browser, member: Member) -> None:
    browser.post(f"/subjects/{member.public_id}/hold/", {"reason": "Case 7"})

    page = browser.get(f"/subjects/{member.public_id}/").content.decode()
    answer = browser.post(f"/subjects/{member.public_id}/erase/")

    assert "A legal hold keeps this." in page
    assert "/erase/" not in page
    assert answer.status_code == 409
