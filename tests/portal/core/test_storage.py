"""Buckets: against the local store, against AWS as moto plays it, and against stores that fail."""

import os
import pickle
import secrets
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from moto import mock_aws

from portal.core import storage
from portal.core.errors import Kind
from portal.core.storage import Bucket, Trial, printer_bucket
from portal.core.storage_clients import account_of, client_for, is_store_address
from portal.core.storage_errors import ObjectExistsError, ObjectTooLargeError, Reason, StorageError

PART = 5 * 1024 * 1024


@pytest.fixture
def bucket() -> Bucket:
    bucket = printer_bucket(f"test-{secrets.token_hex(6)}", "codes/2026")
    bucket.create()
    return bucket


@pytest.fixture
def aws(settings) -> Iterator[Bucket]:
    """A bucket on AWS, with one object of somebody else in it."""
    # An access key of its own gives each test a client made inside the mock.
    settings.S3_ENDPOINT_URL = None
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = f"AKIA{secrets.token_hex(8)}", "secret"
    with mock_aws():
        bucket = printer_bucket("acme-codes", "in")
        bucket.create()
        yield bucket


@pytest.fixture
def broken_store() -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    """A server that gives the listed answers one after the other, and the last one for ever."""
    answers: list[tuple[int, bytes]] = []

    class Answering(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            self.send_header("ETag", '"0"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Say nothing: the tests' own output is enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()


def an_error(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()


def test_reads_what_it_wrote(bucket):
    stored = bucket.put("a/manifest.json", b"{}", "application/json")

    assert bucket.get("a/manifest.json", 100) == b"{}"
    assert bucket.head("a/manifest.json") == stored
    assert stored.size == 2


def test_keeps_to_its_prefix(bucket):
    bucket.put("manifest.json", b"{}", "application/json")

    whole = Bucket(bucket.name)

    assert [entry.key for entry in whole.list()] == ["codes/2026/manifest.json"]
    assert bucket.address("manifest.json") == f"s3://{bucket.name}/codes/2026/manifest.json"


def test_lists_by_prefix_in_order_with_relative_keys(bucket):
    for key in ("receipts/b.json", "receipts/a.json", "files/1.age"):
        bucket.put(key, b"xy", "text/plain")

    found = bucket.list("receipts/")

    assert [(entry.key, entry.size) for entry in found] == [("receipts/a.json", 2), ("receipts/b.json", 2)]
    assert found[0].modified_at.tzinfo is not None


def test_lists_no_more_than_asked(bucket):
    for number in range(5):
        bucket.put(f"{number}", b"", "text/plain")

    found = bucket.list(limit=3)

    assert [entry.key for entry in found] == ["0", "1", "2"]


def test_has_nothing_where_nothing_was_written(bucket):
    assert bucket.get("none", 10) is None
    assert bucket.head("none") is None
    assert bucket.list() == []


def test_deletes_and_deletes_again(bucket):
    bucket.put("a", b"1", "text/plain")

    bucket.delete("a")
    bucket.delete("a")

    assert bucket.head("a") is None


def test_refuses_to_read_more_than_the_limit(bucket):
    bucket.put("a", b"12345", "text/plain")

    assert bucket.get("a", 5) == b"12345"
    with pytest.raises(ObjectTooLargeError):
        bucket.get("a", 4)


def test_writes_over_unless_told_not_to(bucket):
    bucket.put("a", b"1", "text/plain")

    bucket.put("a", b"2", "text/plain")

    assert bucket.get("a", 10) == b"2"


def test_does_not_write_over_when_told_not_to(bucket):
    bucket.put("a", b"1", "text/plain", if_absent=True)

    with pytest.raises(ObjectExistsError):
        bucket.put("a", b"2", "text/plain", if_absent=True)

    assert bucket.get("a", 10) == b"1"


def test_aws_itself_refuses_the_second_writer(aws, monkeypatch):
    # The look before the write sees nothing, as it would for two writers at once.
    aws.put("a", b"1", "text/plain")
    monkeypatch.setattr(Bucket, "head", lambda self, key: None)

    with pytest.raises(ObjectExistsError):
        aws.put("a", b"2", "text/plain", if_absent=True)

    assert aws.get("a", 10) == b"1"


def test_an_upload_appears_only_when_completed(bucket):
    upload = bucket.multipart("big.age")
    upload.write_part(bytearray(b"a" * PART))
    upload.write_part(b"b")
    before = bucket.head("big.age")

    stored = upload.complete()

    assert before is None
    assert stored == bucket.head("big.age")
    assert bucket.get("big.age", PART + 1) == b"a" * PART + b"b"


def test_an_aborted_upload_leaves_nothing(bucket):
    upload = bucket.multipart("big.age")
    upload.write_part(b"a")

    upload.abort()

    assert bucket.head("big.age") is None
    with pytest.raises(StorageError) as caught:
        upload.write_part(b"b")
    assert caught.value.is_temporary


def test_an_upload_can_be_aborted_by_its_id_alone_and_twice(bucket):
    upload = bucket.multipart("big.age")

    bucket.abort_upload("big.age", upload.upload_id)
    bucket.abort_upload("big.age", upload.upload_id)
    bucket.abort_upload("big.age", "never-heard-of")

    with pytest.raises(StorageError):
        upload.complete()


def test_forgotten_uploads_of_one_key_can_be_aborted(bucket):
    forgotten = [bucket.multipart("big.age"), bucket.multipart("big.age")]
    another = bucket.multipart("big.age.other")
    another.write_part(b"1")

    bucket.abort_uploads("big.age")
    bucket.abort_uploads("never-begun")

    for upload in forgotten:
        with pytest.raises(StorageError):
            upload.write_part(b"1")
    assert another.complete().size == 1


def test_a_bucket_is_there_or_not(bucket):
    assert bucket.exists()
    assert not printer_bucket("no-such-bucket").exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda bucket: bucket.put("a", b"1", "text/plain"),
        lambda bucket: bucket.get("a", 10),
        lambda bucket: bucket.list(),
        lambda bucket: bucket.multipart("a"),
    ],
)
def test_says_that_a_bucket_is_missing(act):
    with pytest.raises(StorageError, match="The bucket no-such-bucket does not exist at http") as caught:
        act(printer_bucket("no-such-bucket"))

    assert caught.value.reason is Reason.BUCKET_MISSING
    assert caught.value.code == "storage-bucket-missing"
    assert caught.value.kind is Kind.CONFLICT
    assert not caught.value.is_temporary


def test_says_that_a_secret_is_wrong(bucket, settings):
    settings.PRINTER_CREDENTIALS = {
        "acme": {
            "endpoint_url": settings.S3_ENDPOINT_URL,
            "access_key": settings.S3_ACCESS_KEY,
            "secret_key": "not-the-secret",
        }
    }

    with pytest.raises(StorageError, match="does not know the credentials “acme”") as caught:
        printer_bucket(bucket.name, credentials="acme").list()

    assert caught.value.reason is Reason.UNKNOWN_CREDENTIALS
    assert "not-the-secret" not in str(caught.value)


def test_uses_the_credentials_that_a_reference_names(bucket, settings):
    settings.PRINTER_CREDENTIALS = {
        "acme": {
            "endpoint_url": settings.S3_ENDPOINT_URL,
            "access_key": settings.S3_ACCESS_KEY,
            "secret_key": settings.S3_SECRET_KEY,
        }
    }
    settings.S3_ACCESS_KEY = settings.S3_SECRET_KEY = settings.S3_ENDPOINT_URL = None

    found = printer_bucket(bucket.name, credentials="acme").exists()

    assert found


def test_refuses_a_reference_that_nobody_set():
    with pytest.raises(StorageError, match="no credentials named “nobody”") as caught:
        printer_bucket("acme-codes", credentials="nobody")

    assert caught.value.reason is Reason.UNKNOWN_CREDENTIALS


def test_says_that_nobody_answers():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"

        with pytest.raises(StorageError, match=f"{address} does not answer") as caught:
            printer_bucket("acme-codes", endpoint_url=address).exists()

    assert caught.value.reason is Reason.UNREACHABLE
    assert caught.value.kind is Kind.UNAVAILABLE
    assert caught.value.is_temporary


@pytest.mark.parametrize("address", ["ftp:/nowhere", "not an address", "http://", "http://bad host/"])
def test_refuses_an_address_that_is_none(address):
    with pytest.raises(StorageError) as caught:
        printer_bucket("acme-codes", endpoint_url=address).exists()

    assert caught.value.reason in {Reason.REJECTED, Reason.UNREACHABLE}


@pytest.mark.parametrize("name", ["", "a b", "ä", "a/b", "x" * 300])
def test_refuses_a_name_that_no_bucket_has(name):
    with pytest.raises(StorageError) as caught:
        printer_bucket(name).list()

    assert not caught.value.is_temporary


@pytest.mark.parametrize(
    ("status", "code", "reason", "is_temporary"),
    [
        (403, "AccessDenied", Reason.REFUSED, False),
        (403, "InvalidAccessKeyId", Reason.UNKNOWN_CREDENTIALS, False),
        (404, "NoSuchBucket", Reason.BUCKET_MISSING, False),
        (400, "InvalidRequest", Reason.REJECTED, False),
        (501, "NotImplemented", Reason.REJECTED, False),
        (500, "InternalError", Reason.BROKEN, True),
        (503, "SlowDown", Reason.BROKEN, True),
    ],
)
def test_tells_refusals_from_failures(broken_store, status, code, reason, is_temporary):
    address, answers = broken_store
    answers.append((status, an_error(code)))

    with pytest.raises(StorageError) as caught:
        printer_bucket("acme-codes", endpoint_url=address).get("a", 10)

    assert (caught.value.reason, caught.value.is_temporary) == (reason, is_temporary)


def test_a_failure_that_passes_is_not_noticed(broken_store):
    address, answers = broken_store
    answers += [(500, an_error("InternalError")), (200, b"content")]

    content = printer_bucket("acme-codes", endpoint_url=address).get("a", 10)

    assert content == b"content"


def test_notices_that_the_store_holds_less_than_was_sent(broken_store):
    address, answers = broken_store
    answers += [
        (200, b"<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"),
        (200, b""),
        (200, b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"),
        (200, b""),
    ]
    upload = printer_bucket("acme-codes", endpoint_url=address).multipart("big.age")
    upload.write_part(b"abc")

    with pytest.raises(StorageError, match=r"holds 0 bytes at .* after 3 bytes") as caught:
        upload.complete()

    assert caught.value.is_temporary


@pytest.mark.parametrize("chosen", ["AES256", "aws:kms"])
def test_asks_for_encryption_at_rest_as_the_setting_says(aws, settings, chosen):
    settings.S3_SERVER_SIDE_ENCRYPTION = chosen
    client = client_for(account_of(""))

    aws.put("small", b"1", "text/plain")
    upload = aws.multipart("big")
    upload.write_part(b"1")
    upload.complete()

    for key in ("in/small", "in/big"):
        assert client.head_object(Bucket=aws.name, Key=key)["ServerSideEncryption"] == chosen


def test_every_write_names_the_key_that_the_setting_names(aws, settings):
    settings.S3_SERVER_SIDE_ENCRYPTION = "aws:kms"
    settings.S3_KMS_KEY_ID = "arn:aws:kms:us-east-1:123456789012:key/2c5e"
    client = client_for(account_of(""))

    aws.put("small", b"1", "text/plain")
    upload = aws.multipart("big")
    upload.write_part(b"1")
    upload.complete()

    for key in ("in/small", "in/big"):
        assert client.head_object(Bucket=aws.name, Key=key)["SSEKMSKeyId"] == settings.S3_KMS_KEY_ID


def test_sends_type_and_metadata(aws):
    aws.put("a", b"1", "application/json", {"batch": "bat_1"})

    answer = client_for(account_of("")).head_object(Bucket=aws.name, Key="in/a")

    assert answer["ContentType"] == "application/json"
    assert answer["Metadata"] == {"batch": "bat_1"}


def test_uses_the_machines_own_credentials_when_none_are_set(settings, monkeypatch):
    settings.S3_ENDPOINT_URL = settings.S3_ACCESS_KEY = settings.S3_SECRET_KEY = None
    settings.S3_REGION = "eu-west-3"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHEMACHINE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    client = client_for(account_of(""))

    assert client._request_signer._credentials.access_key == "AKIAOFTHEMACHINE"
    assert client.meta.endpoint_url == "https://s3.eu-west-3.amazonaws.com"


def test_the_trial_of_a_good_bucket_leaves_nothing_behind(bucket):
    steps = storage.test_bucket(bucket)

    assert [(step.trial, step.is_ok) for step in steps] == [
        (Trial.WRITE, True),
        (Trial.READ, True),
        (Trial.DELETE, True),
    ]
    assert bucket.list() == []


def test_the_trial_of_a_missing_bucket_says_so_and_stops():
    steps = storage.test_bucket(printer_bucket("no-such-bucket"))

    assert [(step.trial, step.is_ok) for step in steps] == [(Trial.WRITE, False)]
    assert "does not exist" in steps[0].detail


def test_the_trial_notices_other_content(broken_store):
    address, answers = broken_store
    answers += [(200, b""), (200, b"something else"), (204, b"")]

    steps = storage.test_bucket(printer_bucket("acme-codes", endpoint_url=address))

    assert [(step.trial, step.is_ok) for step in steps][:2] == [(Trial.WRITE, True), (Trial.READ, False)]


def test_one_client_serves_a_process_and_a_fork_makes_its_own():
    mine = client_for(account_of(""))
    again = client_for(account_of(""))
    reader, writer = os.pipe()

    child = os.fork()
    if child == 0:
        os.write(writer, b"1" if client_for(account_of("")) is not mine else b"0")
        os._exit(0)
    os.waitpid(child, 0)

    assert again is mine
    assert os.read(reader, 1) == b"1"


def test_many_threads_share_a_bucket(bucket: Bucket):
    def write_and_read(number: int) -> bool:
        bucket.put(f"{number}", str(number).encode(), "text/plain")
        return bucket.get(f"{number}", 10) == str(number).encode()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(write_and_read, range(40)))

    assert all(answers)


def test_shows_no_secret(settings):
    shown = repr(account_of("")) + repr(printer_bucket("acme-codes"))

    assert settings.S3_SECRET_KEY not in shown


def test_a_bucket_travels_to_another_process_without_its_secret(bucket, settings, monkeypatch):
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    travelling = pickle.dumps(bucket)

    assert pickle.loads(travelling) == bucket
    assert settings.S3_SECRET_KEY.encode() not in travelling
    assert boto3.DEFAULT_SESSION is None


@pytest.mark.parametrize(
    "text", ["https://s3.example.com", "http://store:9000", "http://127.0.0.1:9000/", "http://[::1]:9000"]
)
def test_takes_the_address_of_a_store(text):
    assert is_store_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3.example.com",
        "ftp://s3.example.com",
        "https://",
        "https://key:secret@s3.example.com",
        "https://s3.example.com/bucket",
        "https://s3.example.com?x=1",
        "https://s3.example.com:99999",
        "https://s3 example.com",
        "https://s3.exämple.com",
        "https://[::1",
    ],
)
def test_refuses_what_is_not_the_address_of_a_store_alone(text):
    assert not is_store_address(text)
