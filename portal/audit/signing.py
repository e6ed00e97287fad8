"""Who signs anchors, and whose signatures count: told by the floor that keeps signing keys, above this one."""

from collections.abc import Mapping
from typing import Protocol

from portal.core.keys import keyring
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import key_id, private_key, public_pem, sign


class Signer(Protocol):
    """Signs with the newest key for the trail; knows the public half of every key that ever signed."""

    def sign(self, message: bytes) -> str:
        """Sign *message*, and give the Ed25519 signature in base64."""

    def key_id(self) -> str:
        """Name the key that signs now."""

    def public_keys(self) -> Mapping[str, str]:
        """Give the public keys as PEM, by their ids."""


class DerivedSigner:
    """Signs with a key derived from this process's key for the trail, the only one that it knows."""

    def sign(self, message: bytes) -> str:
        return sign(private_key(self._seed()), message)

    def key_id(self) -> str:
        return key_id(private_key(self._seed()).public_key())

    def public_keys(self) -> Mapping[str, str]:
        if not keyring().holds(Purpose.TRAIL):
            return {}
        public = private_key(self._seed()).public_key()
        return {key_id(public): public_pem(public)}

    def _seed(self) -> bytes:
        return keyring().signing_seed(Purpose.TRAIL)


_signer: list[Signer] = [DerivedSigner()]


def use(signer: Signer) -> None:
    """Have anchors signed by another signer; called in an AppConfig.ready()."""
    _signer[0] = signer


def signer() -> Signer:
    """Give whoever signs anchors."""
    return _signer[0]
