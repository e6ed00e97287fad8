"""The page of privileges knows every table, key purpose, bucket and queue, and none that does not exist."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models

from portal import privileges
from portal.core import health
from portal.crypto.keyring import Purpose
from portal.privileges import BUCKETS, GRANTED, KEYS, QUEUES, SEQUENCES, TABLES, Process, Verb

# Made by Django beside the tables of the apps.
ITS_OWN = {"django_migrations"}


def tables() -> dict[str, type[models.Model]]:
    """Every table of every installed app, those of many-to-many relations included."""
    found = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: model for model in found if model._meta.managed}


def test_every_table_is_on_the_page() -> None:
    missing = sorted(set(tables()) - set(TABLES))

    assert not missing, f"portal/privileges.py: who may do what to {', '.join(missing)}?"


def test_the_page_names_no_table_that_does_not_exist() -> None:
    assert set(TABLES) <= set(tables()) | ITS_OWN


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_page_names_no_column_that_does_not_exist(table: str) -> None:
    model = tables().get(table)
    known = {field.column for field in model._meta.concrete_fields} if model else set()
    named = {column for rights in TABLES[table].values() for right in rights for column in right.columns}

    assert named <= known


@pytest.mark.django_db
def test_the_page_names_no_sequence_that_does_not_exist() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
        existing = {name for (name,) in cursor.fetchall()}

    assert set(SEQUENCES) <= existing


def test_every_key_purpose_is_on_the_page() -> None:
    assert set(KEYS) == set(Purpose)


def test_every_queue_is_on_the_page() -> None:
    assert set(QUEUES) == set(health.QUEUES)


def test_every_bucket_that_a_setting_names_is_on_the_page() -> None:
    named = {name.removesuffix("_BUCKET").lower() for name in dir(settings) if name.endswith("_BUCKET")}

    assert named <= set(BUCKETS)


def test_this_process_is_one_of_the_page() -> None:
    assert settings.PROCESS in set(Process)


def test_roles_differ() -> None:
    assert len({process.role for process in Process}) == len(Process)


@pytest.mark.parametrize("process", GRANTED)
def test_nobody_changes_what_is_written_down(process: Process) -> None:
    for table in ("audit_entry", "campaigns_redemption", "campaigns_ledgerentry"):
        verbs = {right.verb for right in privileges.rights(process, table)}

        assert not verbs & {Verb.UPDATE, Verb.DELETE}


def test_the_keeper_of_the_timetable_reaches_nothing() -> None:
    assert not [table for table in TABLES if privileges.rights(Process.BEAT, table)]
    assert not privileges.purposes(Process.BEAT)
