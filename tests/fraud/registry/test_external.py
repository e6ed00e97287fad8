"""A consortium service of somebody else: asked in its words, understood in ours, or not waited for."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from fraud.rules.consortium import Answer, FraudType, Hit, RecordRole, Tier
from fraud.screening.breaker import Breaker, OpenError
from fraud.screening.external import ExternalConsortium, ServiceDocument
from tests.fraud.registry.scenes import BANK_A, question
from tests.makers_fraud import canonical

DOCUMENT = {
    "outbound": {
        "direction": "consortium",
        "layout": {"kind": "json"},
        "fields": [
            {"target": "applicant.surname", "source": "parties[0].family_name"},
            {"target": "applicant.born", "source": "parties[0].birth_date"},
        ],
    },
    "inbound": {
        "hits": "result.matches",
        "tier": {"source": "strength", "codes": {"A": "strong", "B": "probable"}},
        "fraud_type": {"source": "kind", "codes": {"17": "money-mule"}, "default": "other"},
        "month": {"source": "date"},
    },
}


class Server(HTTPServer):
    """What the test has it say, and what it was asked."""

    asked: list[object]
    slow: float
    answer: bytes


class Service(BaseHTTPRequestHandler):
    """Answers with what the test says, and keeps what it was asked."""

    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((json.loads(body), self.headers["Authorization"]))
        time.sleep(self.server.slow)
        answer = self.server.answer
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def service():
    server = Server(("127.0.0.1", 0), Service)
    server.asked, server.slow = [], 0.0
    server.answer = json.dumps(
        {
            "result": {
                "matches": [{"strength": "A", "kind": "17", "date": "2025-11-03", "name": "of somebody"}]
            }
        }
    ).encode()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def consortium(service) -> ExternalConsortium:
    document = msgspec.convert(DOCUMENT, ServiceDocument)
    return ExternalConsortium(f"http://127.0.0.1:{service.server_port}/check", "the-key", document)


def test_is_asked_in_its_words_and_understood_in_ours(service) -> None:
    (answer,) = consortium(service).ask(BANK_A, [question()], applications=[canonical()])

    assert service.asked == [({"applicant": {"surname": "Tremblay", "born": "1988-04-09"}}, "Bearer the-key")]
    assert answer == Answer(
        application="app_00000001",
        hits=(
            Hit(
                tier=Tier.STRONG,
                kinds=("external",),
                fraud_type=FraudType.MONEY_MULE,
                role=RecordRole.PERPETRATOR,
                month="2025-11",
                members="1-2",
            ),
        ),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        *(b"{}", b"no json", b"[]", b'{"result": {"matches": [{"strength": "?"}]}}'),
        # A month that nobody can count from.
        *(
            b'{"result": {"matches": [{"strength": "A", "date": "%s"}]}}' % date
            for date in (b"", b"soon", b"03/2026")
        ),
    ],
)
def test_what_it_says_in_other_words_is_no_answer(service, wrong) -> None:
    service.answer = wrong

    assert consortium(service).ask(BANK_A, [question()], applications=[canonical()]) == [None]


def test_is_not_waited_for_beyond_the_deadline(service) -> None:
    service.slow = 2.0
    started = time.monotonic()

    found = consortium(service).ask(
        BANK_A, [question()], applications=[canonical()], deadline=time.monotonic() + 0.1
    )

    assert found == [None]
    assert time.monotonic() - started < 1.0


def test_a_breaker_leaves_alone_what_fails_and_lets_one_try() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, pause=10.0, clock=lambda: now[0])

    def call(*, fails: bool) -> None:
        with breaker.calling(ValueError):
            if fails:
                raise ValueError("it fails")

    for _ in range(2):
        with pytest.raises(ValueError, match="it fails"):
            call(fails=True)
    with pytest.raises(OpenError):
        call(fails=False)
    now[0] = 10.0
    with breaker.calling(ValueError), pytest.raises(OpenError):
        call(fails=False)
    assert breaker.is_closed
    call(fails=False)
