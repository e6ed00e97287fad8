"""Make .venv hold what a lock names: by uv where it is at hand, else by pip; standard library only."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Which locks .venv fulfils, by their hashes; written last, so a broken-off installation is begun again.
STAMP = VENV / ".fulfils.json"
LOCKS = ("requirements.lock", "requirements-dev.lock")
# The Python behind an environment, should this run in one.
BASE: str = getattr(sys, "_base_executable", sys.executable)
ONLY_WHEELS = ["--require-hashes", "--only-binary", ":all:"]


class SetUpError(Exception):
    """Stop with one line that says what is missing and what to do."""


def main(lock: str) -> None:
    """Install a lock unless it is installed; the larger lock holds the smaller with the same versions."""
    if is_fulfilled(lock):
        return
    (ROOT / ".build").mkdir(exist_ok=True)
    with (ROOT / ".build" / "install.lock").open("a") as turn:
        take_turn(turn.fileno())
        # Whoever was before us may have done it.
        if is_fulfilled(lock):
            return
        started = time.monotonic()
        count = sum(1 for line in (ROOT / lock).read_text().splitlines() if "==" in line)
        say(f"setting up .venv: {count} packages of {lock}")
        install(lock)
        note(lock)
        say(f"set up in {time.monotonic() - started:.0f} s")


def say(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stdout.flush()


def is_fulfilled(lock: str) -> bool:
    return stamp().get(lock) == digest(lock) and works()


def works() -> bool:
    """Tell whether .venv's own Python runs: an upgrade of the system may have taken it away."""
    # The commands call us by it where it does.
    if Path(sys.prefix) == VENV:
        return True
    trial = [str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    return PYTHON.exists() and subprocess.run(trial, capture_output=True, check=False).returncode == 0


def stamp() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def note(lock: str) -> None:
    """Write down which locks are fulfilled: the larger one fulfils the smaller too."""
    fulfilled = LOCKS if lock == LOCKS[-1] else (lock,)
    draft = STAMP.with_suffix(".new")
    draft.write_text(json.dumps({name: digest(name) for name in fulfilled}))
    draft.replace(STAMP)


def take_turn(turn: int) -> None:
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another command is setting up .venv; waiting for it")
        fcntl.flock(turn, fcntl.LOCK_EX)


def install(lock: str) -> None:
    """Install by uv, and by pip where uv is absent or cannot reach the packages: pip may be set up for it."""
    STAMP.unlink(missing_ok=True)
    uv = working_uv()
    if uv:
        try:
            install_by_uv(uv, lock)
        except SetUpError as error:
            say(f"uv could not; trying pip.\n{error}")
        else:
            return
    run([*pip(), "install", "--disable-pip-version-check", *ONLY_WHEELS, "-r", lock])


def install_by_uv(uv: str, lock: str) -> None:
    if not works():
        run([uv, "venv", "--quiet", "--clear", "--no-project", "--python", BASE, str(VENV)])
    run([uv, "pip", "install", "--python", str(PYTHON), *ONLY_WHEELS, "-r", lock])


def working_uv() -> str | None:
    """Find a uv that runs: a version manager may offer a name with nothing behind it."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        return uv
    return None


def pip() -> list[str]:
    """Make .venv if need be, and say how to call a pip that installs into it."""
    inside = [str(PYTHON), "-m", "pip"]
    if works() and subprocess.run([*inside, "--version"], capture_output=True, check=False).returncode == 0:
        return inside
    if has("venv") and has("ensurepip"):
        run([BASE, "-m", "venv", "--clear", str(VENV)])
        return inside
    if has("venv") and has("pip"):
        # Debian takes ensurepip out of Python; a pip of the system's own can work on another environment.
        run([BASE, "-m", "venv", "--clear", "--without-pip", str(VENV)])
        return [BASE, "-m", "pip", "--python", str(PYTHON)]
    raise SetUpError(
        f"{BASE} can make no environment: it has no ensurepip and no pip, and there is no uv. "
        "Install uv, or Python's venv package (Debian: apt install python3-venv), and run this again."
    )


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def run(command: list[str]) -> None:
    """Run an installer, showing how far it is; its own last lines only if it fails."""
    environment = {
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "UV_NO_PROGRESS": "1",
    }
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    collected = 0
    for line in process.stdout or ():
        lines.append(line.rstrip())
        collected += line.startswith("Collecting ")
        if line.startswith("Collecting ") and collected % 10 == 0:
            say(f"  {collected} packages so far")
        if line.startswith(("Resolved", "Prepared", "Installed", "Installing collected")):
            say(f"  {line.strip()[:80]}")
    if process.wait():
        tail = "\n".join(f"    {line}" for line in lines[-8:])
        raise SetUpError(f"{tail}\nThe packages could not be installed (see above): {command[0]} failed.")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SetUpError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"The environment cannot be set up: {error.strerror}: {error.filename or VENV}")
    except KeyboardInterrupt:
        sys.exit("Interrupted while setting up; run it again to go on.")
