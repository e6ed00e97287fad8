"""Faults as outsiders meet them: processes killed, engines stopped, hostile requests; on a stack that runs."""

import os
import re
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.outside import Outside, Shopper
from tests.log_watch import found_in_logs
from tests.portal.stack.test_supervisor import eventually
from tests.portal.stack.test_up import Running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    # As root, PostgreSQL runs as somebody else, who must get there.
    folder.chmod(0o711)
    stack = Running.start(folder / "data", demo=True)
    try:
        yield Outside(stack)
    finally:
        stack.process.send_signal(signal.SIGTERM)
        stack.process.wait(60)
        found = found_in_logs(stack.data)
        shutil.rmtree(folder)
    assert found == []


def is_ready(outside: Outside) -> bool:
    try:
        return outside.stack.readiness()[0] == 200
    except OSError:
        return False


@pytest.fixture(autouse=True)
def _settled(outside: Outside) -> None:
    """Begin when every process of the web has found its engines again after the test before."""
    assert eventually(lambda: all(is_ready(outside) for _time in range(10)), 60)


def kill(outside: Outside, pattern: str) -> None:
    """Kill a process outright and wait until another is in its place."""
    killed = outside.stack.one(pattern)
    os.kill(killed, signal.SIGKILL)

    def is_replaced() -> bool:
        processes = outside.stack.processes()
        return killed not in processes and any(pattern in line for line in processes.values())

    assert eventually(is_replaced, 20), f"nothing took the place of {pattern}"


@contextmanager
def stopped(outside: Outside, pattern: str) -> Iterator[None]:
    """Freeze a process, so that it takes connections and answers nothing."""
    process = outside.stack.one(pattern)
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def active_batch(outside: Outside, quantity: int) -> str:
    """Take a batch all the way, each step by whoever does it."""
    batch = outside.plan(quantity)
    assert outside.person("approver").post(f"/batches/{batch}/approve/")[0] == 302
    assert eventually(lambda: outside.is_delivered(batch), 60), outside.batch(batch)
    hashes = {file["name"]: file["sha256"] for file in outside.manifest(batch)["files"]}
    receipt = {"sha256": hashes, "count": quantity}
    path = f"/api/v1/batches/{batch}"
    assert outside.call("POST", f"{path}/acknowledge", receipt, key=outside.press).status == 200
    assert outside.call("POST", f"{path}/activate", {}).status == 200
    return batch


def test_killing_every_process_loses_no_code_and_no_redemption(outside: Outside) -> None:
    quantity = 1_000_000
    shopper = Shopper(outside, outside.fresh_codes(1000))
    batch = outside.plan(quantity)
    shopping = threading.Thread(target=shopper.run)
    shopping.start()
    assert outside.person("approver").post(f"/batches/{batch}/approve/")[0] == 302
    assert eventually(lambda: outside.codes_done(batch) > 0, 30)

    for pattern in ("celery", "rclone", "valkey-server", "postgres -D", "granian"):
        kill(outside, pattern)

    shopper.is_done = True
    shopping.join()
    # A request whose process died keeps its key for half a minute; then its repetition is answered.
    assert eventually(shopper.ask_again, 60), shopper.lost()
    assert eventually(lambda: outside.is_delivered(batch), 120), outside.batch(batch)
    printed = outside.codes_of(batch)
    assert len(printed) == len(set(printed)) == quantity
    assert sum(file["rows"] for file in outside.manifest(batch)["files"]) == quantity
    assert len({each.redemption for each in shopper.tries}) == len(shopper.tries) > 20
    assert shopper.balances_fit()
    assert eventually(lambda: is_ready(outside), 60)


def test_without_redis_redemption_is_refused_at_once_and_pages_work(outside: Outside) -> None:
    code, marketer = outside.fresh_codes()[0], outside.person("marketer")

    with stopped(outside, "valkey-server"):
        refused = outside.redeem(code)
        page = marketer.get("/batches/")
        status, report = outside.stack.readiness()

    assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "overloaded", "5")
    assert refused.seconds < 5
    assert page[0] == 200
    assert (status, report["redis"], report["database"]) == (503, "does not answer (TimeoutError)", "ok")
    assert outside.redeem(code).status == 201


def test_a_database_that_goes_and_comes_is_a_clear_503_without_a_new_web_process(outside: Outside) -> None:
    code, marketer = outside.fresh_codes()[0], outside.person("marketer")
    web = outside.stack.one("granian")

    # A supervisor that is held cannot start it again before we have looked.
    with stopped(outside, "portal.stack up"):
        os.kill(outside.stack.one("postgres -D"), signal.SIGKILL)
        answer, page = outside.redeem(code), marketer.get("/batches/")

    assert (answer.status, answer.code) == (503, "overloaded")
    assert page[0] == 503
    assert "<h1" in page[1]
    assert eventually(lambda: outside.redeem(code).status == 201, 60)
    # Each of the web's processes meets the dead connections of its own pool first.
    assert eventually(lambda: marketer.get("/batches/")[0] == 200, 60)
    assert outside.stack.one("granian") == web


