"""The page of privileges as SQL: the statements that make a database equal to it, and what a database grants now."""

from collections.abc import Iterator
from typing import NamedTuple

from psycopg import sql

from portal.privileges import FUNCTIONS, GRANTED, SEQUENCES, TABLES, VIEWS, Process, Verb

ROLES = tuple(process.role for process in GRANTED)


class Grant(NamedTuple):
    """One verb on one table for one role; no column means the whole table."""

    role: str
    table: str
    verb: str
    column: str = ""


def wanted() -> set[Grant]:
    """Give every grant on tables that the page says."""
    on_tables = {
        Grant(process.role, table, right.verb.value, column)
        for table, row in TABLES.items()
        for process, rights in row.items()
        for right in rights
        for column in right.columns or ("",)
    }
    on_views = {
        Grant(process.role, view, Verb.SELECT.value)
        for view, processes in VIEWS.items()
        for process in processes
    }
    return on_tables | on_views


# What the roles hold, and what everybody does; whoever owns a table is above grants.
FOUND = """
WITH held AS (
    SELECT relation.oid, relation.relname, relation.relowner, ''::name AS attname, relation.relacl AS acl
    FROM pg_class relation WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT relation.oid, relation.relname, relation.relowner, attname, attacl
    FROM pg_attribute JOIN pg_class relation ON relation.oid = attrelid
    WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace AND attacl IS NOT NULL
)
SELECT coalesce(role.rolname, 'public'), relname, privilege_type, attname
FROM held CROSS JOIN LATERAL aclexplode(acl)
LEFT JOIN pg_roles role ON role.oid = grantee
WHERE grantee <> relowner AND (grantee = 0 OR role.rolname = ANY (%s))
"""


def new_role(role: str) -> str:
    """Write the statement that makes a role which may sign in and nothing else."""
    return f'CREATE ROLE "{role}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS'


def new_password(role: str, verifier: str) -> str:
    """Write the statement that sets a password, given as what the server keeps of it."""
    return f'ALTER ROLE "{role}" PASSWORD {sql.Literal(verifier).as_string(None)}'


def statements(database: str) -> Iterator[str]:
    """Write what makes the grants of a database equal to the page; together they belong into one transaction."""
    roles = ", ".join(f'"{role}"' for role in ROLES)
    yield f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC, {roles}'
    yield f'GRANT CONNECT ON DATABASE "{database}" TO {roles}'
    yield f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {roles}"
    yield f"GRANT USAGE ON SCHEMA public TO {roles}"
    # What a later migration makes belongs to nobody until the page says so.
    yield "ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC"
    for kind in ("TABLES", "SEQUENCES"):
        yield f"ALTER DEFAULT PRIVILEGES REVOKE ALL ON {kind} FROM PUBLIC, {roles}"
        yield f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM PUBLIC, {roles}"
    for table in TABLES:
        yield from _on_table(table)
    for view, processes in VIEWS.items():
        yield f'GRANT SELECT ON "{view}" TO {_named(processes)}'
    for sequence, processes in SEQUENCES.items():
        yield f'GRANT USAGE, SELECT ON SEQUENCE "{sequence}" TO {_named(processes)}'
    for function, processes in FUNCTIONS.items():
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC, {roles}"
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {_named(processes)}"


def _on_table(table: str) -> Iterator[str]:
    for process, rights in TABLES[table].items():
        verbs = ", ".join(_verb(right.verb, right.columns) for right in rights)
        yield f'GRANT {verbs} ON "{table}" TO "{process.role}"'


def _verb(verb: Verb, columns: tuple[str, ...]) -> str:
    named = ", ".join(f'"{column}"' for column in columns)
    return f"{verb.value} ({named})" if columns else verb.value


def _named(processes: tuple[Process, ...]) -> str:
    return ", ".join(f'"{process.role}"' for process in processes)
