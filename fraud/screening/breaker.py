"""A circuit breaker: what failed again and again is left alone for a while, then tried by one caller."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class OpenError(Exception):
    """Refuse to call what is being left alone."""


class Breaker:
    """Counts failures in a row; after *failures* of them nobody calls for *pause* seconds, then one tries.

    One breaker for all threads of a process.
    """

    def __init__(self, *, failures: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._open_until = 0.0

    @contextmanager
    def calling(self, *failing: type[Exception]) -> Iterator[None]:
        """Count what is called in the block; these exceptions are failures, and fly.

        :raises OpenError: it is being left alone, or another is trying it
        """
        self._enter()
        try:
            yield
        except failing:
            self._fail()
            raise
        self._succeed()

    @property
    def is_closed(self) -> bool:
        """Say whether calls go through."""
        return self._failed < self._most

    def _enter(self) -> None:
        with self._lock:
            if self.is_closed:
                return
            if self._clock() < self._open_until:
                raise OpenError
            # Half open: whoever comes next meanwhile finds it open.
            self._open_until = self._clock() + self._pause

    def _fail(self) -> None:
        with self._lock:
            self._failed += 1
            if not self.is_closed:
                self._open_until = self._clock() + self._pause

    def _succeed(self) -> None:
        with self._lock:
            self._failed = 0
