"""A small SMTP server for tests: takes mail, or refuses it in the way that it was told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from typing import Any


class PostOffice(socketserver.ThreadingTCPServer):
    """Keeps what came in; `says` gives another answer to a command, such as {"RCPT": "550 no"}."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.says: dict[str, str] = {}
        self.came: list[Message] = []
        # Whoever has handed over a mail waits for its answer until the gate is open.
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    @property
    def options(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.server_address[1], "timeout": 5}


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self._say("220 post office")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().decode().upper()
            answer = self.server.says.get(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok"))
            self._say(answer)
            if verb == "DATA" and answer.startswith("354"):
                self._take()
            if verb == "QUIT":
                return

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        self.server.reached.set()
        self.server.gate.wait(10)
        answer = self.server.says.get(".", "250 taken")
        if answer.startswith("250"):
            self.server.came.append(message_from_bytes(b"".join(lines)))
        self._say(answer)

    def _say(self, words: str) -> None:
        # Whoever was killed meanwhile does not listen any more.
        with suppress(OSError):
            self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Run one on a free port."""
    with PostOffice() as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield office
        finally:
            office.shutdown()
            thread.join()
