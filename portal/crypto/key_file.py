"""The key file: JSON with key-encryption keys, which only its owner may read, made whole and changed whole."""

import base64
import binascii
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from portal.crypto.keyring import KEY_BYTES, KeyFacts, Purpose

FILE_FORMAT = 1
KEY_ID_BYTES = 8
# A key file holds a handful of keys; anything larger is some other file.
MAX_FILE_BYTES = 1_000_000


class KeyFileError(ValueError):
    """The key file cannot be trusted or understood; the message says why and what to do."""

    code = "key-file"


@dataclass(frozen=True, slots=True)
class KeyEncryptionKey:
    """One 256-bit key of one purpose; lives as long as anything that it wrapped."""

    id: str
    purpose: Purpose
    created_at: str
    secret: bytes = field(repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is never pickled.")


def read(path: Path) -> list[KeyEncryptionKey]:
    """Read the keys in the file, the oldest first.

    :raises KeyFileError: absent, readable by others, or malformed
    """
    return _parsed(_document(_read_private(path), path), path)


def mark_of(path: Path) -> tuple[int, int]:
    """Give what changes when the file is replaced.

    :raises KeyFileError: absent or unreadable
    """
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    return status.st_ino, status.st_mtime_ns


def create(path: Path, *, created_at: str) -> bool:
    """Write a new key file with one key per purpose, unless there is one; say whether this call made it.

    Safe when several processes start at once: the file appears whole, by one link, and exactly once.
    *created_at* is an RFC 3339 time, kept for people to read.
    """
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, [_new_key(purpose, created_at) for purpose in Purpose])
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def add_keys(path: Path, purposes: Iterable[Purpose], *, created_at: str) -> list[str]:
    """Add a newer key for each of these purposes to the file, atomically, and give their ids.

    One caller at a time: two at once are held apart by a lock beside the file.

    :raises KeyFileError: absent, readable by others, or malformed
    """
    with _alone(path):
        entries = _whole(path)
        added = [_new_key(purpose, created_at) for purpose in purposes]
        if added:
            _draft(path, [*entries, *added]).replace(path)
    return [key["id"] for key in added]


def add_missing(path: Path, *, created_at: str) -> list[Purpose]:
    """Add a key for each purpose that the file has none for, and name those purposes.

    :raises KeyFileError: absent, readable by others, or malformed
    """
    there = {key.purpose for key in read(path)}
    missing = [purpose for purpose in Purpose if purpose not in there]
    add_keys(path, missing, created_at=created_at)
    return missing


def remove_key(path: Path, key_id: str) -> None:
    """Remove one key from the file for good; whatever it wrapped and was not rewrapped is lost.

    :raises KeyFileError: absent, readable by others, or malformed
    """
    with _alone(path):
        entries = _whole(path)
        _draft(path, [entry for entry in entries if entry["id"] != key_id]).replace(path)


def share_of(path: Path, whose: str) -> Path:
    """Say where the share of one kind of process lies: in a folder of its own beside the key file.

    A folder can be handed to a container alone, and still shows it the file that replaces this one.
    """
    return path.with_name(f"{path.stem}-{whose}") / path.name


def write_share(path: Path, purposes: Iterable[Purpose], *, whose: str) -> None:
    """Write a file that holds the keys of these purposes alone, for one kind of process: *whose*.

    :raises KeyFileError: the key file is absent, readable by others, or malformed
    """
    wanted = {str(purpose) for purpose in purposes}
    entries = [entry for entry in _whole(path) if entry["purpose"] in wanted]
    share = share_of(path, whose)
    share.parent.mkdir(mode=0o700, exist_ok=True)
    _draft(share, entries, whose=whose).replace(share)
    # Where earlier versions wrote it: keys that lie about unused are keys too many.
    path.with_name(f"{path.stem}-{whose}{path.suffix}").unlink(missing_ok=True)


def keys_in(path: Path) -> list[tuple[Purpose, KeyFacts]]:
    """Name the keys in the file, the oldest first; their secrets stay there.

    :raises KeyFileError: absent, readable by others, or malformed
    """
    return [(key.purpose, KeyFacts(key.id, key.created_at)) for key in read(path)]


def _new_key(purpose: Purpose, created_at: str) -> dict[str, str]:
    return {
        "id": secrets.token_hex(KEY_ID_BYTES),
        "purpose": str(purpose),
        "created_at": created_at,
        "secret": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
    }


def _whole(path: Path) -> list[dict[str, Any]]:
    """Read the entries of the key file itself; a share of it is read, but never added to."""
    document = _document(_read_private(path), path)
    _parsed(document, path)
    if "share" in document:
        raise KeyFileError(f"{path} is one process's share of the key file. Change the key file itself.")
    return list(document["keys"])


def _draft(path: Path, entries: Sequence[Mapping[str, Any]], *, whose: str = "") -> Path:
    """Write the whole file beside its place, to be moved there."""
    share = {"share": whose} if whose else {}
    text = json.dumps({"format": FILE_FORMAT, **share, "keys": entries}, indent=2) + "\n"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    return draft


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold off whoever else would change the file; the lock ends with the process, however it ends."""
    with os.fdopen(os.open(path.with_name(f".{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # Asked of the open file, so that what is checked is what is read.
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise KeyFileError(f"The key file {path} is open to other users. Run: chmod 600 {path}")
            return file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> KeyFileError:
    if isinstance(error, FileNotFoundError):
        return KeyFileError(f"There is no key file at {path}. Run: bin/manage init_keys")
    return KeyFileError(f"The key file {path} cannot be read: {error.strerror}.")


def _parsed(document: Mapping[str, Any], path: Path) -> list[KeyEncryptionKey]:
    try:
        # A purpose of a newer version is passed over, so that going back a version still starts.
        return [_key_from(entry) for entry in document["keys"] if entry["purpose"] in set(Purpose)]
    except (ValueError, KeyError, TypeError, AttributeError):
        # The cause stays out of the traceback: it may quote the file.
        raise _damaged(path) from None


def _document(content: bytes, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(content)
        file_format = document["format"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _damaged(path) from None
    if file_format != FILE_FORMAT:
        raise KeyFileError(f"The key file {path} has a format that this version does not know.")
    return dict(document)


def _damaged(path: Path) -> KeyFileError:
    return KeyFileError(f"The key file {path} is damaged. Restore it from its copy.")


def _key_from(entry: Mapping[str, Any]) -> KeyEncryptionKey:
    secret = base64.b64decode(entry["secret"], validate=True)
    if len(secret) != KEY_BYTES or len(bytes.fromhex(entry["id"])) != KEY_ID_BYTES:
        raise binascii.Error("wrong size")
    return KeyEncryptionKey(entry["id"], Purpose(entry["purpose"]), str(entry["created_at"]), secret)
