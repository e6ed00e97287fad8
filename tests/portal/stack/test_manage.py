"""The command line of commands: one clear line when the database is not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.stack.folder import free_port

ROOT = Path(__file__).resolve().parents[3]


def manage(*arguments: str, port: int) -> "subprocess.CompletedProcess[str]":
    elsewhere = {
        "DATABASE_URL": f"postgres://countersign:a-password@127.0.0.1:{port}/countersign",
        "DATABASE_POOL_TIMEOUT": "0.2",
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**os.environ, **elsewhere},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


@pytest.mark.parametrize("command", ["verify_trail", "retain"])
def test_says_in_one_line_where_no_database_answers(command: str) -> None:
    port = free_port()

    done = manage(command, port=port)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"The database does not answer at 127.0.0.1:{port}. bin/up starts the one of this machine.\n"
    )


def test_tells_all_of_it_to_whoever_asks() -> None:
    done = manage("retain", "--traceback", port=free_port())

    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "a-password" not in done.stderr
