"""The checks of bin/check, one line each; all are run, and any that fails fails the whole."""

import os
import re
import subprocess
import sys
import time
import tomllib
from functools import partial
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
# Settings that point at nothing: no check needs an engine.
NOWHERE = {
    "SECRET_KEY": "checking",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing",
    "DATABASE_POOL_TIMEOUT": "0.1",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "KEY_FILE": "/nonexistent/keys.json",
    "DJANGO_SETTINGS_MODULE": "portal.settings",
}
# What pytest answers when it finds no test.
NO_TESTS = 5
# So many lines of a failed check are shown.
LINES = 60


def main(wanted: list[str]) -> int:
    """Run every check, or those named, and say how each ended."""
    all_checks = {name: partial(check, name, command) for name, command in commands().items()} | {
        "locks": locks
    }
    unknown = [name for name in wanted if name not in all_checks]
    if unknown:
        sys.exit(f"There is no check called {unknown[0]}; there are: {', '.join(all_checks)}")
    failed = [name for name, act in all_checks.items() if (not wanted or name in wanted) and not act()]
    print(f"failed: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


def commands() -> dict[str, list[str]]:
    """Say what each check runs."""
    manage = [sys.executable, "manage.py"]
    return {
        "format": [tool("ruff"), "format", "--check", "--quiet", "."],
        "lint": [tool("ruff"), "check", "--quiet", "."],
        "types": [tool("mypy"), "."],
        "floors": [tool("lint-imports"), "--no-logo"],
        "templates": [tool("djade"), "--check", "--target-version", "5.2", *templates()],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "deployment": [*manage, "check", "--fail-level", "WARNING"],
        "openapi": [*manage, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull],
        "bill of materials": [sys.executable, "bin/bill.py"],
        "architecture": [sys.executable, "-m", "pytest", "-q", "--tb=short", "tests/architecture"],
    }


def tool(name: str) -> str:
    return str(SCRIPTS / name)


def templates() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]


def check(name: str, command: list[str]) -> bool:
    """Run one check; what it says is shown only if it fails."""
    started = time.monotonic()
    if command[0] == tool("djade") and not templates():
        return report(name, started, "")
    environment = {**os.environ, **NOWHERE}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    nothing_to_test = "pytest" in command and done.returncode == NO_TESTS
    return report(
        name, started, "" if nothing_to_test or not done.returncode else done.stdout + done.stderr or "failed"
    )


def locks() -> bool:
    """See that the locks pin what pyproject.toml asks for, agree with each other, and name no host."""
    started = time.monotonic()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    asked = [*project["project"]["dependencies"]]
    wrong = [line for line in asked if not is_pinned(line, runtime)]
    wrong += [line for line in [*asked, *project["dependency-groups"]["dev"]] if not is_pinned(line, dev)]
    wrong += [
        f"{name} differs between the locks" for name, version in runtime.items() if dev.get(name) != version
    ]
    wrong += [
        f"{lock} names a host" for lock in ("requirements.lock", "requirements-dev.lock") if names_host(lock)
    ]
    return report("locks", started, "\n".join(f"not as pyproject.toml asks: {line}" for line in wrong))


def pins(lock: str) -> dict[str, set[str]]:
    """Read which versions a lock allows: more than one where they differ by Python or system."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", (ROOT / lock).read_text(), re.M
    ):
        found.setdefault(name, set()).add(version)
    return found


def is_pinned(line: str, pinned: dict[str, set[str]]) -> bool:
    asked = Requirement(line)
    versions = pinned.get(re.sub(r"[-_.]+", "-", asked.name).lower(), set())
    return bool(versions) and all(asked.specifier.contains(version, prereleases=True) for version in versions)


def names_host(lock: str) -> bool:
    return "://" in (ROOT / lock).read_text()


def report(name: str, started: float, trouble: str) -> bool:
    print(f"{'failed' if trouble else 'ok':<7}{name} ({time.monotonic() - started:.1f} s)", flush=True)
    lines = trouble.strip().splitlines()
    if len(lines) > LINES:
        lines = [*lines[: LINES // 2], f"… {len(lines) - LINES} lines more …", *lines[-LINES // 2 :]]
    for line in lines:
        print(f"       {line}", flush=True)
    return not trouble


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
