"""The usual way to make codes: draw at random, and let a unique index in PostgreSQL find repetitions."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psycopg
from psycopg import sql

from campaigns.rules.alphabets import UNAMBIGUOUS

LENGTH = 12
CHUNK = 20_000
CONNECTIONS = 2
TABLE = "bench_usual_codes"
# Codes stored in each way while the clock runs.
MEASURED = 400_000

Connection = psycopg.Connection[tuple[object, ...]]
Store = Callable[[Connection, list[str]], int]


def usual_codes_per_s(codes_before: int) -> dict[str, int]:
    """Measure how fast codes go into a table that holds *codes_before*, since a unique index slows as it grows.

    "usual" is the faster of two ways to insert what is new into the least table that can be redeemed from;
    "bare_copy" is as fast as PostgreSQL was made to go: one column, copied into with nothing done about a code
    drawn twice but to throw its chunk away. Kind to both: the draw is vectorised, two connections work at once,
    and nothing is laid out, encrypted or sent.
    """
    return {
        "usual": _measure(
            "id bigint GENERATED ALWAYS AS IDENTITY, batch_id bigint DEFAULT 1 NOT NULL, code text NOT NULL",
            "ADD PRIMARY KEY (id), ADD UNIQUE (code)",
            codes_before,
            _copy_then_insert,
            _insert,
        ),
        "bare_copy": _measure("code text NOT NULL", "ADD UNIQUE (code)", codes_before, _copy),
    }


def _measure(columns: str, indexes: str, codes_before: int, *ways: Store) -> int:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
        connection.execute(f"CREATE TABLE {TABLE} ({columns})")
        with connection.cursor().copy(f"COPY {TABLE} (code) FROM STDIN") as copy:
            for _ in range(0, codes_before, CHUNK):
                copy.write("\n".join(_draw(CHUNK)) + "\n")
        connection.execute(f"ALTER TABLE {TABLE} {indexes}")
        rate = max(_rate(way) for way in ways)
        connection.execute(f"DROP TABLE {TABLE}")
    return rate


def _rate(store: Store) -> int:
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(lambda _: _fill(store, MEASURED // CONNECTIONS), range(CONNECTIONS)))
    return round(MEASURED / (time.perf_counter() - start))


def _fill(store: Store, quantity: int) -> None:
    stored = 0
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TEMP TABLE drawn (code text)")
        connection.commit()
        while stored < quantity:
            stored += store(connection, _draw(min(CHUNK, quantity - stored)))
            connection.commit()


def _draw(count: int) -> list[str]:
    letters = np.frombuffer(UNAMBIGUOUS.encode(), np.uint8)
    # 256 is no multiple of 29; the bias is left in, since removing it would only cost the usual way time.
    digits = np.frombuffer(os.urandom(count * LENGTH), np.uint8) % len(letters)
    text = letters[digits].tobytes().decode()
    return [text[at : at + LENGTH] for at in range(0, len(text), LENGTH)]


def _copy(connection: Connection, codes: list[str]) -> int:
    """Copy straight into the table; a single repetition throws the whole chunk away."""
    try:
        with connection.cursor().copy(f"COPY {TABLE} (code) FROM STDIN") as copy:
            copy.write("\n".join(codes) + "\n")
    except psycopg.errors.UniqueViolation:
        connection.rollback()
        return 0
    return len(codes)


def _copy_then_insert(connection: Connection, codes: list[str]) -> int:
    """Copy into a temporary table, then insert what is new."""
    with connection.cursor().copy("COPY drawn (code) FROM STDIN") as copy:
        copy.write("\n".join(codes) + "\n")
    stored = connection.execute(
        f"INSERT INTO {TABLE} (code) SELECT code FROM drawn ON CONFLICT DO NOTHING"
    ).rowcount
    connection.execute("TRUNCATE drawn")
    return stored


def _insert(connection: Connection, codes: list[str]) -> int:
    """Insert an array in one statement, keeping what is new."""
    statement = sql.SQL("INSERT INTO {} (code) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING")
    return connection.execute(statement.format(sql.Identifier(TABLE)), [codes]).rowcount
