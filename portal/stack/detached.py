"""A stack without a terminal: start it, follow its words until it is ready, stop it later."""

import os
import signal
import subprocess
import sys
import time

from portal.stack.children import outcome
from portal.stack.folder import DataFolder
from portal.stack.processes import ROOT
from portal.stack.up import Wish, already
from portal.stack.voice import StackError, say

# Seconds: longer than the patience with all children together.
_PATIENCE = 90.0


def up_detached(wish: Wish) -> None:
    """Start the stack in a process of its own and return when it is ready.

    :raises StackError: it ended before; its own last line says why
    """
    place = DataFolder(wish.data)
    place.make()
    if place.is_taken():
        say(f"Already running: {already(place, wish)}")
        return
    place.logs.mkdir(exist_ok=True)
    log = place.path / "stack.log"
    errors = place.path / "stack.err"
    # What the stack says holds the demonstration's passwords.
    log.touch(mode=0o600)
    # Two may be started at once: each adds to what is there, and reads from where it began.
    with log.open("ab") as output, errors.open("ab") as complaint:
        begun, begun_errors = output.tell(), complaint.tell()
        process = subprocess.Popen(
            _arguments(wish, place),
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=complaint,
            start_new_session=True,
        )
    with log.open() as words:
        words.seek(begun)
        while True:
            ended = process.poll()
            for line in words:
                sys.stdout.write(line)
                sys.stdout.flush()
                if " Ready: " in line:
                    return
            if ended == 0 and place.is_taken():
                # Another was a moment quicker; the last line has said so.
                return
            if ended is not None:
                complaints = errors.read_bytes()[begun_errors:].decode(errors="replace").strip().splitlines()
                raise StackError(
                    complaints[-1] if complaints else f"The stack ended: {outcome(ended)} (log: {log})"
                )
            time.sleep(0.1)


def down(place: DataFolder) -> None:
    """Stop the stack that has the folder and wait until it has gone."""
    if not place.is_taken():
        say(f"Nothing runs in {place.path}.")
        return
    run = place.run()
    if not run:
        raise StackError(f"A stack in {place.path} is just starting; try again in a moment.")
    say(f"stopping the stack at {run['url']}")
    os.kill(int(run["pid"]), signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while place.is_taken():
        if time.monotonic() > deadline:
            raise StackError(f"The stack (process {run['pid']}) has not stopped within {_PATIENCE:.0f} s.")
        time.sleep(0.1)
    say("Stopped; the data stays.")


def _arguments(wish: Wish, place: DataFolder) -> list[str]:
    arguments = [
        sys.executable,
        "-m",
        "portal.stack",
        "up",
        "--port",
        str(wish.port),
        "--data",
        str(place.path),
    ]
    return arguments + ["--no-demo"] * (not wish.demo) + ["--fresh"] * wish.fresh
