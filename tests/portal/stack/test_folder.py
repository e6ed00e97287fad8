"""The data folder: made once, used by one, and its faults told in one line."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from portal.privileges import GRANTED
from portal.stack.folder import DataFolder, free_port, is_free
from portal.stack.voice import StackError


@pytest.fixture
def place(tmp_path: Path) -> Iterator[DataFolder]:
    folder = DataFolder(tmp_path / "data")
    folder.make()
    yield folder
    folder.release()


def test_secrets_are_made_once_and_are_private(place: DataFolder) -> None:
    first = place.secrets()

    assert place.secrets() == first
    assert len(set(first.values())) == len(first) == 6
    assert (place.path / "secrets.json").stat().st_mode & 0o077 == 0


def test_lost_secrets_of_an_existing_database_are_not_made_anew(place: DataFolder) -> None:
    place.secrets()
    (place.path / "postgres").mkdir()
    (place.path / "secrets.json").unlink()

    with pytest.raises(StackError, match="lacks the passwords"):
        place.secrets()


def test_each_process_has_a_password_of_its_own_for_the_database(place: DataFolder) -> None:
    first = place.role_passwords()

    assert set(first) == {process.role for process in GRANTED}
    assert len(set(first.values())) == len(GRANTED)
    assert place.role_passwords() == first


def test_a_new_process_gets_its_password_in_an_old_folder_too(place: DataFolder) -> None:
    old = place.secrets()
    (place.path / "postgres").mkdir()

    new = place.role_passwords()

    assert set(new) == {process.role for process in GRANTED}
    assert old.items() <= place.secrets().items()
    assert (place.path / "secrets.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00\xff"])
def test_broken_files_are_named(place: DataFolder, content: str) -> None:
    (place.path / "ports.json").write_text(content)

    with pytest.raises(StackError, match=r"broken: .*ports\.json"):
        place.ports(["postgres"])


def test_ports_stay_the_same(place: DataFolder) -> None:
    first = place.ports(["postgres", "valkey"])

    assert place.ports(["postgres", "valkey"]) == first


def test_a_port_that_somebody_took_is_chosen_anew(place: DataFolder) -> None:
    taken = place.ports(["postgres"])["postgres"]
    with closing(socket.create_server(("127.0.0.1", taken))):
        again = place.ports(["postgres"])["postgres"]

    assert again != taken


def test_ports_that_cannot_be_are_chosen_anew(place: DataFolder) -> None:
    (place.path / "ports.json").write_text('{"postgres": "x", "s3": 99999999}')

    ports = place.ports(["postgres", "s3"])

    assert all(1024 < port < 65_536 for port in ports.values())


def test_a_free_port_is_told_from_one_in_use() -> None:
    port = free_port()
    with closing(socket.create_server(("127.0.0.1", port))):
        assert not is_free(port)

    assert is_free(port)


def test_the_folder_belongs_to_one_at_a_time(place: DataFolder) -> None:
    taken = place.take()

    assert taken
    assert not DataFolder(place.path).take()
    assert DataFolder(place.path).is_taken()


def test_a_folder_whose_user_was_killed_is_free_again(place: DataFolder) -> None:
    script = (
        "import os, sys; from pathlib import Path; from portal.stack.folder import DataFolder\n"
        "place = DataFolder(Path(sys.argv[1])); place.take(); place.write_run({'pid': os.getpid()})\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(place.path)], check=False)

    left_behind = json.loads((place.path / "stack.json").read_text())
    assert left_behind["pid"]
    assert not place.is_taken()
    assert place.take()


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StackError, match="cannot be written to: Not a directory"):
        DataFolder(tmp_path / "file" / "data").make()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_refused_in_words(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("this root may not mount")
    try:
        with pytest.raises(StackError, match="nearly full"):
            DataFolder(disk / "data").make()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_starting_over_lists_only_what_stacks_make(place: DataFolder) -> None:
    place.secrets()
    (place.path / "holiday.jpg").touch()
    (place.path / "postgres").mkdir()
    # A demonstration that was broken off is to be told anew.
    (place.path / "demo").mkdir()

    assert {path.name for path in place.contents()} == {"demo", "secrets.json", "postgres"}
