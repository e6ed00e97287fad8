"""The pages of the trail: who sees what, how a thing is followed, and how a stretch of it is taken away."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal.accounts.actors import SYSTEM
from portal.accounts.roles import Role
from portal.accounts.trail import trail
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request
from portal.approvals.trail_exports import DOWNLOADABLE, ask_for_export, may_download
from portal.audit.models import Entry, Link
from portal.audit.operations.verification import Outcome, note_verification
from portal.audit.queries.exporting import export_lines
from portal.core import clock
from portal.core.errors import ForbiddenError, FourEyesError, InvalidError
from portal.crypto.chain import Break, BreakKind, ChainError, verify_export
from tests import makers
from tests.cast import signed_in
from tests.makers import NOW
from tests.portal.audit.scenes import seal_all, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db):
    return makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())


@pytest.fixture
def marketer(mexico):
    return makers.a_marketer(mexico)


@pytest.fixture
def sealed_batch(mexico):
    batch = makers.planned_batch()
    write(makers.make_market("ca"), 2)
    seal_all()
    return batch


def privacy_officer():
    return makers.an_actor("Petra Privacy", Role.PRIVACY, makers.make_house())


def test_the_page_shows_entries_in_words_with_their_place_in_the_chain(operator, sealed_batch):
    page = signed_in(operator).get(reverse("trail")).content.decode()

    assert "planned the batch" in page
    assert str(Link.objects.get(entry__act="batch.planned"))[:6] in page


def test_the_page_says_what_is_not_sealed_yet(operator, mexico):
    write(mexico)

    assert "Not yet" in signed_in(operator).get(reverse("trail")).content.decode()


def test_a_market_reads_its_own_trail_alone(approver, sealed_batch):
    rows = trail(approver)

    assert rows.filter(subject_id=sealed_batch.public_id).exists()
    assert not rows.filter(act="market.praised").exists()


def test_whoever_reads_everywhere_reads_everything(operator, sealed_batch):
    assert trail(operator).count() == Entry.objects.count()


def test_somebody_without_the_act_reads_nothing(marketer, sealed_batch):
    assert not trail(marketer).exists()
    assert signed_in(marketer).get(reverse("trail")).status_code == 403


def test_an_entry_of_another_market_is_not_found(approver, sealed_batch):
    entry = Entry.objects.filter(act="market.praised").first()

    assert signed_in(approver).get(reverse("trail-entry", args=[entry.pk])).status_code == 404


def test_an_entry_shows_the_text_that_was_hashed(operator, sealed_batch):
    entry = Entry.objects.get(act="batch.planned")

    page = signed_in(operator).get(reverse("trail-entry", args=[entry.pk])).content.decode()

    assert bytes(entry.link.digest).hex() in page
    assert f"&quot;subject_id&quot;:&quot;{sealed_batch.public_id}&quot;" in page


@pytest.mark.parametrize(
    "narrowing",
    [
        lambda batch: {"subject": batch.public_id},
        lambda batch: {"q": batch.public_id},
        lambda batch: {"act": "batch.planned"},
        lambda batch: {"q": "batch.pl"},
        lambda batch: {"q": "Mariana", "act": "batch.planned"},
        lambda batch: {"position": Link.objects.get(entry__act="batch.planned").position},
    ],
)
def test_the_trail_is_narrowed(operator, sealed_batch, narrowing):
    page = signed_in(operator).get(reverse("trail"), narrowing(sealed_batch))

    assert {row.act for row in page.context["listing"].page} == {"batch.planned"}


def test_days_are_whole_and_half_open(operator, sealed_batch):
    def count(**days):
        return signed_in(operator).get(reverse("trail"), days).context["listing"].page.paginator.count

    day = NOW.date()
    assert count(since=day, until=day, subject=sealed_batch.public_id) == 1
    assert count(since=day + timedelta(days=1), subject=sealed_batch.public_id) == 0
    assert count(until=day - timedelta(days=1), subject=sealed_batch.public_id) == 0


def test_the_page_takes_the_same_queries_for_many_entries_as_for_few(
    operator, sealed_batch, django_assert_max_num_queries
):
    browser = signed_in(operator)
    write(sealed_batch, 20)

    with django_assert_max_num_queries(26):
        browser.get(reverse("trail"))


def test_a_broken_chain_is_said_at_the_top(operator, sealed_batch):
    broken = Break(4, BreakKind.CHANGED_ENTRY, "this", "that")
    note_verification(Outcome(started_at=NOW, first=1, last=9, links=9, broken=broken), by=SYSTEM, now=NOW)

    assert "The chain is broken" in signed_in(operator).get(reverse("trail")).content.decode()


def allowed(asker, now=NOW):
    approval = ask_for_export(1, None, by=asker, now=now)
    return approve_request(approval, by=privacy_officer(), now=now)


def test_an_export_is_asked_for_on_its_page(operator, sealed_batch):
    answer = signed_in(operator).post(reverse("trail-export-new"), {"first": 1})

    approval = Approval.objects.get(kind="trail export")
    assert answer.headers["Location"] == reverse("request", args=[approval.public_id])
    assert approval.facts == {"first": 1, "last": Link.objects.count()}


@pytest.mark.parametrize(("first", "last"), [(0, 3), (10**9, None), (3, 2), (1, 10**9)])
def test_positions_that_do_not_exist_are_refused(operator, sealed_batch, first, last):
    with pytest.raises(InvalidError):
        ask_for_export(first, last, by=operator, now=NOW)


def test_whoever_may_only_read_cannot_ask_for_an_export(approver, sealed_batch):
    with pytest.raises(ForbiddenError):
        ask_for_export(1, None, by=approver, now=NOW)


def test_whoever_asked_cannot_allow_it(operator, sealed_batch):
    approval = ask_for_export(1, None, by=operator, now=NOW)

    with pytest.raises(FourEyesError):
        approve_request(approval, by=operator, now=NOW)


def test_an_allowed_export_can_be_downloaded_for_a_week(operator, sealed_batch):
    approval = allowed(operator)

    assert may_download(approval, operator, now=NOW + DOWNLOADABLE - timedelta(microseconds=1))
    assert not may_download(approval, operator, now=NOW + DOWNLOADABLE)
    assert not may_download(approval, privacy_officer(), now=NOW)


def test_an_export_that_nobody_allowed_cannot_be_downloaded(operator, sealed_batch):
    approval = ask_for_export(1, None, by=operator, now=NOW)

    answer = signed_in(operator).post(reverse("trail-export", args=[approval.subject_id]))

    assert answer.status_code == 409
    assert not Entry.objects.filter(act="trail.exported").exists()


def test_a_download_is_recorded_and_verifies(operator, sealed_batch):
    approval = allowed(operator, now=clock.now())

    answer = signed_in(operator).post(reverse("trail-export", args=[approval.subject_id]))
    lines = answer.getvalue().splitlines(keepends=True)

    assert verify_export(lines).links == approval.facts["last"]
    entry = Entry.objects.get(act="trail.exported")
    assert (entry.actor_id, entry.facts) == (operator.id, {"first": 1, "last": approval.facts["last"]})


def test_a_market_takes_away_its_own_entries_and_digests_of_the_others(auditor, mexico, sealed_batch):
    lines = [
        line
        for piece in export_lines(1, Link.objects.count(), within=frozenset({mexico.pk}))
        for line in piece.splitlines(keepends=True)
    ]

    done = verify_export(lines)
    assert done.links == Link.objects.count()
    assert 0 < done.hidden < done.links
    text = b"".join(lines).decode()
    assert "batch.planned" in text
    assert "market.praised" not in text


def test_a_changed_export_is_found(sealed_batch):
    lines = b"".join(export_lines(1, Link.objects.count(), within=None))

    with pytest.raises(ChainError, match="changed-entry at position"):
        verify_export(lines.replace(b"batch.planned", b"batch.blamed").splitlines(keepends=True))
