"""A small process that outlives a supervisor killed outright, and stops what it would have left behind.

It reads `+GROUP SIGNAL` and `-GROUP` from its standard input; when that ends, the supervisor is gone, and
every process group still on the list is stopped.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

# Seconds between the polite signal and the last one.
PATIENCE = 5.0


class Guard:
    """The supervisor's end: tell the guard which process groups to stop should the supervisor vanish."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            # A pipe that reads our output must not wait for the guard.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, group: int, stop_signal: int) -> None:
        self._tell(f"+{group} {stop_signal}\n")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Send the guard home; it stops whatever is still on its list."""
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin:
            # A guard that somebody killed is missed only if the supervisor is killed as well.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line.encode())
                self._process.stdin.flush()


def signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group; tell whether any of it was there."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        # macOS says this of a group in which only unreaped processes are left.
        return False
    return True


def _guard() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        if line.startswith("+"):
            group, number_of_signal = line[1:].split()
            groups[int(group)] = int(number_of_signal)
        else:
            groups.pop(int(line[1:]), None)
    left = {group for group, number in groups.items() if signal_group(group, number)}
    deadline = time.monotonic() + PATIENCE
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {group for group in left if signal_group(group, 0)}
    for group in left:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    _guard()
