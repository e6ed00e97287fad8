"""Somebody above the rules of the database changes the trail: each change is found, and where it is."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from portal.audit.models import Entry, Link
from portal.audit.queries.verifying import verify_chain
from portal.crypto.chain import BreakKind, ChainError
from tests import makers
from tests.portal.audit.scenes import above_the_rules, seal_all, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _chain(db):
    """A chain of ten links; an act that came to nothing left a gap in the ids after the fifth."""
    market = makers.make_market()
    write(market, 4)
    with transaction.atomic():
        write(market)
        transaction.set_rollback(True)
    write(market, 5)
    seal_all()


def entry_at(position):
    return Link.objects.get(position=position).entry_id


def broken():
    with pytest.raises(ChainError) as found:
        verify_chain()
    return found.value.broken


def test_an_untouched_chain_is_sound():
    assert verify_chain().links == Entry.objects.count() == 10


@pytest.mark.parametrize(
    "change",
    [
        "facts = '{}'",
        "act = 'market.blamed'",
        "actor_id = 'usr_other'",
        "at = at + interval '1 microsecond'",
        "within = '{}'",
        "subject_id = 'mkt_other'",
    ],
)
def test_a_changed_entry_is_found(change):
    with above_the_rules("audit_entry") as cursor:
        cursor.execute(f"UPDATE audit_entry SET {change} WHERE id = %s", [entry_at(4)])

    found = broken()

    assert (found.position, found.kind) == (4, BreakKind.CHANGED_ENTRY)
    assert found.expected == bytes(Link.objects.get(position=4).digest).hex()


def test_the_last_entry_is_protected_like_any_other():
    with above_the_rules("audit_entry") as cursor:
        cursor.execute("UPDATE audit_entry SET act = 'market.blamed' WHERE id = %s", [entry_at(10)])

    assert broken()[:2] == (10, BreakKind.CHANGED_ENTRY)


def test_a_deleted_entry_is_found():
    entry = entry_at(5)
    with above_the_rules("audit_entry") as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE id = %s", [entry])

    assert broken() == (5, BreakKind.MISSING_ENTRY, f"entry {entry}", "no such entry")


def test_an_entry_put_behind_the_sealers_back_is_found():
    gap = entry_at(5) + 1
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (id, at, actor_kind, actor_id, act, subject_kind, subject_id, facts, within) "
            "SELECT %s, at, actor_kind, actor_id, act, subject_kind, subject_id, facts, within "
            "FROM audit_entry WHERE id = %s",
            [gap, entry_at(5)],
        )
    seal_all()

    assert broken()[:2] == (6, BreakKind.UNSEALED_ENTRY)
    assert broken().found == f"entry {gap}"


def test_two_swapped_entries_are_found():
    first, second = entry_at(3), entry_at(6)
    with above_the_rules("audit_entry") as cursor:
        for entry, other in ((first, -1), (second, first), (-1, second)):
            cursor.execute("UPDATE audit_entry SET id = %s WHERE id = %s", [other, entry])

    assert broken()[:2] == (3, BreakKind.CHANGED_ENTRY)


def test_two_swapped_links_are_found():
    first, second = entry_at(3), entry_at(6)
    with above_the_rules("audit_link") as cursor:
        for position, other in ((3, -1), (6, 3), (-1, 6)):
            cursor.execute("UPDATE audit_link SET position = %s WHERE position = %s", [other, position])

    assert broken() == (3, BreakKind.REORDERED, f"entry {first}", f"entry {second}")


def test_links_that_seal_each_others_entries_are_found():
    first, second = entry_at(3), entry_at(6)
    with above_the_rules("audit_link") as cursor:
        for entry, other in ((first, -1), (second, first), (-1, second)):
            cursor.execute("UPDATE audit_link SET entry_id = %s WHERE entry_id = %s", [other, entry])

    assert broken() == (3, BreakKind.REORDERED, f"entry {first}", f"entry {second}")


def test_a_changed_link_is_found():
    with above_the_rules("audit_link") as cursor:
        cursor.execute("UPDATE audit_link SET digest = sha256('other') WHERE position = 4")

    assert broken()[:2] == (4, BreakKind.CHANGED_LINK)


def test_a_deleted_link_is_found():
    with above_the_rules("audit_link") as cursor:
        cursor.execute("DELETE FROM audit_link WHERE position = 4")

    assert broken() == (4, BreakKind.MISSING_LINK, "position 4", "no such link")


def test_links_deleted_from_the_end_are_found_by_the_entries_that_they_leave():
    entry = entry_at(9)
    with above_the_rules("audit_link") as cursor:
        cursor.execute("DELETE FROM audit_link WHERE position > 8")

    found = broken()

    assert (found.kind, found.found) == (BreakKind.UNSEALED_ENTRY, f"entry {entry}")


def test_an_inserted_link_is_found():
    with above_the_rules("audit_link") as cursor:
        cursor.execute(
            "INSERT INTO audit_link (position, kind, body, digest) VALUES (11, 'run', '{}', sha256('new'))"
        )

    assert broken()[:2] == (11, BreakKind.CHANGED_ENTRY)


def test_a_break_is_found_in_a_later_batch_too(monkeypatch):
    monkeypatch.setattr("portal.audit.queries.verifying.BATCH", 3)
    with above_the_rules("audit_entry") as cursor:
        cursor.execute("UPDATE audit_entry SET act = 'market.blamed' WHERE id = %s", [entry_at(7)])

    assert broken()[:2] == (7, BreakKind.CHANGED_ENTRY)


def test_what_lies_behind_the_first_position_asked_for_is_taken_as_it_stands():
    with above_the_rules("audit_entry") as cursor:
        cursor.execute("UPDATE audit_entry SET act = 'market.blamed' WHERE id = %s", [entry_at(3)])

    assert verify_chain(4).links == 7


def test_the_command_says_where_and_how_and_fails(capsys):
    with above_the_rules("audit_entry") as cursor:
        cursor.execute("UPDATE audit_entry SET act = 'market.blamed' WHERE id = %s", [entry_at(4)])

    with pytest.raises(
        CommandError, match=r"BROKEN: changed-entry at position 4: expected .* found"
    ) as failure:
        call_command("verify_trail")

    assert failure.value.returncode == 1


def test_the_command_says_that_a_chain_is_sound(capsys):
    call_command("verify_trail")

    assert "Sound: 10 links from position 1 to 10" in capsys.readouterr().out
