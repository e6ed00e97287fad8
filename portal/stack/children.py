"""One child process: started in a group of its own, logged to a file, stopped with nothing left behind."""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.stack.guard import Guard, signal_group
from portal.stack.voice import StackError

# A log longer than this is set aside at the next start; the one set aside before is thrown away.
_LOG_BYTES = 20_000_000


@dataclass(frozen=True)
class Command:
    """What to run: `user` None means the user that we are; `environment` is the whole of it, passwords included."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    user: pwd.struct_passwd | None = None
    folder: Path | None = None
    # Engines stop last, one after the other; all else stops at once.
    is_engine: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    # Seconds that it may take to finish what it is at.
    patience: float = 10.0


@dataclass
class Child:
    """A command, and the process that runs it just now."""

    command: Command
    log: Path
    guard: Guard | None = None
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    _is_asked: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        return self.command.name

    def start(self) -> None:
        """Start it; its group is its own, so that Ctrl-C in a terminal reaches the supervisor alone."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        try:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command.arguments,
                    env=dict(self.command.environment),
                    cwd=self.command.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    **identity(self.command.user),
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise StackError(f"{self.name} cannot be started: {error}") from error
        self.started_at = time.monotonic()
        self._is_asked = False
        if self.guard:
            self.guard.watch(self.process.pid, self.command.stop_signal)

    def exit_code(self) -> int | None:
        """Tell how it ended, None while it runs; what it left of its group ends with it."""
        code = self.process.poll() if self.process else None
        if self.process and code is not None:
            self._clear_away(self.process.pid)
        return code

    def ask_to_stop(self) -> None:
        """Send the signal on which it finishes what it is at: once, since many take a second as impatience."""
        if self.process and self.process.poll() is None and not self._is_asked:
            self._is_asked = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, self.command.stop_signal)

    def stop(self, patience: float | None = None) -> bool:
        """Wait until it has ended, at the latest by force; tell whether it ended by itself."""
        if not self.process:
            return True
        willing = True
        self.ask_to_stop()
        try:
            self.process.wait(self.command.patience if patience is None else patience)
        except subprocess.TimeoutExpired:
            willing = False
            signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._clear_away(self.process.pid)
        return willing

    def last_words(self) -> str:
        """Quote the line of its log's end that says why it ended: the last, unless one is marked as fatal."""
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        fatal = [line for line in lines[-5:] if "FATAL" in line or "PANIC" in line]
        return (fatal or lines or [""])[-1][-300:]

    def _clear_away(self, group: int) -> None:
        signal_group(group, signal.SIGKILL)
        if self.guard:
            self.guard.forget(group)


def identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Give the arguments with which `subprocess` runs something as another user."""
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def outcome(code: int) -> str:
    """Put an exit code into words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
