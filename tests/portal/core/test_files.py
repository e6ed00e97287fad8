"""The pipe of a delivery: what the printer opens is what went in, and a break leaves nothing."""

import hashlib
import os
import resource
import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterator

import numpy as np
import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.files import RecipientError, Recipients, encrypted_upload
from portal.core.storage import Bucket, Stored, Upload, printer_bucket
from portal.core.storage_errors import Reason, StorageError

ROWS = b"K7QWM2XF9RTD\r\n" * 40_000


class StoppedError(Exception):
    """What a caller raises to end a delivery."""


class Kept:
    """Parts kept in memory, in place of a bucket: for what is not about the network."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.is_aborted = False

    def write_part(self, body: bytearray) -> None:
        self.parts.append(bytes(body))

    def complete(self) -> Stored:
        return Stored(sum(map(len, self.parts)), "etag")

    def abort(self) -> None:
        self.is_aborted = True


@pytest.fixture
def identity() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def recipients(identity) -> Recipients:
    return Recipients.parse([str(identity.to_public())])


@pytest.fixture
def bucket() -> Bucket:
    bucket = printer_bucket(f"test-{secrets.token_hex(6)}", "codes")
    bucket.create()
    return bucket


@pytest.fixture
def upload(bucket: Bucket) -> Upload:
    return bucket.multipart("1.csv.age")


def test_the_printer_opens_what_went_in(bucket, upload, identity, recipients):
    # Large enough for three parts.
    blocks = [ROWS] * 33

    delivered = encrypted_upload(blocks, recipients=recipients, upload=upload)

    lies_there = bucket.get("1.csv.age", 100_000_000)
    plain = pyrage.decrypt(lies_there, [identity])
    assert plain == ROWS * 33
    assert (delivered.plain_bytes, delivered.bytes) == (len(plain), len(lies_there))
    assert delivered.plain_sha256 == hashlib.sha256(plain).hexdigest()
    assert delivered.sha256 == hashlib.sha256(lies_there).hexdigest()
    assert delivered.etag == bucket.head("1.csv.age").etag


@pytest.mark.skipif(shutil.which("age") is None, reason="no age on this machine")
def test_the_printers_own_tools_open_and_check_it(bucket, upload, identity, recipients, tmp_path):
    delivered = encrypted_upload([ROWS] * 3, recipients=recipients, upload=upload)
    (tmp_path / "identity.txt").write_text(str(identity))
    (tmp_path / "1.csv.age").write_bytes(bucket.get("1.csv.age", 100_000_000))

    summed = subprocess.run(["sha256sum", tmp_path / "1.csv.age"], capture_output=True, check=True)
    opened = subprocess.run(
        ["age", "--decrypt", "-i", tmp_path / "identity.txt", tmp_path / "1.csv.age"],
        capture_output=True,
        check=True,
    )

    assert summed.stdout.split()[0].decode() == delivered.sha256
    assert opened.stdout == ROWS * 3


def test_every_recipient_opens_it_and_nobody_else(recipients):
    identities = [pyrage.x25519.Identity.generate() for _ in range(2)]
    kept = Kept()

    encrypted_upload([ROWS], recipients=Recipients.parse(str(i.to_public()) for i in identities), upload=kept)

    content = b"".join(kept.parts)
    assert all(pyrage.decrypt(content, [identity]) == ROWS for identity in identities)
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(content, [pyrage.x25519.Identity.generate()])


@pytest.mark.parametrize("blocks", [[], [b""], [b"", b"a", b""]])
def test_an_empty_file_is_a_file(identity, recipients, blocks):
    kept = Kept()

    delivered = encrypted_upload(blocks, recipients=recipients, upload=kept)

    assert pyrage.decrypt(b"".join(kept.parts), [identity]) == b"".join(blocks)
    assert delivered.plain_bytes == len(b"".join(blocks))


@given(sizes=st.lists(st.integers(0, 70_000), max_size=12), part_bytes=st.integers(1, 200_000))
def test_blocks_and_parts_of_any_size_give_the_same_content(sizes, part_bytes):
    identity = pyrage.x25519.Identity.generate()
    blocks = [os.urandom(size) for size in sizes]
    kept = Kept()

    delivered = encrypted_upload(
        blocks,
        recipients=Recipients.parse([str(identity.to_public())]),
        upload=kept,
        part_bytes=part_bytes,
    )

    content = b"".join(kept.parts)
    assert pyrage.decrypt(content, [identity]) == b"".join(blocks)
    assert delivered.sha256 == hashlib.sha256(content).hexdigest()
    assert all(len(part) >= part_bytes for part in kept.parts[:-1])


def test_takes_arrays_of_rows_and_lets_their_maker_reuse_them(identity, recipients):
    def blocks() -> Iterator[memoryview]:
        rows = np.zeros((1000, 14), dtype=np.uint8)
        for number in range(50):
            rows[:] = number
            yield rows.data
        yield rows[:0].data

    kept = Kept()

    encrypted_upload(blocks(), recipients=recipients, upload=kept)

    assert pyrage.decrypt(b"".join(kept.parts), [identity]) == b"".join(
        bytes([n]) * 14_000 for n in range(50)
    )


def test_tells_how_far_it_is(recipients):
    heard: list[int] = []

    encrypted_upload([ROWS] * 3, recipients=recipients, upload=Kept(), on_block=heard.append)

    assert heard == [len(ROWS), 2 * len(ROWS), 3 * len(ROWS)]


def test_a_caller_can_end_it(bucket, upload, recipients):
    def stop(done: int) -> None:
        if done > 20_000_000:
            raise StoppedError

    with pytest.raises(StoppedError):
        encrypted_upload([ROWS] * 100, recipients=recipients, upload=upload, on_block=stop)

    assert bucket.head("1.csv.age") is None
    with pytest.raises(StorageError):
        upload.write_part(b"late")


@pytest.mark.parametrize("error", [StoppedError, KeyboardInterrupt, SystemExit])
def test_whatever_ends_the_blocks_comes_out_as_it_is(recipients, error):
    def blocks() -> Iterator[bytes]:
        yield ROWS
        raise error

    kept = Kept()

    with pytest.raises(error):
        encrypted_upload(blocks(), recipients=recipients, upload=kept)

    assert kept.is_aborted


def test_a_failing_store_comes_out_as_it_is_and_soon(recipients):
    class Failing(Kept):
        def write_part(self, body: bytearray) -> None:
            raise StorageError(Reason.BROKEN, "The store is full.")

    heard: list[int] = []
    failing = Failing()

    with pytest.raises(StorageError, match="The store is full"):
        encrypted_upload(
            [ROWS] * 1000, recipients=recipients, upload=failing, on_block=heard.append, part_bytes=1_000_000
        )

    assert failing.is_aborted
    assert heard[-1] < 10_000_000


def test_a_store_that_fails_at_the_last_part_is_noticed(recipients):
    class Failing(Kept):
        def write_part(self, body: bytearray) -> None:
            raise StorageError(Reason.UNREACHABLE, "Nobody there.")

        def abort(self) -> None:
            raise StorageError(Reason.UNREACHABLE, "Still nobody there.")

    with pytest.raises(StorageError, match=r"^Nobody there"):
        encrypted_upload([b"few"], recipients=recipients, upload=Failing())


def test_parts_wait_for_a_slow_store_in_bounded_memory(recipients):
    class Slow(Kept):
        """Takes no part until told to."""

        def write_part(self, body: bytearray) -> None:
            is_released.wait(10)

    def release() -> None:
        waiting.append(len(produced))
        is_released.set()

    def blocks() -> Iterator[bytes]:
        for number in range(50):
            produced.append(number)
            yield b"x" * 1_000_000

    is_released = threading.Event()
    produced: list[int] = []
    waiting: list[int] = []
    threading.Timer(0.3, release).start()

    encrypted_upload(blocks(), recipients=recipients, upload=Slow(), part_bytes=1_000_000)

    # One on its way, one waiting, one full, and what age holds back.
    assert waiting[0] <= 5
    assert len(produced) == 50


@pytest.mark.slow
def test_memory_stays_flat_for_a_long_file(upload, recipients):
    encrypted_upload([ROWS] * 60, recipients=recipients, upload=upload)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    again = upload.bucket.multipart("2.csv.age")
    encrypted_upload((ROWS for _ in range(400)), recipients=recipients, upload=again)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 24_000


def test_refuses_a_secret_key_without_repeating_it(identity):
    with pytest.raises(RecipientError, match="is a SECRET key") as caught:
        Recipients.parse([str(identity)])

    assert str(identity) not in str(caught.value)
    assert caught.value.field == "recipients"


def test_says_which_key_is_wrong(identity):
    good = str(identity.to_public())

    with pytest.raises(RecipientError, match=r"^Key 2 is not an age public key"):
        Recipients.parse([good, good[:-1]])


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["age1"],
        ["not a key"],
        ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN"],
        ["age1" + "q" * 58],
        ["аge1" + "q" * 58],
        ["age1\N{ZERO WIDTH SPACE}" + "q" * 58],
        ["x" * 100_000],
    ],
)
def test_refuses_what_is_no_recipient(texts):
    with pytest.raises(RecipientError):
        Recipients.parse(texts)


def test_refuses_the_same_key_twice_and_too_many(identity):
    good = str(identity.to_public())

    with pytest.raises(RecipientError, match="twice"):
        Recipients.parse([good, f"  {good}\n"])
    with pytest.raises(RecipientError, match="more than 20"):
        Recipients.parse([good] * 21)
