"""Keep children running: start again what died, say so, and stop all in order."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from portal.stack.children import Child, outcome
from portal.stack.voice import say

# Seconds between looks at the children.
_GLANCE = 0.2
# Seconds before the next try, by how often it has died lately.
_PAUSES = (0.2, 1, 2, 5, 10, 30)
# After this many seconds of life a child's earlier deaths are forgotten.
_SETTLED = 60.0


class Supervisor:
    """The children in their order of start; they stop in the reverse order."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._deaths: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._asked = threading.Event()
        self._hurry = False

    @property
    def is_asked_to_stop(self) -> bool:
        return self._asked.is_set()

    def deaths(self, name: str) -> int:
        """Tell how often a child has died lately."""
        return self._deaths.get(name, 0)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C and SIGTERM as the wish to stop; the second one as a wish to stop at once."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._ask) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def add(self, child: Child) -> None:
        """Take charge of a child that has been started."""
        self.children.append(child)

    def watch(self) -> None:
        """Look after the children until asked to stop."""
        while not self._asked.wait(_GLANCE):
            self.glance()

    def wait(self, seconds: float) -> None:
        """Wait, unless asked to stop."""
        self._asked.wait(seconds)

    def glance(self) -> None:
        """Start again whatever has died and has waited its time."""
        for child in self.children:
            if child.name in self._due:
                if time.monotonic() >= self._due[child.name]:
                    del self._due[child.name]
                    child.start()
                continue
            code = child.exit_code()
            if code is not None:
                self._mourn(child, code)

    def stop(self) -> None:
        """Stop all children: those that work first and together, then the engines under them in turn."""
        for child in self.children:
            if not child.command.is_engine:
                child.ask_to_stop()
        for child in reversed(self.children):
            started = time.monotonic()
            willing = child.stop(patience=0.5 if self._hurry else None)
            took = f"({time.monotonic() - started:.1f} s)"
            say(f"{child.name}: stopped {took}" if willing else f"{child.name}: stopped by force {took}")
        self.children = []

    def _mourn(self, child: Child, code: int) -> None:
        if time.monotonic() - child.started_at > _SETTLED:
            self._deaths[child.name] = 0
        deaths = self._deaths[child.name] = self.deaths(child.name) + 1
        pause = _PAUSES[min(deaths, len(_PAUSES)) - 1]
        self._due[child.name] = time.monotonic() + pause
        say(f"{child.name}: ended ({outcome(code)}); starting it again in {pause:g} s (log: {child.log})")

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._hurry = self._asked.is_set()
        self._asked.set()
