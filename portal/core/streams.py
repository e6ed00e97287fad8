"""Where events leave to: an address names a sink, and a sink takes lines of JSON in their order.

A sink says how many of the first lines it has surely taken; the rest is sent again, so that nothing is lost and some
may arrive twice.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, urlsplit

from portal.core.phrases import Phrase

KINDS = "stdout:, file:///path, syslog://host:port, syslog+tls://host:port and kinesis://stream"


class StreamError(Exception):
    """Say that a sink did not take all lines: why, in words, and how many of the first it has surely taken."""

    def __init__(self, problem: Phrase, taken: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.taken = taken


@dataclass(frozen=True, slots=True)
class Line:
    """One event: when it happened, and its JSON without a line's end."""

    at: datetime
    text: bytes


class Sink(Protocol):
    """Takes lines."""

    def send(self, lines: Sequence[Line]) -> None:
        """Hand over all lines in their order.

        :raises StreamError: it did not take all of them
        """


@dataclass(frozen=True, slots=True)
class StandardOutput:
    """The standard output of the process, which containers collect."""

    def send(self, lines: Sequence[Line]) -> None:
        # The descriptor itself: workers put a logger in the place of sys.stdout.
        _write_all(1, b"".join(line.text + b"\n" for line in lines))


@dataclass(frozen=True, slots=True)
class File:
    """A file that lines are added to; it is opened anew each time, so that whoever rotates it may move it away.

    With `rotate_bytes` it moves itself away as NAME.1, NAME.2 …, and keeps `keep` of them.
    """

    path: Path
    rotate_bytes: int = 0
    keep: int = 10

    def send(self, lines: Sequence[Line]) -> None:
        try:
            self._make_room()
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                _write_all(descriptor, self._mend(descriptor) + b"".join(line.text + b"\n" for line in lines))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            words = Phrase(
                "The file {path} cannot be written: {said}.", path=str(self.path), said=_said(error)
            )
            raise StreamError(words) from error

    def _make_room(self) -> None:
        """Move a file that has grown enough away, and the older ones one place on."""
        if not self.rotate_bytes or not self.path.exists() or self.path.stat().st_size < self.rotate_bytes:
            return
        for number in range(self.keep - 1, 0, -1):
            older = self._older(number)
            if older.exists():
                older.replace(self._older(number + 1))
        self.path.replace(self._older(1))

    def _older(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    @staticmethod
    def _mend(descriptor: int) -> bytes:
        """End a line that an earlier process was killed over; its event comes again, whole."""
        size = os.fstat(descriptor).st_size
        return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _said(error: OSError) -> str:
    return error.strerror or type(error).__name__


def name_of(address: str) -> str:
    """Give the part of an address that tells sinks apart: without its options."""
    return address.partition("?")[0]


def sink_at(address: str) -> Sink:
    """Make the sink of an address such as `stdout:`, `file:///var/log/events.jsonl` or `syslog://siem:601`.

    :raises ValueError: the address names none
    """
    try:
        parts = urlsplit(address)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        sink = None if "@" in parts.netloc else _sink(parts, options)
    except ValueError as error:
        raise ValueError(f"{name_of(address)!r} is no address of a stream: {error}") from error
    if sink is None:
        # Without what stands before an @, which may be a password.
        raise ValueError(f"{name_of(address).rpartition('@')[2]!r} is no address of a stream; {KINDS} are")
    return sink


def _sink(parts: SplitResult, options: dict[str, str]) -> Sink | None:
    if parts.scheme == "stdout":
        return StandardOutput()
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        megabytes = int(options.get("rotate_mb", "0"))
        return File(Path(parts.path), rotate_bytes=megabytes * 1_000_000, keep=int(options.get("keep", "10")))
    if parts.scheme in {"syslog", "syslog+tls"} and parts.hostname:
        from portal.core.streams_syslog import Syslog

        is_tls = parts.scheme == "syslog+tls"
        port = parts.port or (6514 if is_tls else 601)
        return Syslog(parts.hostname, port, is_tls=is_tls, ca_file=options.get("ca", ""))
    if parts.scheme == "kinesis" and parts.hostname:
        from portal.core.streams_kinesis import Kinesis

        # The host of an address is read in small letters, and names of streams are not.
        return Kinesis(parts.netloc, options.get("region", ""), options.get("endpoint", ""))
    return None
