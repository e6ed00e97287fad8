"""Servers of institutions, to which webhooks go."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Listener:
    """An institution's server: what came, and the status that it answers with."""

    url: str
    status: int = 204
    # Something came; and whether it is answered yet.
    arrived: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=_set)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Listener]:
    """Let an institution's server listen on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.came.append((dict(self.headers), body))
            heard.arrived.set()
            heard.may_answer.wait(30)
            self.send_response(heard.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard = Listener(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield heard
    finally:
        heard.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()
