"""Keys in AWS KMS: what it wraps opens in its own context only, and when it fails nothing is half done."""

import pickle
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from moto import mock_aws

from portal.core.errors import UnavailableError
from portal.core.kms import KeysUnavailableError, KmsKeys, kms_keys
from portal.crypto.keyring import Keyring, Purpose, UnwrapError

CONTEXT = "market:org_1:v1"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("kms", region_name="us-east-1")
        for purpose in Purpose:
            alias(client, purpose, client.create_key()["KeyMetadata"]["KeyId"])
        yield client


def alias(client: Any, purpose: Purpose, key: str) -> None:
    name = f"alias/countersign-{purpose}"
    known = {each["AliasName"] for each in client.list_aliases(Limit=1000)["Aliases"]}
    (client.update_alias if name in known else client.create_alias)(AliasName=name, TargetKeyId=key)


@pytest.fixture
def keyring(client: Any) -> Keyring:
    return Keyring(KmsKeys(client, alias_prefix="alias/countersign-"))


def test_opens_what_it_wrapped(keyring):
    wrapped = keyring.new_data_key(Purpose.MEMBERS, CONTEXT)

    assert len(keyring.unwrap(Purpose.MEMBERS, CONTEXT, wrapped)) == 32
    assert len(wrapped) < 1000


@pytest.mark.parametrize(
    ("purpose", "context"), [(Purpose.MEMBERS, "market:org_2:v1"), (Purpose.PEOPLE, CONTEXT)]
)
def test_refuses_another_context_or_purpose(keyring, purpose, context):
    wrapped = keyring.new_data_key(Purpose.MEMBERS, CONTEXT)

    with pytest.raises(UnwrapError):
        keyring.unwrap(purpose, context, wrapped)


@pytest.mark.parametrize("wrapped", [b"", b"\2", b"\2\5", b"\2\3abc", b"\1" + b"x" * 68, b"\2\2\xff\xffblob"])
def test_refuses_what_is_no_envelope_without_asking(keyring, wrapped):
    with pytest.raises(UnwrapError):
        keyring.unwrap(Purpose.MEMBERS, CONTEXT, wrapped)


def test_rewraps_under_the_key_that_the_alias_names_now(client, keyring):
    old = keyring.new_data_key(Purpose.MEMBERS, CONTEXT)
    alias(client, Purpose.MEMBERS, client.create_key()["KeyMetadata"]["KeyId"])
    fresh = Keyring(KmsKeys(client, alias_prefix="alias/countersign-"))

    new = fresh.rewrap(Purpose.MEMBERS, CONTEXT, old)

    assert fresh.is_stale(Purpose.MEMBERS, old)
    assert not fresh.is_stale(Purpose.MEMBERS, new)
    assert fresh.unwrap(Purpose.MEMBERS, CONTEXT, new) == fresh.unwrap(Purpose.MEMBERS, CONTEXT, old)


def test_gives_a_random_seed_since_it_derives_none(keyring):
    assert keyring.signing_seed(Purpose.MANIFESTS) != keyring.signing_seed(Purpose.MANIFESTS)


class Failing:
    """A client whose every act fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _act: str) -> Any:
        def fail(**_: Any) -> None:
            raise self._error

        return fail


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Encrypt")


FAILURES = [
    refusal("AccessDeniedException"),
    refusal("DisabledException"),
    refusal("KMSInvalidStateException"),
    refusal("NotFoundException"),
    refusal("ThrottlingException"),
    ConnectTimeoutError(endpoint_url="https://kms.example"),
    ReadTimeoutError(endpoint_url="https://kms.example"),
    EndpointConnectionError(endpoint_url="https://kms.example"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_a_refusal_or_silence_is_said_in_words(failure):
    broken = Keyring(KmsKeys(Failing(failure), alias_prefix="alias/countersign-"))

    with pytest.raises(UnavailableError, match="Nothing was changed"):
        broken.new_data_key(Purpose.MEMBERS, CONTEXT)
    with pytest.raises(KeysUnavailableError):
        broken.unwrap(Purpose.MEMBERS, CONTEXT, b"\2\3abcblob")
    with pytest.raises(KeysUnavailableError):
        broken.newest(Purpose.MEMBERS)


def test_what_was_opened_serves_on_while_the_service_is_silent(client, keyring):
    wrapped = keyring.new_data_key(Purpose.MEMBERS, CONTEXT)
    opened = keyring.unwrap(Purpose.MEMBERS, CONTEXT, wrapped)
    keyring._provider._client = Failing(FAILURES[-1])

    assert keyring.unwrap(Purpose.MEMBERS, CONTEXT, wrapped) == opened


def test_waits_for_a_bounded_time(settings):
    kms_keys.cache_clear()
    config: Any = kms_keys()._client.meta.config

    assert (config.connect_timeout, config.read_timeout) == (1.0, 2.0)
    assert config.retries["total_max_attempts"] == 3


def test_cannot_leave_the_process(client):
    provider = KmsKeys(client, alias_prefix="alias/countersign-")

    with pytest.raises(TypeError):
        pickle.dumps(provider)
    assert "KmsKeys" in repr(provider)
