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

Connection = psycopg.Connection[tuple[object, ...]]
Store = Callable[[Connection, list[str]], int]


def usual_codes_per_s(quantity: int) -> int:
    """Fill a table with *quantity* unique codes in three ways; give the rate of the fastest.

    Kind to the usual way: the draw is vectorised, the table has no other column and starts empty (it slows as it
    grows), two connections work at once, and nothing is laid out, encrypted or sent anywhere.
    """
    return max(_measure(way, quantity) for way in (_copy, _copy_then_insert, _insert))


def _measure(store: Store, quantity: int) -> int:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
        connection.execute(f"CREATE TABLE {TABLE} (code text NOT NULL UNIQUE)")
        start = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            list(threads.map(lambda _: _fill(store, quantity // CONNECTIONS), range(CONNECTIONS)))
        seconds = time.perf_counter() - start
        stored = connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
        connection.execute(f"DROP TABLE {TABLE}")
    assert stored is not None
    return round(int(str(stored[0])) / seconds)


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
