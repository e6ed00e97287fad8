"""The keys that this installation signs with, for floors that lie below the table in which they are kept."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.crypto.keyring import Purpose

Source = Callable[[Purpose], Ed25519PrivateKey]
_sources: list[Source] = []


def keep_signing_keys(source: Source) -> None:
    """Say where signing keys come from; `portal.keys` does when it is set up."""
    _sources[:] = [source]


def signer(purpose: Purpose) -> Ed25519PrivateKey:
    """Give the private key that signs for a purpose now; `portal.crypto.signatures.key_id` names its public half.

    :raises portal.core.errors.UnavailableError: the key service does not answer, or refuses
    :raises portal.crypto.keyring.NotHeldError: this process was not given the purpose
    """
    return _sources[0](purpose)
