"""The trail: written in the transaction of its act, and never changed."""

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry
from portal.audit.operations import record, record_reading
from portal.audit.queries import history
from tests import makers
from tests.makers import NOW


@pytest.mark.django_db
def test_an_entry_says_who_did_what_to_which_thing_and_when(marketer):
    batch = makers.planned_batch()

    entry = history(batch).get()

    assert (entry.actor_kind, entry.actor_id, entry.act) == ("person", marketer.id, "batch.planned")
    assert (entry.subject_kind, entry.subject_id, entry.at) == ("batch", batch.public_id, NOW)


@pytest.mark.django_db
def test_the_newest_entry_comes_first(marketer, approver):
    batch = makers.approved_batch()

    assert [entry.act for entry in history(batch)] == ["batch.approved", "batch.planned"]


@pytest.mark.django_db
@pytest.mark.parametrize("change", [lambda rows: rows.update(act="nothing"), lambda rows: rows.delete()])
def test_the_database_refuses_to_change_or_remove_an_entry(change):
    makers.make_market()

    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        change(Entry.objects.all())

    assert Entry.objects.get().act == "market.created"


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_the_transaction_of_its_act_is_refused():
    market = makers.make_market()

    with pytest.raises(RuntimeError, match="belongs into the transaction"):
        record(SYSTEM, "market.praised", market, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_leaves_no_entry():
    market = makers.make_market()

    with transaction.atomic():
        record(SYSTEM, "market.praised", market, now=NOW)
        transaction.set_rollback(True)

    assert not Entry.objects.filter(act="market.praised").exists()


@pytest.mark.django_db
def test_an_entry_belongs_to_the_organizations_of_its_subject():
    batch = makers.planned_batch()

    assert history(batch).get().within == sorted(batch.place.values())


@pytest.mark.django_db
def test_an_entry_about_a_thing_without_a_place_belongs_to_nobody():
    user = makers.make_person("Nora Nowhere")

    assert history(user).get().within == []


@pytest.mark.django_db(transaction=True)
def test_a_reading_is_written_down_outside_any_act():
    market = makers.make_market()

    record_reading(SYSTEM, "market.praised", market, now=NOW, rows=3)

    assert history(market).first().facts == {"rows": 3}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table",
    ["audit_entry", "audit_link", "audit_anchor", "campaigns_redemption", "campaigns_ledgerentry"],
)
def test_the_database_refuses_even_its_owner_to_empty_what_is_written_down(table):
    makers.make_market()

    with (
        pytest.raises(DatabaseError, match="Cannot empty"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"TRUNCATE {table} CASCADE")

    assert Entry.objects.filter(act="market.created").exists()


@pytest.mark.django_db
def test_the_transaction_has_its_number_before_the_entry_has_its_id():
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (VERBOSE, COSTS FALSE) INSERT INTO audit_entry "
            "(at, actor_kind, actor_id, act, subject_kind, subject_id, facts, within) "
            "SELECT now(), '', '', '', '', '', '{}', '{}' FROM pg_current_xact_id()"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())

    # The id is drawn above the scan that asks for the number, and so after it.
    assert plan.index("nextval") < plan.index("Function Call: pg_current_xact_id()")
