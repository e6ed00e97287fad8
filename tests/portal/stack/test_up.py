"""bin/up as its users meet it: from nothing to ready, its refusals, its repairs, and its end."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.stack.folder import free_port
from tests.log_watch import found_in_logs
from tests.portal.stack.test_supervisor import eventually, is_alive

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]


def environment() -> dict[str, str]:
    """The user's environment: the engines of this test run are not in it."""
    kept = ("PATH", "HOME", "TMPDIR", "LANG")
    return {name: os.environ[name] for name in kept if name in os.environ}


def bin_up(*arguments: str, command: str = "up", **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(ROOT / "bin" / command), *arguments],
        env=environment() | more,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


@dataclass
class Running:
    """A stack in a terminal, as it were."""

    data: Path
    port: int
    process: "subprocess.Popen[str]"
    output: Path

    @classmethod
    def start(cls, data: Path, *, demo: bool = False) -> "Running":
        port = free_port()
        output = data.parent / f"{data.name}.out"
        arguments = ["--port", str(port), "--data", str(data), *([] if demo else ["--no-demo"])]
        with output.open("w") as out:
            process = subprocess.Popen(
                [str(ROOT / "bin" / "up"), *arguments],
                env=environment(),
                stdout=out,
                stderr=out,
                text=True,
                start_new_session=True,
            )
        running = cls(data, port, process, output)
        eventually(lambda: "Ready:" in running.said() or process.poll() is not None, 90)
        assert f"Ready: http://127.0.0.1:{port}" in running.said(), running.said()
        return running

    def said(self) -> str:
        return self.output.read_text()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def readiness(self) -> tuple[int, Any]:
        status, body = self.get("/readyz")
        return status, json.loads(body)

    def processes(self) -> dict[int, str]:
        """Every process that belongs to this stack, by its command line or its settings."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                told = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
            except OSError:
                continue
            if (
                str(self.data).encode() in told
                and int(entry.name) != os.getpid()
                and is_alive(int(entry.name))
            ):
                found[int(entry.name)] = told.split(b"\0\0")[0].replace(b"\0", b" ").decode(errors="replace")
        return found

    def one(self, pattern: str) -> int:
        """The oldest of its processes whose command line fits."""
        return min(process for process, line in self.processes().items() if re.search(pattern, line))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that others may pass, unlike pytest's own: as root PostgreSQL runs as somebody else."""
    path = Path(tempfile.mkdtemp(prefix="stack-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Running]:
    running = Running.start(folder / "data")
    yield running
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(60) == 0
    assert found_in_logs(running.data) == []


def test_names_each_engine_and_worker(stack: Running) -> None:
    status, report = stack.readiness()

    assert status == 200
    assert report == {
        "database": "ok",
        "redis": "ok",
        "storage": "ok",
        "screen": "ok",
        "registry": "ok",
        "workers": {"campaigns": "ok", "fraud": "ok", "trail": "ok", "platform": "ok"},
        "beat": "ok",
    }
    assert stack.get("/healthz") == (200, "ok\n")
    assert 'countersign_ready{part="workers.campaigns"} 1.0' in stack.get("/metrics")[1]


def test_a_second_start_on_the_same_data_gives_the_address(stack: Running) -> None:
    second = bin_up("--no-demo", "--data", str(stack.data))

    assert second.returncode == 0
    assert second.stdout.strip().endswith(f"Already running: http://127.0.0.1:{stack.port}")


def test_starting_over_is_refused_while_it_runs(stack: Running) -> None:
    second = bin_up("--fresh", "--data", str(stack.data))

    assert second.returncode == 1
    assert second.stderr.strip() == (
        f"The stack in {stack.data} is running; stop it with bin/down before starting over."
    )


def test_a_killed_worker_is_started_again_and_said_so(stack: Running) -> None:
    killed = stack.one("celery.* worker")

    os.kill(killed, signal.SIGKILL)

    assert eventually(
        lambda: "campaigns-worker: ended (killed by SIGKILL); starting it again" in stack.said()
    )
    assert eventually(lambda: any("worker" in line for line in stack.processes().values()))
    assert eventually(lambda: stack.readiness()[0] == 200, 30)


def test_a_killed_engine_is_missed_and_comes_back(stack: Running) -> None:
    os.kill(stack.one("valkey-server"), signal.SIGKILL)

    assert eventually(lambda: "valkey: ended (killed by SIGKILL); starting it again" in stack.said())
    assert eventually(lambda: stack.readiness()[0] == 200, 40)


def test_management_commands_find_the_running_stack(stack: Running) -> None:
    done = bin_up("migrate", "--check", command="manage", COUNTERSIGN_DATA=str(stack.data))

    assert (done.returncode, done.stderr) == (0, "")


def test_a_port_in_use_is_one_clear_line(folder: Path) -> None:
    port = free_port()
    with closing(socket.create_server(("127.0.0.1", port))):
        refused = bin_up("--no-demo", "--port", str(port), "--data", str(folder / "other"))

    assert refused.returncode == 1
    assert re.fullmatch(rf"Port {port} is in use\. Choose another: bin/up --port \d+\n", refused.stderr)


def test_a_broken_data_folder_is_one_clear_line(folder: Path) -> None:
    broken = folder / "broken"
    (broken / "postgres").mkdir(parents=True)
    (broken / "secrets.json").write_text("{")

    refused = bin_up("--no-demo", "--port", str(free_port()), "--data", str(broken))

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith(f"The data folder is broken: {broken}/secrets.json cannot be read")


def test_a_data_folder_that_cannot_be_made_is_one_clear_line() -> None:
    refused = bin_up("--no-demo", "--data", "/proc/nothing/here")

    assert refused.returncode == 1
    assert (
        refused.stderr
        == "The data folder /proc/nothing/here cannot be written to: No such file or directory.\n"
    )


def test_ctrl_c_leaves_no_process_and_a_second_start_keeps_the_data(folder: Path) -> None:
    first = Running.start(folder / "interrupted")
    kept = (first.data / "secrets.json").read_text()

    os.killpg(first.process.pid, signal.SIGINT)

    assert first.process.wait(60) == 0
    assert first.processes() == {}
    assert "postgres: stopped" in first.said()
    again = bin_up("--no-demo", "--detach", "--port", str(first.port), "--data", str(first.data))
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip().endswith(f"Ready: http://127.0.0.1:{first.port}")
    assert (first.data / "secrets.json").read_text() == kept
    _killing_the_supervisor_leaves_nothing(first)


def _killing_the_supervisor_leaves_nothing(stack: Running) -> None:
    """End the detached stack the hard way, and see that the next one is not misled by what lies about."""
    os.kill(json.loads((stack.data / "stack.json").read_text())["pid"], signal.SIGKILL)

    assert eventually(lambda: stack.processes() == {}, 20)
    nothing = bin_up("--data", str(stack.data), command="down")
    assert nothing.stdout.strip().endswith(f"Nothing runs in {stack.data}.")
    _lost_keys_are_not_made_anew(stack)


def _lost_keys_are_not_made_anew(stack: Running) -> None:
    """A second key file would let the stack start, and no code of its database be read."""
    keys = stack.data / "keys.json"
    keys.rename(keys.with_suffix(".away"))

    refused = bin_up("--no-demo", "--port", str(stack.port), "--data", str(stack.data))

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"The preparation failed: The key file {keys} is missing")
    assert refused.stderr.count("\n") == 1
    assert not keys.exists()
