"""Processes of their own that work on the engines of the tests: workers that can be watched, and killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def on_these_engines() -> dict[str, str]:
    """The environment of a process that works on this test's database, broker and buckets."""
    base = connection.settings_dict
    login = f"{quote(base['USER'])}:{quote(base['PASSWORD'])}@{base['HOST']}:{base['PORT']}"
    return os.environ | {
        "DATABASE_URL": f"postgres://{login}/{base['NAME']}",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PYTHONPATH": str(ROOT),
        "PROCESS": "campaigns-worker",
    }


@contextmanager
def running(*command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process in a group of its own, which is killed in the end whatever happens."""
    process = subprocess.Popen(
        [sys.executable, *command], env=on_these_engines(), cwd=ROOT, start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def celery_worker() -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """Run a worker as the stack does, with one child."""
    return running(
        "-m", "celery", "-A", "portal.celery", "worker", "-Q", "campaigns", "-c", "1", "-l", "ERROR"
    )
