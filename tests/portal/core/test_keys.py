"""The key file of an installation: made once, by whichever process comes first, and checked by its command."""

import json

import pytest
from django.core.management import CommandError, call_command

from portal.core.keys import keyring
from portal.crypto.key_file import KeyFileError, share_of
from portal.crypto.keyring import NotHeldError, Purpose
from portal.privileges import GRANTED, purposes


@pytest.fixture(autouse=True)
def path(settings, tmp_path):
    settings.KEY_FILE = tmp_path / "keys.json"
    keyring.cache_clear()
    yield settings.KEY_FILE
    keyring.cache_clear()


def test_no_process_makes_up_keys_where_the_file_is_missing(path):
    with pytest.raises(KeyFileError, match="init_keys"):
        keyring()

    assert not path.exists()


def test_the_command_makes_a_file_that_serves(path):
    call_command("init_keys")

    wrapped = keyring().new_data_key(Purpose.CAMPAIGN_CODES, "campaign:1")

    assert path.exists()
    assert keyring().unwrap(Purpose.CAMPAIGN_CODES, "campaign:1", wrapped)


def test_the_command_makes_the_file_once(path, capsys):
    call_command("init_keys")
    made = path.read_bytes()

    call_command("init_keys")

    assert path.read_bytes() == made
    assert capsys.readouterr().out.splitlines() == [f"Made the key file {path}", f"Kept the key file {path}"]


def test_the_command_adds_keys_of_purposes_that_the_file_lacks(path):
    call_command("init_keys")
    document = json.loads(path.read_text())
    old = [entry for entry in document["keys"] if entry["purpose"] in {"campaign-codes", "manifests"}]
    path.write_text(json.dumps(document | {"keys": old}))

    call_command("init_keys")

    kept = json.loads(path.read_text())["keys"]
    assert kept[:2] == old
    assert {entry["purpose"] for entry in kept} == set(Purpose)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("process", GRANTED)
def test_each_kind_of_process_gets_its_own_keys_and_no_others(path, settings, process):
    call_command("init_keys")
    keyring.cache_clear()
    settings.KEY_FILE, settings.PROCESS = share_of(path, process), str(process)

    held = {entry["purpose"] for entry in json.loads(settings.KEY_FILE.read_text())["keys"]}

    assert held == purposes(process)
    assert settings.KEY_FILE.stat().st_mode & 0o777 == 0o600
    for purpose in Purpose:
        if purpose in held:
            assert keyring().new_data_key(purpose, "scope")
        else:
            with pytest.raises(NotHeldError):
                keyring().new_data_key(purpose, "scope")


@pytest.mark.parametrize("process", GRANTED)
def test_a_process_is_refused_foreign_purposes_even_of_a_whole_file(path, settings, process):
    call_command("init_keys")
    wrapped = {purpose: keyring().new_data_key(purpose, "scope") for purpose in Purpose}
    keyring.cache_clear()
    settings.PROCESS = str(process)

    for purpose in set(Purpose) - purposes(process):
        for act in (keyring().unwrap, keyring().rewrap):
            with pytest.raises(NotHeldError):
                act(purpose, "scope", wrapped[purpose])


def test_a_share_is_never_added_to(path, settings):
    call_command("init_keys")
    settings.KEY_FILE = share_of(path, "web")

    with pytest.raises(CommandError, match="share"):
        call_command("init_keys")


def test_the_command_refuses_a_damaged_file(path):
    path.write_text("damaged")
    path.chmod(0o600)

    with pytest.raises(CommandError, match="is damaged"):
        call_command("init_keys")

    assert path.read_text() == "damaged"


def test_a_file_open_to_others_is_refused(path):
    path.write_text("{}")
    path.chmod(0o644)

    with pytest.raises(KeyFileError, match="chmod 600"):
        keyring()


def test_the_command_says_why_it_cannot_make_one(settings, tmp_path):
    (tmp_path / "a-file").write_text("")
    settings.KEY_FILE = tmp_path / "a-file" / "keys.json"

    with pytest.raises(CommandError, match="cannot be made"):
        call_command("init_keys")
