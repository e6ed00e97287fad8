"""The provider whose key-encryption keys live in AWS KMS: they never leave it, and each purpose has its own."""

import secrets
import time
from functools import cache
from typing import Any, NoReturn

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from portal.core.errors import UnavailableError
from portal.core.phrases import Phrase
from portal.crypto.keyring import KEY_BYTES, KeyFacts, Purpose, UnwrapError, WrappedKey

log = structlog.get_logger(__name__)

ENVELOPE_VERSION = 2
# What a request waits at most: three tries of this, and short pauses between them.
CONNECT_SECONDS, READ_SECONDS, TRIES = 1.0, 2.0, 3
# How long the key behind an alias is taken for the newest; a rotation points the alias elsewhere.
REMEMBERED_SECONDS = 60.0
# The key is there and says no: the envelope is wrong, not the service.
_WRONG = {"InvalidCiphertextException", "IncorrectKeyException"}


class KeysUnavailableError(UnavailableError):
    """Refuse for now: the KMS does not answer, or does not let us use a key."""

    title = Phrase("The keys cannot be used just now")

    def __init__(self) -> None:
        super().__init__(
            Phrase("The key service does not answer or refuses. Nothing was changed; try again in a minute.")
        )


class KmsKeys:
    """Key-encryption keys in AWS KMS, found by an alias per purpose; purpose and context are bound to each envelope."""

    def __init__(self, client: Any, *, alias_prefix: str) -> None:
        self.name = "kms"
        self._client = client
        self._alias_prefix = alias_prefix
        self._known: dict[Purpose, tuple[float, KeyFacts]] = {}

    def wrap(self, purpose: Purpose, context: str, plain: bytes) -> WrappedKey:
        """Have *plain* encrypted: version (1 byte), length of the key's name (1), its name, what the KMS gave.

        :raises KeysUnavailableError: no answer in time, or a refusal
        """
        alias = self._alias_prefix + purpose
        answer = self._ask(
            "encrypt", KeyId=alias, Plaintext=plain, EncryptionContext=_bound_to(purpose, context)
        )
        name = answer["KeyId"].encode()
        return WrappedKey(bytes([ENVELOPE_VERSION, len(name)]) + name + answer["CiphertextBlob"])

    def unwrap(self, purpose: Purpose, context: str, wrapped: bytes) -> bytes:
        """Have an envelope decrypted.

        :raises UnwrapError: made for another purpose or context, by another key, or damaged
        :raises KeysUnavailableError: no answer in time, or a refusal
        """
        name, blob = _parts(wrapped)
        answer = self._ask(
            "decrypt", KeyId=name, CiphertextBlob=blob, EncryptionContext=_bound_to(purpose, context)
        )
        return bytes(answer["Plaintext"])

    def first_seed(self, purpose: Purpose, context: str) -> bytes:
        """Give 32 random bytes: the KMS derives nothing, so each call gives others."""
        # From this machine like every data key: a permission to ask the KMS for them could name no key.
        return secrets.token_bytes(KEY_BYTES)

    def newest(self, purpose: Purpose) -> KeyFacts:
        """Name the key behind the alias of a purpose.

        :raises KeysUnavailableError: no answer in time, or a refusal
        """
        until, facts = self._known.get(purpose, (0.0, None))
        if facts is None or time.monotonic() >= until:
            metadata = self._ask("describe_key", KeyId=self._alias_prefix + purpose)["KeyMetadata"]
            facts = KeyFacts(metadata["Arn"], metadata["CreationDate"].isoformat(timespec="seconds"))
            self._known[purpose] = (time.monotonic() + REMEMBERED_SECONDS, facts)
        return facts

    def wrapped_by(self, wrapped: bytes) -> str:
        """Name the key that wrapped this, as its envelope does."""
        try:
            return _parts(wrapped)[0]
        except UnwrapError:
            return ""

    def _ask(self, act: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, act)(**arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _WRONG:
                raise UnwrapError from None
            log.warning("kms.refused", act=act, code=code)
            raise KeysUnavailableError from error
        except BotoCoreError as error:
            log.warning("kms.unreachable", act=act, reason=type(error).__name__)
            raise KeysUnavailableError from error
        return answer

    def __repr__(self) -> str:
        return f"<KmsKeys {self._alias_prefix}…>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Keys are never pickled.")


@cache
def kms_keys() -> KmsKeys:
    """Give the provider that the settings describe."""
    patience = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
    )
    client = boto3.client(
        "kms", region_name=settings.KMS_REGION, endpoint_url=settings.KMS_ENDPOINT_URL, config=patience
    )
    return KmsKeys(client, alias_prefix=settings.KMS_ALIAS_PREFIX)


def _bound_to(purpose: Purpose, context: str) -> dict[str, str]:
    return {"purpose": str(purpose), "context": context}


def _parts(wrapped: bytes) -> tuple[str, bytes]:
    """Take an envelope apart: the key's name, and what the KMS gave.

    :raises UnwrapError: not an envelope of this provider
    """
    end = 2 + wrapped[1] if len(wrapped) > 2 else 0
    if not end or wrapped[0] != ENVELOPE_VERSION or len(wrapped) <= end:
        raise UnwrapError
    try:
        return wrapped[2:end].decode("ascii"), wrapped[end:]
    except UnicodeDecodeError:
        raise UnwrapError from None
