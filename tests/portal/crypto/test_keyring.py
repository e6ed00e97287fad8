"""The keyring: wrapped keys open for their own purpose and context only, and nothing of them leaks."""

import copy
import json
import multiprocessing
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.crypto.file_keys import FileKeys
from portal.crypto.key_file import KeyFileError, add_keys, create, read
from portal.crypto.keyring import Keyring, Purpose, UnwrapError

CREATED_AT = "2026-03-01T09:00:00+00:00"
CODES = Purpose.CAMPAIGN_CODES
CONTEXT = "campaign:cmp_01k4"


class Clock:
    """A monotonic clock that moves when told."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class CountingKeys(FileKeys):
    """The file provider, counting how often it is asked to unwrap."""

    asked = 0

    def unwrap(self, purpose, context, wrapped):
        self.asked += 1
        return super().unwrap(purpose, context, wrapped)


def opened(path: Path) -> Keyring:
    return Keyring(FileKeys.load(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    create(path, created_at=CREATED_AT)
    return path


@pytest.fixture
def keyring(path: Path) -> Keyring:
    return opened(path)


def test_opens_what_it_wrapped(keyring):
    wrapped = keyring.new_data_key(CODES, CONTEXT)

    key = keyring.unwrap(CODES, CONTEXT, wrapped)

    assert len(key) == 32
    assert key not in wrapped


def test_opens_in_another_process_of_the_same_file(path, keyring):
    wrapped = keyring.new_data_key(CODES, CONTEXT)
    key = keyring.unwrap(CODES, CONTEXT, wrapped)

    again = opened(path).unwrap(CODES, CONTEXT, memoryview(wrapped))

    assert again == key


def test_two_data_keys_differ(keyring):
    first = keyring.unwrap(CODES, CONTEXT, keyring.new_data_key(CODES, CONTEXT))

    second = keyring.unwrap(CODES, CONTEXT, keyring.new_data_key(CODES, CONTEXT))

    assert first != second


def test_refuses_another_context(keyring):
    wrapped = keyring.new_data_key(CODES, CONTEXT)
    keyring.unwrap(CODES, CONTEXT, wrapped)

    with pytest.raises(UnwrapError):
        keyring.unwrap(CODES, "campaign:cmp_01k5", wrapped)


def test_refuses_another_purpose(keyring):
    wrapped = keyring.new_data_key(CODES, CONTEXT)

    with pytest.raises(UnwrapError):
        keyring.unwrap(Purpose.MANIFESTS, CONTEXT, wrapped)


def test_refuses_a_key_wrapped_under_another_file(keyring, tmp_path):
    create(tmp_path / "other.json", created_at=CREATED_AT)
    wrapped = opened(tmp_path / "other.json").new_data_key(CODES, CONTEXT)

    with pytest.raises(UnwrapError):
        keyring.unwrap(CODES, CONTEXT, wrapped)


def test_refuses_every_single_changed_byte(keyring):
    wrapped = keyring.new_data_key(CODES, CONTEXT)

    for position in range(len(wrapped)):
        spoiled = bytearray(wrapped)
        spoiled[position] ^= 1
        with pytest.raises(UnwrapError):
            keyring.unwrap(CODES, CONTEXT, bytes(spoiled))


def test_refuses_every_shorter_envelope(keyring):
    wrapped = keyring.new_data_key(CODES, CONTEXT)

    for length in range(len(wrapped)):
        with pytest.raises(UnwrapError):
            keyring.unwrap(CODES, CONTEXT, wrapped[:length])


@given(content=st.binary(max_size=120))
def test_refuses_whatever_else_is_given(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    create(path, created_at=CREATED_AT)

    with pytest.raises(UnwrapError):
        opened(path).unwrap(CODES, CONTEXT, content)


def test_remembers_an_opened_key_for_five_minutes(path):
    clock, keys = Clock(), CountingKeys.load(path)
    keyring = Keyring(keys, clock=clock)
    wrapped = keyring.new_data_key(CODES, CONTEXT)
    keyring.unwrap(CODES, CONTEXT, wrapped)

    clock.seconds += 299
    keyring.unwrap(CODES, CONTEXT, wrapped)
    asked_within = keys.asked
    clock.seconds += 2
    keyring.unwrap(CODES, CONTEXT, wrapped)

    assert asked_within == 1
    assert keys.asked == 2


def test_remembers_a_bounded_number_of_keys(path, monkeypatch):
    monkeypatch.setattr(Keyring, "REMEMBERED_KEYS", 3)
    keys = CountingKeys.load(path)
    keyring = Keyring(keys, clock=Clock())
    wrapped = [keyring.new_data_key(CODES, f"campaign:{n}") for n in range(10)]

    for n in range(10):
        keyring.unwrap(CODES, f"campaign:{n}", wrapped[n])
    for n in range(7, 10):
        keyring.unwrap(CODES, f"campaign:{n}", wrapped[n])
    asked_for_recent = keys.asked
    keyring.unwrap(CODES, "campaign:0", wrapped[0])

    assert asked_for_recent == 10
    assert keys.asked == 11


def test_many_threads_open_the_same_keys(path):
    keyring = opened(path)
    wrapped = [keyring.new_data_key(CODES, f"campaign:{n}") for n in range(50)]

    def open_all(_: int) -> list[bytes]:
        return [keyring.unwrap(CODES, f"campaign:{n}", wrapped[n]) for n in range(50)]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(open_all, range(40)))

    assert all(answer == answers[0] for answer in answers)


def test_the_signing_seed_stays_the_same_and_differs_by_context(path, keyring):
    seed = keyring.signing_seed(Purpose.MANIFESTS)

    again = opened(path).signing_seed(Purpose.MANIFESTS)

    assert len(seed) == 32
    assert again == seed
    assert keyring.signing_seed(Purpose.MANIFESTS, "other") != seed
    assert keyring.signing_seed(Purpose.CAMPAIGN_CODES) != seed


def test_shows_no_secret(path, keyring):
    wrapped = keyring.new_data_key(CODES, CONTEXT)
    key = keyring.unwrap(CODES, CONTEXT, wrapped)
    secrets = [entry["secret"] for entry in json.loads(path.read_text())["keys"]]

    shown = repr(keyring) + repr(FileKeys.load(path)) + str(keyring)

    assert not any(secret in shown for secret in [*secrets, key.hex(), repr(key)])


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy])
def test_cannot_leave_the_process(path, keyring, leave):
    for thing in (keyring, FileKeys.load(path)):
        with pytest.raises(TypeError):
            leave(thing)


def test_makes_a_file_that_only_its_owner_reads(path):
    mode = path.stat().st_mode & 0o777

    assert mode == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_keeps_a_file_that_is_there(path):
    before = path.read_bytes()

    made = create(path, created_at=CREATED_AT)

    assert made is False
    assert path.read_bytes() == before


def _make_and_wrap(path: str, start: "multiprocessing.synchronize.Barrier") -> tuple[bool, bytes]:
    start.wait()
    made = create(Path(path), created_at=CREATED_AT)
    return made, opened(Path(path)).signing_seed(Purpose.MANIFESTS)


def _report(path: str, start, answers) -> None:
    answers.put(_make_and_wrap(path, start))


def test_processes_that_start_at_once_agree_on_one_file(tmp_path):
    context = multiprocessing.get_context("fork")
    path, start, answers = str(tmp_path / "new" / "keys.json"), context.Barrier(8), context.Queue()
    processes = [context.Process(target=_report, args=(path, start, answers)) for _ in range(8)]

    for process in processes:
        process.start()
    found = [answers.get(timeout=20) for _ in processes]
    for process in processes:
        process.join()

    assert [made for made, _ in found].count(True) == 1
    assert len({seed for _, seed in found}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_refuses_a_file_open_to_others(path, mode):
    path.chmod(mode)

    with pytest.raises(KeyFileError, match="chmod 600"):
        opened(path)


def test_refuses_an_absent_file(tmp_path):
    with pytest.raises(KeyFileError, match="init_keys"):
        opened(tmp_path / "none.json")


def test_refuses_a_folder(tmp_path):
    folder = tmp_path / "keys.json"
    folder.mkdir(mode=0o700)

    with pytest.raises(KeyFileError, match="cannot be read"):
        opened(folder)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "[]",
        "null",
        '{"format": 1}',
        '{"format": 1, "keys": 7}',
        '{"format": 1, "keys": [{"purpose": "campaign-codes"}]}',
        '{"format": 1, "keys": [{"id": "00", "purpose": "campaign-codes", "created_at": "", "secret": ""}]}',
        (
            '{"format": 1, "keys": [{"id": "0011223344556677", "purpose": "campaign-codes", "created_at": "",'
            ' "secret": "c2hvcnQ="}]}'
        ),
        (
            '{"format": 1, "keys": [{"id": "0011223344556677", "purpose": "campaign-codes", "created_at": "",'
            ' "secret": "not base64 but long enough to look so!"}]}'
        ),
    ],
)
def test_refuses_a_damaged_file_without_quoting_it(path, content):
    path.write_text(content)

    with pytest.raises(KeyFileError, match="is damaged") as caught:
        opened(path)

    assert caught.value.__suppress_context__


def test_refuses_a_later_format(path):
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"format": 2}))

    with pytest.raises(KeyFileError, match="format"):
        opened(path)


def test_passes_over_a_purpose_of_a_later_version(path):
    document = json.loads(path.read_text())
    document["keys"].append(document["keys"][0] | {"purpose": "member-data", "id": os.urandom(8).hex()})
    path.write_text(json.dumps(document))

    keyring = opened(path)

    assert keyring.unwrap(CODES, CONTEXT, keyring.new_data_key(CODES, CONTEXT))


def test_says_which_purpose_has_no_key(path):
    document = json.loads(path.read_text())
    document["keys"] = [entry for entry in document["keys"] if entry["purpose"] != "manifests"]
    path.write_text(json.dumps(document))
    keyring = opened(path)

    with pytest.raises(KeyFileError, match="manifests"):
        keyring.signing_seed(Purpose.MANIFESTS)


def test_an_older_key_still_opens_what_it_wrapped(path):
    wrapped = opened(path).new_data_key(CODES, CONTEXT)
    create(path.with_name("newer.json"), created_at=CREATED_AT)
    document = json.loads(path.read_text())
    document["keys"] += json.loads(path.with_name("newer.json").read_text())["keys"]
    path.write_text(json.dumps(document))

    keyring = opened(path)
    rewrapped = keyring.new_data_key(CODES, CONTEXT)

    assert keyring.unwrap(CODES, CONTEXT, wrapped)
    assert rewrapped[1:9] != wrapped[1:9]


class ReplacedPath(PosixPath):
    """A path whose file is replaced by another process at the moment at which it is looked at."""

    def stat(self, **options):
        marker = Path(self.with_name("replaced"))
        if not marker.exists():
            marker.touch()
            add_keys(Path(self), [CODES], created_at=CREATED_AT)
        return super().stat(**options)


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(path):
    keys = FileKeys.load(ReplacedPath(path))

    assert keys.newest(CODES).id == read(path)[-1].id
