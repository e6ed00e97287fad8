"""Sinks of events: what each takes, in which order, and what comes again after it fell over."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import boto3
import pytest
from botocore.stub import Stubber
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto import mock_aws

from portal.core import streams_kinesis
from portal.core.streams import File, Line, StandardOutput, StreamError, name_of, sink_at
from portal.core.streams_kinesis import Kinesis
from portal.core.streams_syslog import Syslog

AT = datetime(2026, 6, 15, 12, 0, 0, 250_000, tzinfo=UTC)


def lines(*numbers: int) -> list[Line]:
    return [Line(AT, json.dumps({"n": number}).encode()) for number in numbers]


def numbers_in(text: bytes) -> list[int]:
    return [json.loads(line)["n"] for line in text.splitlines() if line]


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────


def test_each_kind_of_address_names_its_sink(tmp_path: Path) -> None:
    assert sink_at("stdout:") == StandardOutput()
    assert sink_at(f"file://{tmp_path}/e.jsonl?rotate_mb=5") == File(tmp_path / "e.jsonl", 5_000_000)
    assert sink_at("syslog://siem.example") == Syslog("siem.example", 601)
    assert sink_at("syslog+tls://siem.example:7000?ca=/c") == Syslog(
        "siem.example", 7000, is_tls=True, ca_file="/c"
    )
    assert sink_at("kinesis://Trail-Events?region=eu-west-1") == Kinesis("Trail-Events", "eu-west-1")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "events.jsonl",
        "file:events.jsonl",
        "file://host/path",
        "udp://siem:514",
        "syslog://",
        "syslog://siem:99999",
        "syslog://user:secret@siem",
        "file:///e?rotate_mb=many",
        "kinesis://",
    ],
)
def test_what_names_no_sink_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no address of a stream"):
        sink_at(address)


def test_options_do_not_make_another_stream_of_an_address() -> None:
    assert name_of("kinesis://trail?region=eu-west-1") == "kinesis://trail"


# ── Standard output and files ────────────────────────────────────────────────────────────────────────────


def test_standard_output_gets_a_line_for_each_event(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    StandardOutput().send(lines(1, 2))

    assert capfdbinary.readouterr().out == b'{"n": 1}\n{"n": 2}\n'


def test_a_file_grows_by_a_line_for_each_event(tmp_path: Path) -> None:
    sink = File(tmp_path / "events.jsonl")

    sink.send(lines(1, 2))
    sink.send(lines(3))

    assert numbers_in((tmp_path / "events.jsonl").read_bytes()) == [1, 2, 3]


def test_a_file_that_was_moved_away_is_made_anew(tmp_path: Path) -> None:
    sink = File(tmp_path / "events.jsonl")
    sink.send(lines(1))

    (tmp_path / "events.jsonl").rename(tmp_path / "moved")
    sink.send(lines(2))

    assert numbers_in((tmp_path / "events.jsonl").read_bytes()) == [2]


def test_a_file_moves_itself_away_when_it_has_grown_and_keeps_so_many(tmp_path: Path) -> None:
    sink = File(tmp_path / "events.jsonl", rotate_bytes=5, keep=2)

    for number in range(1, 6):
        sink.send(lines(number))

    found = {path.name: numbers_in(path.read_bytes()) for path in tmp_path.iterdir()}
    assert found == {"events.jsonl": [5], "events.jsonl.1": [4], "events.jsonl.2": [3]}


def test_a_torn_line_is_ended_before_the_next_begins(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b'{"n": 1}\n{"n"')

    File(tmp_path / "events.jsonl").send(lines(2))

    assert (tmp_path / "events.jsonl").read_bytes() == b'{"n": 1}\n{"n"\n{"n": 2}\n'


def test_a_folder_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="cannot be written: No such file") as refusal:
        File(tmp_path / "nowhere" / "events.jsonl").send(lines(1))

    assert refusal.value.taken == 0


# ── Syslog ───────────────────────────────────────────────────────────────────────────────────────────────


class Receiver:
    """A receiver of syslog over TCP: takes whole messages, and ends a connection when it has read it."""

    def __init__(
        self, most: int | None = None, pause: int | None = None, context: ssl.SSLContext | None = None
    ) -> None:
        self.messages: list[bytes] = []
        self.most = most
        # Before which message to wait until it is let go, once.
        self.pause = pause
        self.reached, self.go = threading.Event(), threading.Event()
        self.context = context
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                link, _address = self.server.accept()
            except OSError:
                return
            try:
                self._read(self.context.wrap_socket(link, server_side=True) if self.context else link)
            except OSError:
                link.close()

    def _read(self, link: socket.socket) -> None:
        with link, link.makefile("rb") as stream:
            while size := b"".join(_digits(stream)):
                if self.most is not None and len(self.messages) >= self.most:
                    # Falls over in the midst of what it is sent.
                    self.most = None
                    return
                if self.pause is not None and len(self.messages) >= self.pause:
                    self.pause = None
                    self.reached.set()
                    self.go.wait(60)
                self.messages.append(stream.read(int(size)))
            if isinstance(link, ssl.SSLSocket):
                link.unwrap()


def _digits(stream: BinaryIO) -> Iterator[bytes]:
    while (digit := stream.read(1)) not in (b" ", b"", None):
        yield digit


@contextmanager
def receiving(**options: Any) -> Iterator[Receiver]:
    receiver = Receiver(**options)
    try:
        yield receiver
    finally:
        receiver.server.close()


def received(receiver: Receiver) -> list[int]:
    return [
        json.loads(message.partition(b"{")[1] + message.partition(b"{")[2])["n"]
        for message in receiver.messages
    ]


def test_a_receiver_gets_each_event_as_one_message_of_syslog() -> None:
    with receiving() as receiver:
        Syslog("127.0.0.1", receiver.port).send(lines(1, 2, 3))

    assert received(receiver) == [1, 2, 3]
    head = rb"<110>1 2026-06-15T12:00:00\.250000Z \S+ countersign - ocsf - \{"
    assert all(re.match(head, message) for message in receiver.messages)


def test_times_of_other_zones_are_written_in_utc() -> None:
    at = AT.astimezone(datetime.now().astimezone().tzinfo)

    with receiving() as receiver:
        Syslog("127.0.0.1", receiver.port).send([Line(at, b'{"n": 1}')])

    assert b" 2026-06-15T12:00:00.250000Z" in b" " + receiver.messages[0].partition(b" ")[2]


def test_a_receiver_that_falls_over_midway_has_taken_nothing_for_sure_and_gets_all_again() -> None:
    many = lines(*range(2000))
    with receiving(most=700) as receiver:
        sink = Syslog("127.0.0.1", receiver.port)
        with pytest.raises(StreamError, match="did not take the events") as refusal:
            sink.send(many)
        sink.send(many)

    assert refusal.value.taken == 0
    assert received(receiver) == [*range(700), *range(2000)]


def test_a_receiver_that_is_not_there_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(
        StreamError, match=rf"receiver at 127.0.0.1:{port} did not take the events: Connection refused"
    ):
        Syslog("127.0.0.1", port).send(lines(1))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that signs itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_receiver_with_tls_gets_the_same(tls: ssl.SSLContext, certificate: Path) -> None:
    with receiving(context=tls) as receiver:
        Syslog("localhost", receiver.port, is_tls=True, ca_file=str(certificate)).send(lines(1, 2))

    assert received(receiver) == [1, 2]


def test_a_receiver_whose_certificate_nobody_vouches_for_gets_nothing(tls: ssl.SSLContext) -> None:
    with (
        receiving(context=tls) as receiver,
        pytest.raises(StreamError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        Syslog("localhost", receiver.port, is_tls=True).send(lines(1))

    assert receiver.messages == []


# ── Kinesis ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    streams_kinesis.client_for.cache_clear()
    with mock_aws():
        yield
    streams_kinesis.client_for.cache_clear()


def test_a_stream_gets_the_events_in_their_order(aws: None) -> None:
    client = boto3.client("kinesis", region_name="us-east-1")
    client.create_stream(StreamName="trail", ShardCount=2)

    Kinesis("trail", "us-east-1").send(lines(*range(1201)))

    found = []
    for shard in client.describe_stream(StreamName="trail")["StreamDescription"]["Shards"]:
        iterator = client.get_shard_iterator(
            StreamName="trail", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        records = client.get_records(ShardIterator=iterator["ShardIterator"], Limit=10_000)["Records"]
        found.append(numbers_in(b"".join(record["Data"] for record in records)))
    assert sorted(found) == [[], [*range(1201)]]


def test_a_stream_that_is_not_there_is_said_in_words(aws: None) -> None:
    with pytest.raises(StreamError, match="Kinesis stream nowhere did not take the events: ResourceNotFound"):
        Kinesis("nowhere", "us-east-1").send(lines(1))


def test_what_a_full_shard_refuses_is_where_the_next_attempt_begins(aws: None) -> None:
    full = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"}
    taken = {"SequenceNumber": "1", "ShardId": "shardId-000000000000"}
    with Stubber(streams_kinesis.client_for("us-east-1", "")) as stub:
        stub.add_response("put_records", {"Records": [taken] * 500})
        stub.add_response("put_records", {"Records": [taken, full, taken], "FailedRecordCount": 1})

        with pytest.raises(StreamError, match="ProvisionedThroughputExceeded") as refusal:
            Kinesis("trail", "us-east-1").send(lines(*range(503)))

    assert refusal.value.taken == 501


def test_one_call_carries_no_more_than_the_service_takes() -> None:
    heavy = [Line(AT, b"x" * 900_000) for _number in range(7)]

    parts = list(streams_kinesis._parts(heavy))

    assert [len(part) for part in parts] == [4, 3]
