"""The key file of an installation: made once, by whichever process comes first, and checked by its command."""

import pytest
from django.core.management import CommandError, call_command

from portal.core.keys import keyring
from portal.crypto.keyring import KeyFileError, Purpose


@pytest.fixture(autouse=True)
def path(settings, tmp_path):
    settings.KEY_FILE = tmp_path / "keys.json"
    keyring.cache_clear()
    yield settings.KEY_FILE
    keyring.cache_clear()


def test_the_first_use_makes_the_file(path):
    wrapped = keyring().new_data_key(Purpose.CAMPAIGN_CODES, "campaign:1")

    assert path.exists()
    assert keyring().unwrap(Purpose.CAMPAIGN_CODES, "campaign:1", wrapped)


def test_the_command_makes_the_file_once(path, capsys):
    call_command("init_keys")
    made = path.read_bytes()

    call_command("init_keys")

    assert path.read_bytes() == made
    assert capsys.readouterr().out.splitlines() == [f"Made the key file {path}", f"Kept the key file {path}"]


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
