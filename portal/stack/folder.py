"""The data folder: all state of one local stack, who has it in use, its ports and passwords."""

import errno
import fcntl
import json
import os
import random
import secrets
import shutil
import socket
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from portal.privileges import GRANTED
from portal.stack.voice import StackError

# Below the ranges from which systems take ports for outgoing connections.
_PORTS = range(15_000, 30_000)
# Megabytes without which the engines cannot even be set up.
_ROOM = 300
_SECRETS = (
    "secret_key",
    "postgres_password",
    "database_password",
    "redis_password",
    "s3_access_key",
    "s3_secret_key",
)


class DataFolder:
    """The paths within one data folder, and the lock that says it is in use."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self.logs = self.path / "logs"
        self.keys = self.path / "keys.json"
        self.static = self.path / "static"
        self.metrics = self.path / "metrics"
        self.demo = self.path / "demo.json"
        self._lock: IO[str] | None = None

    def contents(self) -> list[Path]:
        """List what stacks make here, the lock apart, so that starting over touches nothing else."""
        folders = ("demo", "logs", "metrics", "postgres", "postgres.new", "s3", "static", "valkey")
        files = ("demo.json", "keys.json", "ports.json", "secrets.json", "stack.json")
        return [
            *(self.path / name for name in folders if (self.path / name).is_dir()),
            *(self.path / name for name in files if (self.path / name).is_file()),
            # The shares of the key file, and what locks it.
            *self.path.glob("keys-*"),
            *self.path.glob(".keys.json.lock"),
        ]

    def make(self) -> None:
        """Make the folder and see that it can be written to and has room."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            trial = self.path / f".trial-{os.getpid()}"
            trial.write_bytes(b"\0" * 65_536)
            trial.unlink()
        except OSError as error:
            raise StackError(
                f"The data folder {self.path} cannot be written to: {error.strerror}."
            ) from error
        free = shutil.disk_usage(self.path).free // 1_000_000
        if free < _ROOM:
            raise StackError(
                f"The disk of {self.path} is nearly full: {free} MB are free, {_ROOM} MB are needed."
            )

    def take(self) -> bool:
        """Take the folder until this process ends, however it ends; False if another has it."""
        lock = (self.path / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        """Let the folder go; the state of the run ends with it."""
        (self.path / "stack.json").unlink(missing_ok=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def is_taken(self) -> bool:
        """Tell whether a running stack has it: a lock that a crash or a restart left behind is none."""
        try:
            with (self.path / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def write_run(self, run: dict[str, Any]) -> None:
        """Note who runs the stack and at which address."""
        write_private(self.path / "stack.json", run)

    def run(self) -> dict[str, Any]:
        """Read what `write_run` noted; empty if nothing runs or it has not got that far."""
        path = self.path / "stack.json"
        return read_json(path) if path.exists() else {}

    def role_passwords(self) -> dict[str, str]:
        """Give the password of each process's role in the database; a new process gets one in an old folder too."""
        kept = self.secrets()
        missing = [process.role for process in GRANTED if f"{process.role}_password" not in kept]
        if missing:
            kept |= {f"{role}_password": secrets.token_hex(32) for role in missing}
            write_private(self.path / "secrets.json", kept)
        return {process.role: kept[f"{process.role}_password"] for process in GRANTED}

    def shared_secret(self, name: str) -> str:
        """Give what some processes know and others do not; made on first use, in an old folder too."""
        kept = self.secrets()
        if name not in kept:
            kept |= {name: secrets.token_hex(32)}
            write_private(self.path / "secrets.json", kept)
        return str(kept[name])

    def secrets(self) -> dict[str, str]:
        """Give the passwords of this folder, made on first use and readable by its owner alone."""
        path = self.path / "secrets.json"
        kept = read_json(path) if path.exists() else {}
        missing = [name for name in _SECRETS if name not in kept]
        if missing and (self.path / "postgres").exists():
            raise StackError(
                f"The data folder is broken: {path} lacks the passwords that its database was made with. "
                "Restore it, or start over with bin/up --fresh."
            )
        if missing:
            kept |= {name: secrets.token_hex(32) for name in missing}
            write_private(path, kept)
        return kept

    def ports(self, names: Iterable[str]) -> dict[str, int]:
        """Choose a port for each engine once; one that somebody else took meanwhile is chosen anew."""
        path = self.path / "ports.json"
        kept = self.kept_ports()
        ports = {name: kept[name] if is_free(kept.get(name, 0)) else free_port() for name in names}
        if ports != kept:
            write_private(path, ports)
        return ports

    def kept_ports(self) -> dict[str, int]:
        """Read the ports without a look at who uses them."""
        path = self.path / "ports.json"
        kept = read_json(path) if path.exists() else {}
        return {name: port for name, port in kept.items() if isinstance(port, int) and 0 < port < 65_536}


def read_json(path: Path) -> dict[str, Any]:
    """Read one of the folder's own files."""
    try:
        content = json.loads(path.read_text())
    except (ValueError, OSError) as error:
        raise StackError(
            f"The data folder is broken: {path} cannot be read ({error}). "
            "Restore it, or start over with bin/up --fresh."
        ) from error
    if not isinstance(content, dict):
        raise StackError(f"The data folder is broken: {path} holds something else than expected.")
    return content


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Write a file that its owner alone may read, all or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=1) + "\n")
    draft.replace(path)


def is_free(port: int) -> bool:
    """Tell whether this machine's own address has nobody listening at this port."""
    if not port:
        return False
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise StackError(f"Port {port} may not be used by this user; choose one above 1023.") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as trial:
        trial.settimeout(0.5)
        # Where two may share a port, as on macOS, only an answer tells.
        return trial.connect_ex(("127.0.0.1", port)) != 0


def free_port() -> int:
    """Find a port at which nobody listens."""
    for port in random.sample(_PORTS, 200):
        if is_free(port):
            return port
    raise StackError("No free port was found for the engines.")
