"""A gate before the S3 server: it passes every request on, and stops one that a test asks it to stop."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

Wanted = Callable[[str, str], bool]
LONGEST = 30.0


class Stop:
    """One request that is held until it is let go: before the store has seen it, or before its answer goes back."""

    def __init__(self, wanted: Wanted, *, answered: bool) -> None:
        self.wanted = wanted
        self.answered = answered
        self.reached = threading.Event()
        self.go = threading.Event()
        self.passed = threading.Event()

    def hold(self) -> None:
        self.reached.set()
        self.go.wait(LONGEST)


class Gate:
    """A proxy on a port of its own; each `Stop` holds the first request that it wants."""

    def __init__(self, store: str) -> None:
        self._store = urlsplit(store).netloc
        self._stops: list[Stop] = []
        self._cuts: list[Wanted] = []
        self._lock = threading.Lock()
        gate = self

        class Passing(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body leave in two writes, the second of which would wait for an answer to the first.
            disable_nagle_algorithm = True

            def _pass(self) -> None:
                gate.pass_on(self)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass  # noqa: N815

            def log_message(self, *args: object) -> None:
                """Say nothing: the tests' own output is enough."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for stop in self._stops:
            stop.go.set()
        self._server.shutdown()
        self._server.server_close()

    def stop_at(self, wanted: Wanted, *, answered: bool = False) -> Stop:
        """Hold the first request for which `wanted(method, path and query)` is true."""
        stop = Stop(wanted, answered=answered)
        self._stops.append(stop)
        return stop

    def cut(self, wanted: Wanted, *, times: int) -> None:
        """Break off the connection of the first requests that are wanted, without an answer."""
        self._cuts += [wanted] * times

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if self._is_cut(request.command, request.path):
            request.close_connection = True
            return
        stop = self._stop_for(request.command, request.path)
        if stop and not stop.answered:
            stop.hold()
        link = http.client.HTTPConnection(self._store, timeout=LONGEST)
        # The signature covers the host that the caller named, so the headers go on as they came.
        link.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name.lower() not in {"expect", "connection"}:
                link.putheader(name, value)
        link.endheaders(body)
        answer = link.getresponse()
        content = answer.read()
        if stop and stop.answered:
            stop.hold()
        self._answer(request, answer, content)
        if stop:
            stop.passed.set()

    def _answer(
        self, request: BaseHTTPRequestHandler, answer: http.client.HTTPResponse, content: bytes
    ) -> None:
        try:
            request.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                    request.send_header(name, value)
            length = answer.getheader("Content-Length") if request.command == "HEAD" else None
            request.send_header("Content-Length", length or str(len(content)))
            request.end_headers()
            request.wfile.write(content)
        except OSError:
            # Whoever asked is dead; that is what these tests are about.
            request.close_connection = True

    def _is_cut(self, method: str, path: str) -> bool:
        with self._lock:
            cut = next((wanted for wanted in self._cuts if wanted(method, path)), None)
            if cut:
                self._cuts.remove(cut)
        return cut is not None

    def _stop_for(self, method: str, path: str) -> Stop | None:
        with self._lock:
            for stop in self._stops:
                if not stop.reached.is_set() and stop.wanted(method, path):
                    stop.reached.set()
                    return stop
        return None
