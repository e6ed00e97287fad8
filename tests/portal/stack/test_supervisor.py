"""Children are started again when they die, and nothing of them outlives the supervisor, however that ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.stack.children import Child, Command, outcome
from portal.stack.supervisor import Supervisor
from portal.stack.voice import StackError


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Look again and again until it is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    # Where nobody reaps orphans a dead process stays on the list as a zombie.
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def child(tmp_path: Path, script: str, name: str = "child", **wishes: float) -> Child:
    arguments = (sys.executable, "-c", script)
    return Child(Command(name, arguments, dict(os.environ), **wishes), tmp_path / f"{name}.log")


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    supervisor.stop()


def test_starts_again_what_was_killed(
    tmp_path: Path, supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    sleeper = child(tmp_path, "import time; time.sleep(60)")
    sleeper.start()
    supervisor.add(sleeper)
    assert sleeper.process
    first = sleeper.process.pid

    os.kill(first, signal.SIGKILL)

    def again() -> bool:
        supervisor.glance()
        return sleeper.process is not None and sleeper.process.pid != first

    assert eventually(again)
    assert "child: ended (killed by SIGKILL); starting it again" in capsys.readouterr().out


def test_waits_longer_each_time_for_what_keeps_dying(
    tmp_path: Path, supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = child(tmp_path, "raise SystemExit('no')")
    failing.start()
    supervisor.add(failing)

    def three_deaths() -> bool:
        supervisor.glance()
        return supervisor.deaths("child") == 3

    assert eventually(three_deaths)
    said = capsys.readouterr().out
    assert [pause for pause in ("in 0.2 s", "in 1 s", "in 2 s") if pause in said] == [
        "in 0.2 s",
        "in 1 s",
        "in 2 s",
    ]
    assert failing.last_words() == "no"


def test_grandchildren_end_with_their_parent(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(inner.pid, flush=True); time.sleep(60)"
    )
    parent = child(tmp_path, script)
    parent.start()
    assert eventually(lambda: parent.last_words().isdecimal())
    grandchild = int(parent.last_words())

    parent.stop()

    assert eventually(lambda: not is_alive(grandchild))


def test_one_that_will_not_stop_is_stopped_by_force(tmp_path: Path) -> None:
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True); time.sleep(60)"
    )
    stubborn = child(tmp_path, script, patience=0.3)
    stubborn.start()
    assert eventually(lambda: stubborn.last_words() == "deaf")

    willing = stubborn.stop()

    assert not willing
    assert stubborn.process
    assert not is_alive(stubborn.process.pid)


def test_children_stop_in_reverse_order(
    tmp_path: Path, supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("engine", "web"):
        each = child(tmp_path, "import time; time.sleep(60)", name)
        each.start()
        supervisor.add(each)

    supervisor.stop()

    said = capsys.readouterr().out
    assert said.index("web: stopped") < said.index("engine: stopped")


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = Child(Command("engine", ("/nonexistent/program",), {}), tmp_path / "engine.log")

    with pytest.raises(StackError, match=r"engine cannot be started: .*No such file"):
        missing.start()


def test_nothing_outlives_a_supervisor_that_is_killed_outright(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from portal.stack.children import Child, Command; from portal.stack.guard import Guard\n"
        "sleep = (sys.executable, '-c', 'import time; time.sleep(60)')\n"
        "child = Child(Command('child', sleep, dict(os.environ)), Path(sys.argv[1]) / 'log', Guard())\n"
        "child.start(); print(child.process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, check=False
    )

    assert done.returncode == -signal.SIGKILL
    assert eventually(lambda: not is_alive(int(done.stdout)))


def test_exit_codes_are_put_into_words() -> None:
    assert [outcome(code) for code in (0, 3, -9)] == ["exit code 0", "exit code 3", "killed by SIGKILL"]


def test_a_command_shows_no_password_of_its_environment():
    command = Command("engine", ("/bin/true",), {"DATABASE_URL": "postgres://countersign:secret@127.0.0.1/x"})

    shown = repr(command)

    assert "engine" in shown
    assert "secret" not in shown
