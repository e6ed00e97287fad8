"""Whoever connects as a process finds exactly what the page of privileges says, and is refused the rest."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from psycopg import errors

from portal.core.management.commands.apply_privileges import difference
from portal.privileges import GRANTED, TABLES, Process, Verb, rights
from portal.refusals import REFUSED
from tests.roles import acting_as, connected_as

pytestmark = pytest.mark.django_db


def attempt(table: str, verb: Verb, column: str) -> str:
    """The least statement that needs a verb; it would touch no row."""
    return {
        Verb.SELECT: f'SELECT {column} FROM "{table}" WHERE FALSE',
        Verb.INSERT: f'INSERT INTO "{table}" DEFAULT VALUES',
        Verb.UPDATE: f'UPDATE "{table}" SET {column} = {column} WHERE FALSE',
        Verb.DELETE: f'DELETE FROM "{table}" WHERE FALSE',
    }[verb]


def run(statement: str) -> None:
    connection.ensure_connection()
    connection.connection.execute(statement)


def test_the_database_grants_what_the_page_says() -> None:
    assert difference() == []


def test_applying_twice_changes_nothing() -> None:
    call_command("apply_privileges", verbosity=0)

    assert difference() == []


@pytest.mark.parametrize("grantee", ["PUBLIC", "countersign_redeem"])
def test_takes_back_what_is_too_much(grantee: str) -> None:
    run(f"GRANT SELECT (email), UPDATE (email) ON accounts_user TO {grantee}")
    assert any("accounts_user" in words for words in difference())

    call_command("apply_privileges")

    assert difference() == []


def test_says_what_is_missing_and_what_is_too_much() -> None:
    run("REVOKE INSERT ON campaigns_redemption FROM countersign_redeem")
    run("GRANT DELETE ON audit_entry TO countersign_web")

    with pytest.raises(CommandError) as refusal:
        call_command("apply_privileges", check=True)

    assert "INSERT on campaigns_redemption to countersign_redeem is missing" in str(refusal.value)
    assert "DELETE on audit_entry to countersign_web is too much" in str(refusal.value)


def test_prints_the_statements_for_an_administrator(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("apply_privileges", print=True)

    printed = capsys.readouterr().out
    assert 'CREATE ROLE "countersign_redeem" LOGIN' in printed
    assert 'GRANT SELECT, INSERT ON "campaigns_redemption" TO "countersign_redeem";' in printed


def test_says_what_to_do_when_it_may_not_make_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.core.management.commands.apply_privileges.ROLES", ("countersign_new",))

    with pytest.raises(CommandError, match="An administrator of the database runs"):
        call_command("apply_privileges")


@pytest.mark.parametrize(("process", "table", "verb", "column"), REFUSED)
def test_is_refused_what_is_not_its_own(process: Process, table: str, verb: Verb, column: str) -> None:
    connection.ensure_connection()

    with acting_as(process), pytest.raises(errors.InsufficientPrivilege), transaction.atomic():
        run(attempt(table, verb, column))


@pytest.mark.parametrize("process", GRANTED)
def test_every_process_signs_in_as_itself_and_finds_its_rights(process: Process) -> None:
    with connected_as(process) as link:
        assert link.execute("SELECT current_user").fetchone() == (process.role,)
        for table in TABLES:
            granted = {
                verb.value
                for verb in Verb
                if link.execute(
                    "SELECT has_any_column_privilege(%(t)s, %(v)s)"
                    if verb is not Verb.DELETE
                    else "SELECT has_table_privilege(%(t)s, %(v)s)",
                    {"t": table, "v": verb.value},
                ).fetchone()
                == (True,)
            }

            assert granted == {right.verb.value for right in rights(process, table)}, table


@pytest.mark.parametrize("process", GRANTED)
def test_no_process_makes_tables_or_gets_past_policies(process: Process) -> None:
    with connected_as(process) as link:
        with pytest.raises(errors.InsufficientPrivilege):
            link.execute("CREATE TABLE mine ()")
        with pytest.raises(errors.InsufficientPrivilege):
            link.execute("CREATE TEMPORARY TABLE mine ()")
        with pytest.raises(errors.InsufficientPrivilege):
            link.execute("SET ROLE countersign")
        with pytest.raises(errors.InsufficientPrivilege):
            link.execute("ALTER TABLE campaigns_batch DISABLE ROW LEVEL SECURITY")

        attributes = link.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert attributes == (False, False, False, False)


@pytest.mark.parametrize("process", GRANTED)
def test_no_process_empties_a_table(process: Process) -> None:
    with connected_as(process) as link, pytest.raises(errors.InsufficientPrivilege):
        link.execute("TRUNCATE audit_entry, campaigns_redemption CASCADE")
