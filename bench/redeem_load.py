"""A load generator for one address: connections kept open, requests written beforehand, in a process of its own."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Outcome:
    """What a run saw: seconds it took, the latency of each answer in seconds, and the answers by status."""

    seconds: float
    latencies: list[float]
    statuses: dict[int, int]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Give the latency in milliseconds that this share of the answers keeps."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def redemption(key: str, code: str, member: str, number: int) -> bytes:
    """Write one request as it goes over the wire."""
    body = f'{{"code":"{code}","member":"{member}","campaign":"bench"}}'.encode()
    head = (
        f"POST /api/v1/redemptions HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {number}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def view(path: str) -> bytes:
    """Write a request for a page that needs nothing."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def drive(port: int, requests: Sequence[bytes], connections: int, rate: float | None = None) -> Outcome:
    """Send the requests, each as soon as a connection is free, or at a steady rate.

    At a rate a request's latency counts from the moment at which it was due, so that a stall is not hidden.
    """
    numbers, lock = iter(range(len(requests))), threading.Lock()
    begun = time.perf_counter()

    def work(_number: int) -> tuple[list[float], list[int]]:
        latencies: list[float] = []
        statuses: list[int] = []
        with socket.create_connection((HOST, port), timeout=30) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return latencies, statuses
                due = time.perf_counter() if rate is None else _wait(begun + number / rate)
                statuses.append(_exchange(link, requests[number]))
                latencies.append(time.perf_counter() - due)

    with ThreadPoolExecutor(connections) as threads:
        parts = list(threads.map(work, range(connections)))
    seconds = time.perf_counter() - begun
    statuses = [status for part in parts for status in part[1]]
    counted = {status: statuses.count(status) for status in set(statuses)}
    return Outcome(seconds, [latency for part in parts for latency in part[0]], counted)


def _wait(due: float) -> float:
    left = due - time.perf_counter()
    if left > 0:
        time.sleep(left)
    return due


def _exchange(link: socket.socket, request: bytes) -> int:
    """Send one request and read its answer; give its status."""
    link.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(link)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += _some(link)
    return int(head.split(b" ", 2)[1])


def _some(link: socket.socket) -> bytes:
    part = link.recv(65536)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part


def timed(work: Callable[[int], object], numbers: range, threads: int) -> float:
    """Give how often a second a function can be called, from so many threads."""
    begun = time.perf_counter()
    if threads == 1:
        for number in numbers:
            work(number)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, numbers))
    return len(numbers) / (time.perf_counter() - begun)
