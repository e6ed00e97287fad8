"""Processes of their own that work on the engines of the tests: workers that can be watched, and killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from tests.worker_process import run

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


@cache
def _nursery() -> ForkServerContext:
    """A process that has imported everything once, and of which each short-lived worker is a fork."""
    context = get_context("forkserver")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in on_these_engines().items():
            patch.setenv(name, value)
        context.set_forkserver_preload([run.__module__])
        ensure_running()
    return context


@contextmanager
def one_task(task: str, *ids: int | str) -> Iterator[ForkServerProcess]:
    """Run one task in a process of its own, which is killed in the end whatever happens."""
    process = _nursery().Process(target=run, args=(task, *ids), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def celery_worker() -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """Run a worker as the stack does, with one child."""
    return running(
        "-m", "celery", "-A", "portal.celery", "worker", "-Q", "campaigns", "-c", "1", "-l", "ERROR"
    )
