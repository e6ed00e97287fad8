"""`bin/manage totp`: the present code of somebody in the demonstration, and nowhere else."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.accounts import factors
from portal.core import clock

SECRET = factors.new_secret()
USERS = {
    "approver": {"email": "approver@countersign.example", "totp_secret": SECRET},
    "printer": {"email": "printer@countersign.example"},
}


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.KEY_FILE = tmp_path / "keys.json"
    return tmp_path


@pytest.fixture
def demo(folder: Path) -> None:
    (folder / "demo.json").write_text(json.dumps({"users": USERS}))


@pytest.mark.parametrize("person", ["approver", "approver@countersign.example"])
def test_prints_the_present_code(demo: None, person: str) -> None:
    out = io.StringIO()

    call_command("totp", person, stdout=out, stderr=io.StringIO())

    assert factors.matching_step(SECRET, out.getvalue(), now=clock.now()) is not None


@pytest.mark.parametrize(
    ("person", "says"), [("printer", "without a code"), ("nobody", "is in the demonstration")]
)
def test_says_why_there_is_no_code(demo: None, person: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("totp", person)


def test_prints_nothing_where_there_is_no_demonstration(folder: Path) -> None:
    with pytest.raises(CommandError, match="no demonstration"):
        call_command("totp", "approver")
