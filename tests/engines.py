"""A pytest plugin: real engines for one run and all its workers, started before the settings are read."""

import atexit
import json
import os
import re
from collections.abc import Iterator

import pytest

from portal.stack.temporary import TemporaryEngines

# Settings that point at nothing, enough to collect tests.
NOWHERE = {
    "SECRET_KEY": "collecting",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "KEY_FILE": "/nonexistent/keys.json",
}


MOST_WORKERS = 8

# Settings of the caller's own must not lead the tests to engines that hold something dear.
_NOT_OURS = (
    "PROCESS",
    "PUBLIC_URL",
    "ALLOWED_HOSTS",
    "PRINTER_CREDENTIALS",
    "S3_SERVER_SIDE_ENCRYPTION",
    "DEBUG",
    "EMAIL_URL",
    "BREACHED_PASSWORDS",
)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(args: list[str]) -> Iterator[None]:
    """Set the environment before pytest-django reads the settings, which it does in this same hook."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        for name in _NOT_OURS:
            os.environ.pop(name, None)
    if worker:
        _use_own_redis_database(worker)
    elif {"--collect-only", "--co"} & set(args):
        os.environ.update(NOWHERE)
    else:
        _start()
    return (yield)


def pytest_xdist_auto_num_workers() -> int:
    """One worker for each core; Redis has no databases for more of them, nor PostgreSQL memory."""
    return min(os.cpu_count() or 1, MOST_WORKERS)


def _start() -> None:
    """Start the engines in the process that the user started; its xdist workers inherit the environment."""
    engines = TemporaryEngines()
    # Whatever way the run ends, Ctrl-C and a broken import included.
    atexit.register(engines.stop)
    engines.start()
    os.environ.update(engines.environment)
    os.environ["LOG_JSON"] = "false"
    # The owner of everything: tests ask as each other kind where that is what they are about.
    os.environ["PROCESS"] = "migrate"
    # Our own store under another name: a printer with an address of its own needs credentials of its own.
    own = {"access_key": os.environ["S3_ACCESS_KEY"], "secret_key": os.environ["S3_SECRET_KEY"]}
    os.environ["PRINTER_CREDENTIALS"] = json.dumps({"gate": own})


def _use_own_redis_database(worker: str) -> None:
    """Give worker gw3 database 4: 0 belongs to a run without workers."""
    number = int(re.sub(r"\D", "", worker)) + 1
    os.environ["REDIS_URL"] = re.sub(r"/\d+$", f"/{number}", os.environ["REDIS_URL"])
    os.environ["BUCKET_PREFIX"] = f"{worker}-"
