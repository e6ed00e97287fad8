"""`bin/manage apply_privileges`: make the roles and grants of the database equal to portal/privileges.py."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection, transaction

from portal.core.grants import FOUND, ROLES, Grant, new_password, new_role, statements, wanted


class Command(BaseCommand):
    """Run by the owner of the tables, after each migration."""

    help = "Make the database's roles and grants equal to portal/privileges.py."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--print", action="store_true", help="only show the SQL")
        parser.add_argument("--check", action="store_true", help="only say whether the database differs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print"]:
            self._print()
            return
        if not options["check"]:
            with transaction.atomic():
                apply()
        differences = difference()
        if differences:
            raise CommandError("The database does not grant what the page says: " + "; ".join(differences))
        self.stdout.write(f"{len(wanted())} grants to {len(ROLES)} roles are as portal/privileges.py says")

    def _print(self) -> None:
        for role in ROLES:
            self.stdout.write(f"{new_role(role)};\n-- \\password {role}")
        for statement in statements(connection.settings_dict["NAME"]):
            self.stdout.write(f"{statement};")


def apply() -> None:
    """Make roles that are missing, and grant what the page says and nothing else; within a transaction.

    :raises CommandError: a role is missing, and this one may not make it
    """
    with connection.cursor() as cursor:
        # Two at once would trip over each other's rows in the catalogue.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('apply_privileges'))")
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(ROLES)])
        missing = sorted(set(ROLES) - {name for (name,) in cursor.fetchall()})
        try:
            for role in missing:
                cursor.execute(new_role(role))
        except ProgrammingError as error:
            raise CommandError(
                f"The roles {', '.join(missing)} are missing, and {connection.settings_dict['USER']} may not make "
                "them. An administrator of the database runs what `bin/manage apply_privileges --print` shows."
            ) from error
        for role, password in _passwords(missing).items():
            verifier = connection.connection.pgconn.encrypt_password(
                password.encode(), role.encode(), b"scram-sha-256"
            )
            cursor.execute(new_password(role, verifier.decode()))
        for statement in statements(connection.settings_dict["NAME"]):
            cursor.execute(statement)


def _passwords(made: list[str]) -> dict[str, str]:
    """Give the passwords to set: of the roles made just now, since those of others are their administrator's."""
    return {role: settings.DATABASE_PASSWORDS[role] for role in made if role in settings.DATABASE_PASSWORDS}


def difference() -> list[str]:
    """Say what the database grants too much and too little, in words."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [list(ROLES)])
        found = {Grant(role, table, verb, column) for role, table, verb, column in cursor.fetchall()}
    return [
        *(f"{_words(grant)} is too much" for grant in sorted(found - wanted())),
        *(f"{_words(grant)} is missing" for grant in sorted(wanted() - found)),
    ]


def _words(grant: Grant) -> str:
    column = f" ({grant.column})" if grant.column else ""
    return f"{grant.verb}{column} on {grant.table} to {grant.role}"
