"""The examples of docs/clients.md are run as they stand, against a real server."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.accounts.actors import SYSTEM
from portal.accounts.models import Client
from portal.accounts.operations.signing_keys import register_signing_key
from portal.crypto.signatures import public_pem
from tests.campaigns.api.conftest import NOW, Caller

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "clients.md").read_text()
EXAMPLES = dict(re.findall(r"```(python|sh)\n(.*?)```", DOCUMENT, re.S))
COMMANDS = {"python": [sys.executable, "-c"], "sh": ["sh", "-euc"]}


@pytest.fixture
def folder(tmp_path: Path, website: Caller) -> Path:
    """A folder with the private key of a client that must sign."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "private.pem").write_bytes(pem)
    register_signing_key(website.client, public_pem(private.public_key()), by=SYSTEM, now=NOW)
    Client.objects.update(requires_signature=True)
    return tmp_path


@pytest.mark.parametrize("language", COMMANDS)
def test_the_example_signs_a_request_that_passes(
    language: str, folder: Path, website: Caller, live_server: Any
) -> None:
    environment = {**os.environ, "URL": live_server.url, "KEY": website.secret}

    ran = subprocess.run(
        [*COMMANDS[language], EXAMPLES[language]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    # The code of the example was made up; whoever hears so has been let in.
    assert '"code-unknown"' in ran.stdout + ran.stderr or '"status":"' in ran.stdout, ran.stdout + ran.stderr
