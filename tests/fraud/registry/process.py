"""A registry process on the engines of the tests, with its own role and its own share of the keys."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.error import URLError
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from portal.privileges import Process
from portal.stack.folder import free_port
from tests.processes import ROOT, on_these_engines

SECRET = "of-the-tests-" + "s" * 32


@contextmanager
def registry_process() -> Iterator[str]:
    """Run one until the block ends; give its address."""
    with killable_registry() as (url, _process):
        yield url


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all that it started at once, as a machine that fails does."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def killable_registry() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run one until the block ends or somebody kills it; give its address and the process."""
    port = free_port()
    base = connection.settings_dict
    role = Process.REGISTRY.role
    login = f"{role}:{quote(settings.DATABASE_PASSWORDS[role])}@{base['HOST']}:{base['PORT']}"
    own = {
        "PROCESS": Process.REGISTRY.value,
        "DATABASE_URL": f"postgres://{login}/{base['NAME']}",
        "REGISTRY_SECRET": SECRET,
        "LOG_LEVEL": "WARNING",
    }
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1", "--blocking-threads", "4", "portal.wsgi:application"),
    ]
    process = subprocess.Popen(command, env=on_these_engines() | own, cwd=ROOT, start_new_session=True)
    try:
        _await(f"http://127.0.0.1:{port}/readyz", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _await(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(URLError, ConnectionError, TimeoutError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.05)
    raise AssertionError("the registry does not start")
