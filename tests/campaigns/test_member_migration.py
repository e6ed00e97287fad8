"""Members from before their references were sealed: each is sealed once, found by token, and can come back."""

import io
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from campaigns.models import Member
from campaigns.queries.members import member_token, opened_reference
from portal.keys.models import SubjectKey
from tests import makers

BEFORE = [("campaigns", "0006_member_tokens")]


@pytest.fixture
def latest():
    """Where every app stands; the tables come back there, whatever happens."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield leaves
    executor = MigrationExecutor(connection)
    executor.migrate(leaves)
    # Views and functions that were made anew are nobody's until they are granted.
    call_command("apply_privileges", stdout=io.StringIO())


@pytest.mark.django_db(transaction=True)
def test_seals_what_lies_open_and_opens_it_again(latest, monkeypatch):
    monkeypatch.setattr(import_module("campaigns.migrations.0007_seal_references"), "CHUNK", 3)
    market = makers.make_market()
    sealed = [makers.make_member(market, f"ext:{number}") for number in range(8)]

    MigrationExecutor(connection).migrate(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reference, reference_token FROM campaigns_member ORDER BY id")
        lying_open = cursor.fetchall()
    gone = SubjectKey.objects.count()
    MigrationExecutor(connection).migrate(latest)

    assert lying_open == [(f"ext:{number}", None) for number in range(8)]
    assert gone == 0
    members = list(Member.objects.order_by("pk"))
    assert [opened_reference(member) for member in members] == [f"ext:{number}" for number in range(8)]
    assert [bytes(member.reference_token) for member in members] == [
        member_token(market.pk, f"ext:{number}") for number in range(8)
    ]
    assert [member.pk for member in members] == [member.pk for member in sealed]