def test_nothing_is_redeemed_after_the_answer_to_a_recall(outside: Outside) -> None:
    batch = active_batch(outside, 2_000)
    codes = outside.codes_of(batch)
    started: list[tuple[float, int]] = []
    is_over = threading.Event()

    def redeem_on(worker: int) -> None:
        for code in codes[worker::6]:
            if is_over.is_set():
                return
            at = time.monotonic()
            started.append((at, outside.redeem(code).status))

    with ThreadPoolExecutor(6) as shoppers:
        for worker in range(6):
            shoppers.submit(redeem_on, worker)
        assert eventually(lambda: len(started) > 30)
        recalled = outside.call("POST", f"/api/v1/batches/{batch}/recall", {"reason": "stolen"})
        recalled_at = time.monotonic()
        eventually(lambda: sum(at > recalled_at for at, _status in started) > 12)
        is_over.set()

    assert recalled.status == 200
    assert {status for at, status in started if at > recalled_at} == {410}
    assert {status for _at, status in started} == {201, 410}


def test_a_revoked_key_opens_nothing_after_the_answer(outside: Outside) -> None:
    operator = outside.person("operator")
    client = operator.link("/clients/?q=Lumo", r"/clients/cli_\w+/")
    chosen = {"acts": ["codes:check", "codes:redeem"], "life": "365", "overlap": "168"}
    issued = operator.post(f"{client}keys/new/", **chosen)
    key = re.findall(r"cs_\w{8}_[\w-]+", issued[1])[0]
    before = outside.redeem(outside.fresh_codes()[0], key=key)
    code = outside.fresh_codes()[0]

    revoked = operator.post(operator.link(client, rf"{client}keys/\w+/revoke/"))

    assert (before.status, revoked[0]) == (201, 302)
    assert outside.redeem(code, key=key).status == 401
    assert outside.call("POST", "/api/v1/codes/check", {"code": code}, key=key).status == 401
    assert outside.redeem(code).status == 201


def test_twenty_requests_for_one_code_redeem_it_once(outside: Outside) -> None:
    code = outside.fresh_codes()[0]

    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: outside.redeem(code), range(20)))

    found = sorted((answer.status, answer.code) for answer in answers)
    assert found == [(201, "")] + [(409, "code-already-redeemed")] * 19


def test_twenty_requests_with_one_key_are_one_redemption(outside: Outside) -> None:
    code = outside.fresh_codes()[0]

    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: outside.redeem(code, "out:twenty", once="one-for-all"), range(20)))

    assert {(answer.status, answer.code) for answer in answers} <= {
        (201, ""),
        (409, "idempotency-in-progress"),
    }
    assert len({answer.body["id"] for answer in answers if answer.status == 201}) == 1
    assert outside.redeem(code, "out:twenty", once="one-for-all").headers["idempotent-replayed"] == "true"


HOSTILE: list[tuple[str, str, Any, dict[str, str], int, str]] = [
    ("POST", "redemptions", b"{", {}, 400, "malformed-json"),
    ("POST", "redemptions", b'{"code": "\xff", "member": "m"}', {}, 400, "malformed-json"),
    ("POST", "redemptions", b'{"a":' * 5000 + b"1" + b"}" * 5000, {}, 400, "malformed-json"),
    ("POST", "redemptions", {"code": "a\0", "member": "m"}, {}, 400, "malformed-json"),
    ("POST", "redemptions", {"code": "A" * 10_000, "member": "m"}, {}, 422, "code-malformed"),
    ("POST", "redemptions", {"code": "\u200b" * 12, "member": "m"}, {}, 422, "code-malformed"),
    ("POST", "redemptions", {"code": "x", "member": "a\x07"}, {}, 422, "invalid"),
    ("POST", "redemptions", {"code": "x", "member": 12345678901234567890123}, {}, 422, "invalid"),
    ("POST", "redemptions", b"code=x", {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
    ("POST", "redemptions", {}, {"Idempotency-Key": "x" * 256}, 400, "idempotency-key-missing"),
    ("POST", "redemptions", {}, {"Host": "evil.example"}, 400, "bad-request"),
    ("POST", "redemptions", {}, {"Authorization": "Bearer " + "x" * 60_000}, 401, "unauthenticated"),
    ("DELETE", "redemptions", None, {}, 405, "method-not-allowed"),
    ("OPTIONS", "batches", None, {}, 405, "method-not-allowed"),
    ("GET", "batches/..%2f..%2fadmin", None, {}, 404, "not-found"),
    ("GET", "batches/a%00", None, {}, 400, "bad-request"),
    ("GET", "batches?cursor=%00", None, {}, 400, "bad-request"),
    ("POST", "batches", {"campaign": "c", "printer": "p", "quantity": "10.000"}, {}, 422, "invalid"),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "code"), HOSTILE)
def test_answers_hostile_requests_with_a_problem(
    outside: Outside, method: str, path: str, body: Any, headers: dict[str, str], status: int, code: str
) -> None:
    answer = outside.call(method, f"/api/v1/{path}", body, **headers)

    assert (answer.status, answer.code) == (status, code)
    assert answer.content_type == "application/problem+json"


def test_a_body_of_ten_megabytes_is_refused_before_it_has_come(outside: Outside) -> None:
    head = (
        f"POST /api/v1/redemptions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {outside.brand}\r\n"
        "Idempotency-Key: large\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{"
    )
    with closing(socket.create_connection(("127.0.0.1", outside.stack.port), timeout=10)) as link:
        link.sendall(head.encode())
        said = link.recv(65_536)

    assert said.startswith(b"HTTP/1.1 413 ")
