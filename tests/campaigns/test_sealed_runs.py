"""Redemptions and the ledger are sealed in runs: whoever changes a row above the database's rules is found."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from campaigns.models import LedgerEntry, Member, Redemption
from portal.accounts.actors import SYSTEM
from portal.audit.models import Link, Mark
from portal.audit.operations import record
from portal.audit.operations.sealing import seal_entries, seal_run
from portal.audit.queries.verifying import verify_chain
from portal.audit.runs import RunSource, register_run, run_sources
from portal.crypto.chain import BreakKind, ChainError
from tests import makers
from tests.makers import NOW
from tests.portal.audit.scenes import above_the_rules, until

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def batch(db):
    return makers.planned_batch()


def redeemed(batch, count=10, first=0):
    member = Member.objects.first() or makers.make_member(batch.campaign.market)
    for serial in range(first, first + count):
        redemption = Redemption.objects.create(
            campaign=batch.campaign, serial=serial, batch=batch, member=member, points=10, redeemed_at=NOW
        )
        LedgerEntry.objects.create(
            member=member, redemption=redemption, points=10, balance_after=10 * serial, at=NOW
        )


def our_sources():
    return [source for source in run_sources().values() if source.table.startswith("campaigns_")]


def seal_runs(most=5_000):
    for source in our_sources():
        newest = source.model._default_manager.order_by("-pk").first().pk
        seal_run(source, now=NOW, most=most)
        until(partial(is_sealed, source, newest, most))


def is_sealed(source, newest, most):
    while seal_run(source, now=LATER, most=most):
        pass
    return Mark.objects.get(pk=source.name).sealed_to >= newest


def broken():
    with pytest.raises(ChainError) as found:
        verify_chain()
    return found.value.broken


def test_rows_are_sealed_in_runs_that_leave_out_no_id(batch):
    redeemed(batch)

    seal_runs(most=4)

    assert Link.objects.filter(kind="run").count() >= 6
    assert verify_chain().runs == Link.objects.count()
    newest = Redemption.objects.order_by("-pk").first().pk
    assert Mark.objects.get(pk="redemptions").sealed_to == newest


def test_rows_wait_a_minute_before_they_are_sealed(batch):
    redeemed(batch)
    source = run_sources()["redemptions"]

    early = [seal_run(source, now=NOW), seal_run(source, now=LATER - timedelta(microseconds=1))]

    assert early == [0, 0]
    assert until(lambda: seal_run(source, now=LATER)) > 0


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("campaigns_redemption", "UPDATE {} SET points = 1000 WHERE serial = 5"),
        (
            "campaigns_redemption",
            "UPDATE {} SET redeemed_at = redeemed_at + interval '1 hour' WHERE serial = 5",
        ),
        ("campaigns_redemption", "UPDATE {} SET serial = 999 - serial WHERE serial IN (4, 5)"),
        ("campaigns_ledgerentry", "UPDATE {} SET balance_after = 1000000 WHERE balance_after = 50"),
        ("campaigns_ledgerentry", "DELETE FROM {} WHERE balance_after = 50"),
        ("campaigns_ledgerentry", "UPDATE {} SET id = id - 1000 WHERE balance_after = 50"),
    ],
)
def test_a_changed_or_deleted_row_is_found(batch, table, change):
    redeemed(batch)
    seal_runs()
    with above_the_rules(table) as cursor:
        cursor.execute(change.format(table))

    found = broken()

    assert found.kind is BreakKind.RUN_DIFFERS
    assert Link.objects.get(position=found.position).body == found.expected != found.found


def test_a_row_put_among_sealed_ones_is_found(batch):
    redeemed(batch)
    gap = LedgerEntry.objects.order_by("-pk").first()
    with above_the_rules("campaigns_ledgerentry") as cursor:
        cursor.execute("DELETE FROM campaigns_ledgerentry WHERE id = %s", [gap.pk])
    seal_runs()
    gap.balance_after = 1_000_000
    gap.save(force_insert=True)

    assert broken().kind is BreakKind.RUN_DIFFERS


def test_a_changed_run_is_found_whatever_was_written_there(batch):
    redeemed(batch)
    seal_runs()
    run = Link.objects.filter(kind="run").order_by("pk").first()
    with above_the_rules("audit_link") as cursor:
        cursor.execute("UPDATE audit_link SET body = body || E'\\n{}' WHERE position = %s", [run.pk])

    assert broken()[:2] == (run.pk, BreakKind.CHANGED_ENTRY)


def test_no_entry_excuses_rows_that_are_gone(batch):
    redeemed(batch)
    seal_runs()
    entry = LedgerEntry.objects.order_by("pk").first()
    with above_the_rules("campaigns_ledgerentry") as cursor:
        cursor.execute("DELETE FROM campaigns_ledgerentry WHERE id = %s", [entry.pk])
    with transaction.atomic():
        record(SYSTEM, "rows.removed", batch, now=NOW, source="ledger", first=entry.pk, last=entry.pk)
    seal_entries(now=NOW)

    assert broken().kind is BreakKind.RUN_DIFFERS


def test_what_identifies_a_person_is_in_no_run():
    assert {source.table for source in our_sources()} == {"campaigns_redemption", "campaigns_ledgerentry"}
    assert all("reference" not in source.columns for source in our_sources())


@pytest.mark.parametrize("columns", [("id", "no_such_column"), ("points",)])
def test_a_run_names_columns_that_exist_and_the_id(columns):
    with pytest.raises(ValueError, match="needs an id"):
        register_run(RunSource("wrong", Redemption, columns))
