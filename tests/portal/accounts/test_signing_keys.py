"""Public keys with which clients sign: taken as PEM or base64, each once, and revoked for good."""

import base64

import pytest

from portal.accounts.models import SigningKey
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.operations.signing_keys import (
    MOST_SIGNING_KEYS,
    register_signing_key,
    revoke_signing_key,
)
from portal.accounts.queries import signing_keys
from portal.accounts.roles import ClientKind
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.crypto.signatures import key_id, private_key, public_pem, public_raw
from tests import makers
from tests.makers import NOW

pytestmark = pytest.mark.django_db

PUBLIC = private_key(bytes(range(32))).public_key()
RAW = public_raw(PUBLIC)


@pytest.fixture
def client(mexico, lumo, operator):
    return makers.make_client(ClientKind.WEBSITE, mexico, lumo, issuer=operator)


def number(each):
    """The PEM of one of many keys."""
    return public_pem(private_key(bytes([each]) * 32).public_key())


@pytest.mark.parametrize(
    "text",
    [
        public_pem(PUBLIC),
        "\n  " + public_pem(PUBLIC).replace("\n", "\r\n"),
        base64.b64encode(RAW).decode(),
        base64.b64encode(RAW).decode().rstrip("="),
        base64.urlsafe_b64encode(RAW).decode(),
    ],
)
def test_takes_a_key_as_people_paste_it(client, operator, text):
    key = register_signing_key(client, text, by=operator, now=NOW)

    assert key.key_id == key_id(PUBLIC)
    assert signing_keys(client.pk) == {key.key_id: RAW}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        base64.b64encode(RAW[:-1]).decode(),
        base64.b64encode(RAW + b"x").decode(),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "-----BEGIN",
        "\u00e9" * 43,
    ],
)
def test_refuses_what_is_no_key(client, operator, text):
    with pytest.raises(InvalidError) as refused:
        register_signing_key(client, text, by=operator, now=NOW)

    assert set(refused.value.fields) == {"public_key"}


def test_a_key_belongs_to_one_client(client, operator, mexico, lumo):
    register_signing_key(client, public_pem(PUBLIC), by=operator, now=NOW)
    other = makers.make_client(ClientKind.WEBSITE, mexico, lumo, issuer=operator)

    with pytest.raises(AlreadyThereError):
        register_signing_key(other, public_pem(PUBLIC), by=operator, now=NOW)


def test_a_revoked_key_is_gone_and_does_not_come_back(client, operator):
    key = register_signing_key(client, public_pem(PUBLIC), by=operator, now=NOW)

    revoke_signing_key(key, by=operator, now=NOW)

    assert signing_keys(client.pk) == {}
    with pytest.raises(AlreadyThereError):
        register_signing_key(client, public_pem(PUBLIC), by=operator, now=NOW)


def test_a_key_is_revoked_once(client, operator):
    key = register_signing_key(client, public_pem(PUBLIC), by=operator, now=NOW)
    revoke_signing_key(key, by=operator, now=NOW)

    with pytest.raises(WrongStateError):
        revoke_signing_key(key, by=operator, now=NOW)


def test_a_client_has_so_many_live_keys_and_no_more(client, operator):
    for each in range(MOST_SIGNING_KEYS):
        register_signing_key(client, number(each), by=operator, now=NOW)

    with pytest.raises(WrongStateError, match="at most 5 live keys"):
        register_signing_key(client, number(99), by=operator, now=NOW)
    revoke_signing_key(SigningKey.objects.earliest("pk"), by=operator, now=NOW)

    assert register_signing_key(client, number(99), by=operator, now=NOW)


def test_a_marketer_registers_and_revokes_no_keys(client, operator, marketer):
    key = register_signing_key(client, public_pem(PUBLIC), by=operator, now=NOW)

    with pytest.raises(ForbiddenError):
        register_signing_key(client, number(1), by=marketer, now=NOW)
    with pytest.raises(ForbiddenError):
        revoke_signing_key(key, by=marketer, now=NOW)
