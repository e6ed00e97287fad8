"""Bring the whole stack up, engines first, and keep it up until asked to stop."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.stack.children import Child, Command
from portal.stack.engines import HOST, bring_up, is_elsewhere
from portal.stack.folder import DataFolder, is_free, read_json
from portal.stack.guard import Guard, signal_group
from portal.stack.local import local_engines
from portal.stack.postgres import Postgres
from portal.stack.processes import ROOT, empty_metrics, processes, settings
from portal.stack.supervisor import Supervisor
from portal.stack.voice import StackError, say

# Seconds in which all processes must be ready, on a slow machine too.
_PATIENCE = 120.0
# Beside those who sign in with a second factor.
_MARK = " +"
# So often may a process die before it has ever been ready.
_TRIES = 3


@dataclass(frozen=True)
class Wish:
    """What the command line asked for."""

    port: int
    data: Path
    demo: bool = True
    fresh: bool = False


def up(wish: Wish) -> None:
    """Run everything in this process until Ctrl-C.

    :raises StackError: it cannot be run, with the reason in one line
    """
    place = DataFolder(wish.data)
    place.make()
    if not place.take():
        say(f"Already running: {already(place, wish)}")
        return
    supervisor = Supervisor()
    guard = Guard()
    with supervisor.listening():
        try:
            _start(wish, place, supervisor, guard)
            supervisor.watch()
        finally:
            if supervisor.children:
                say("stopping")
            supervisor.stop()
            guard.close()
            place.release()


def already(place: DataFolder, wish: Wish) -> str:
    """Give the address of the stack that has the folder.

    :raises StackError: what is asked for differs from what runs
    """
    run = place.run()
    if wish.fresh:
        raise StackError(f"The stack in {place.path} is running; stop it with bin/down before starting over.")
    return str(run.get("url", f"a stack in {place.path} is just starting"))


def _start(wish: Wish, place: DataFolder, supervisor: Supervisor, guard: Guard) -> None:
    if not is_free(wish.port):
        raise StackError(f"Port {wish.port} is in use. Choose another: bin/up --port {_next_free(wish.port)}")
    say(f"data folder: {place.path}")
    if wish.fresh:
        _start_over(place)
    url = os.environ.get("PUBLIC_URL") or f"http://{HOST}:{wish.port}"
    place.write_run({"pid": os.getpid(), "url": url, "port": wish.port})
    environment = settings(place, _start_engines(place, supervisor, guard), wish.port)
    if supervisor.is_asked_to_stop:
        return
    _prepare(wish, place, environment, supervisor, guard)
    if supervisor.is_asked_to_stop:
        return
    empty_metrics(place)
    for command in processes(environment, place, wish.port):
        if supervisor.is_asked_to_stop:
            return
        child = Child(command, place.logs / f"{command.name}.log", guard)
        child.start()
        supervisor.add(child)
        say(f"{command.name}: starting")
    _await_ready(wish, place, supervisor)


def _start_engines(place: DataFolder, supervisor: Supervisor, guard: Guard) -> dict[str, str]:
    """Start the engines that nobody else runs; give what the portal must know of those."""
    environment: dict[str, str] = {}
    for engine in local_engines(place):
        if supervisor.is_asked_to_stop:
            break
        if is_elsewhere(engine, os.environ):
            say(f"{engine.name}: the one that {engine.variable} names")
            continue
        started = time.monotonic()
        engine.prepare()
        child = Child(engine.command(), place.logs / f"{engine.name}.log", guard)
        supervisor.add(child)
        bring_up(engine, child)
        environment |= engine.environment()
        say(f"{engine.name}: ready ({time.monotonic() - started:.1f} s)")
    return environment


def _prepare(
    wish: Wish, place: DataFolder, environment: dict[str, str], supervisor: Supervisor, guard: Guard
) -> None:
    """Run the steps before the start in a process of their own; its lines go to ours."""
    arguments = [sys.executable, "-m", "portal.stack.prepare"]
    if wish.demo:
        arguments += ["--demo", str(place.demo)]
    log = place.logs / "prepare.log"
    with log.open("ab") as errors:
        steps = subprocess.Popen(
            arguments,
            env={**environment, "PROCESS": "migrate"},
            cwd=ROOT,
            stderr=errors,
            start_new_session=True,
        )
    guard.watch(steps.pid, signal.SIGTERM)
    while steps.poll() is None and not supervisor.is_asked_to_stop:
        supervisor.wait(0.1)
    signal_group(steps.pid, signal.SIGTERM)
    code = steps.wait()
    guard.forget(steps.pid)
    if code and not supervisor.is_asked_to_stop:
        words = Child(Command("prepare", (), {}), log).last_words()
        raise StackError(f"The preparation failed: {words} (log: {log})")


def _await_ready(wish: Wish, place: DataFolder, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not supervisor.is_asked_to_stop:
        supervisor.glance()
        for child in supervisor.children:
            if supervisor.deaths(child.name) >= _TRIES:
                raise StackError(f"{child.name} does not start: {child.last_words()} (log: {child.log})")
        report = readiness(wish.port)
        if report and report[0] == 200:
            _show_around(wish, place)
            return
        if time.monotonic() > deadline:
            raise StackError(
                f"Not ready after {_PATIENCE:.0f} s: {report[1] if report else 'web does not answer'}"
            )
        supervisor.wait(0.2)


def _show_around(wish: Wish, place: DataFolder) -> None:
    """Say who can sign in and where; the address comes last, where the eye is."""
    url = place.run()["url"]
    if wish.demo and place.demo.exists():
        say(f"sign in at {url}/ as one of these (more in {place.demo}):")
        for role, person in read_json(place.demo).get("users", {}).items():
            say(f"  {role:<10} {person['email']:<32} {person['password']}{_MARK * ('totp_secret' in person)}")
        say(f"{_MARK.strip()} asks for a code as well, which `bin/manage totp ROLE` prints")
    say(f"the API is described at {url}/api/docs/")
    say(f"Ready: {url}")


def readiness(port: int) -> tuple[int, Any] | None:
    """Ask the web process what it says of everything; None if it does not answer."""
    link = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        link.request("GET", "/readyz")
        answer = link.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        link.close()


def _start_over(place: DataFolder) -> None:
    """Throw away what stacks make in a data folder, and nothing else that may lie there."""
    say("starting over: throwing away all data")
    Postgres(place.path / "postgres", 0, "", "", {}).remove()
    for entry in place.contents():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _next_free(port: int) -> int:
    return next((other for other in range(port + 1, port + 100) if is_free(other)), port + 1)
