"""Events as syslog messages (RFC 5424) over TCP or TLS, framed by counting octets (RFC 6587, 3.4.1).

Syslog has no acknowledgement of its own. Each run of lines has a connection of its own, which we end for writing; the
receiver has read all of it when it ends its side as well. One that fell over answers with a reset, or not at all.
"""

import errno
import fcntl
import os
import socket
import ssl
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from portal.core.phrases import Phrase
from portal.core.streams import Line, StreamError

# Facility 13 (log audit), severity 6 (informational): the event itself says how grave it is.
_PRIORITY = 13 * 8 + 6
# Seconds: to connect, and for the receiver to read what it was sent.
_CONNECT, _READ = 3.0, 10.0


@dataclass(frozen=True, slots=True)
class Syslog:
    """A receiver of syslog messages."""

    host: str
    port: int
    is_tls: bool = False
    ca_file: str = ""

    def send(self, lines: Sequence[Line]) -> None:
        content = b"".join(_framed(line) for line in lines)
        try:
            with socket.create_connection((self.host, self.port), timeout=_CONNECT) as link:
                link.settimeout(_READ)
                if self.is_tls:
                    self._send_sealed(link, content)
                else:
                    link.sendall(content)
                    _await_end(link)
        except OSError as error:
            said = error.strerror or str(error) or type(error).__name__
            words = Phrase(
                "The receiver at {host}:{port} did not take the events: {said}.",
                host=self.host,
                port=str(self.port),
                said=said,
            )
            raise StreamError(words) from error

    def _send_sealed(self, link: socket.socket, content: bytes) -> None:
        context = ssl.create_default_context(cafile=self.ca_file or None)
        with context.wrap_socket(link, server_hostname=self.host) as sealed:
            sealed.sendall(content)
            # Says that we are done, and waits until the receiver says so too.
            _await_end(sealed.unwrap())


def _await_end(link: socket.socket) -> None:
    """End our side, and wait until the receiver has read all of it and ended its own.

    :raises OSError: it ended before it had read everything
    """
    link.shutdown(socket.SHUT_WR)
    while link.recv(4096):
        # Whatever a receiver may say means nothing in this protocol.
        pass
    # It may have ended its side before our last bytes came in: then nobody will ever confirm those.
    deadline = time.monotonic() + _READ
    while _unconfirmed(link):
        if time.monotonic() > deadline:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        time.sleep(0.005)


def _unconfirmed(link: socket.socket) -> int:
    """Count the bytes that the receiver's system has not confirmed; Linux knows, and elsewhere none are counted."""
    trouble = link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if trouble:
        raise OSError(trouble, os.strerror(trouble))
    if not sys.platform.startswith("linux"):
        return 0
    answer = fcntl.ioctl(link, termios.TIOCOUTQ, bytes(4))
    return int.from_bytes(answer, sys.byteorder)


def _framed(line: Line) -> bytes:
    at = line.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    message = f"<{_PRIORITY}>1 {at} {_hostname()} countersign - ocsf - ".encode() + line.text
    return f"{len(message)} ".encode() + message


def _hostname() -> str:
    """Name this machine as a header of syslog can hold it: printable ASCII without spaces."""
    name = "".join(letter for letter in socket.gethostname() if "!" <= letter <= "~")
    return name[:255] or "-"
