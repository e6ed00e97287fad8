"""The registry's half of the keys: outer tokens, pseudonyms, and contributors sealed in their records."""

import hmac
from collections.abc import Iterable, Iterator

from fraud.rules.consortium import KindToken
from fraud.rules.elements.kinds import ElementKind
from fraud.rules.packing import NUMBERS, Packed
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import Place
from portal.crypto.tokens import TOKEN_BYTES, registry_token, registry_tokeniser, token
from portal.keys.scopes import PLATFORM, scope_keys
from portal.keys.sealed import open_for_scope, seal_for_scope

# Pseudonyms and contributors are sealed under a key of their own: the other only ever makes tokens.
_SEALS = "registry"
# In place of a record, where there is none.
_DECOY = "rec_decoy"
_BY_NAME = {str(kind): number for kind, number in NUMBERS.items()}


def outer_tokens(tokens: Iterable[KindToken]) -> Iterator[Packed]:
    """Give the consortium's tokens of what whoever screens has sent; kinds that nobody has heard of are left out."""
    outer = registry_tokeniser(_token_key())
    for each in tokens:
        number = _BY_NAME.get(each.kind)
        if number is not None:
            yield Packed(number, each.party, outer(each.token))


def outer_token(kind: ElementKind, screening_token: bytes) -> Packed:
    """Give one consortium's token of a kind, for the first party."""
    return Packed(NUMBERS[kind], 0, registry_token(_token_key(), screening_token))


def member_mark(institution: str) -> bytes:
    """Give the 16-byte pseudonym of a member, by its public id."""
    return token(_token_key(), "member", institution)


def contribution_mark(contribution: str) -> bytes:
    """Give the 16 bytes by which a contribution is known again, by its id."""
    return hmac.digest(_token_key(), f"contribution\0{contribution}".encode(), "sha256")[:TOKEN_BYTES]


def seal_identity(institution: str, mark: bytes) -> bytes:
    """Seal the public id of a member."""
    return _seal(institution.encode(), _member_place(mark))


def open_identity(sealed: bytes | memoryview, mark: bytes | memoryview) -> str:
    """Open the public id of a member."""
    return _open(sealed, _member_place(bytes(mark))).decode()


def seal_contributor(member: int, record: str) -> bytes:
    """Seal the number of a member in the place of a record (its public id)."""
    return _seal(member.to_bytes(8), _record_place(record))


def open_contributor(sealed: bytes | memoryview, record: str) -> int:
    """Open the number of the member who contributed a record."""
    return int.from_bytes(_open(sealed, _record_place(record)))


def open_decoy() -> None:
    """Take as long as opening the contributor of a record takes."""
    open_contributor(seal_contributor(0, _DECOY), _DECOY)


def _token_key() -> bytes:
    return scope_keys(Purpose.TOKENS_REGISTRY, PLATFORM).newest.key.secret


def _seal(plain: bytes, place: Place) -> bytes:
    return seal_for_scope(plain, purpose=Purpose.TOKENS_REGISTRY, scope=_SEALS, place=place)


def _open(sealed: bytes | memoryview, place: Place) -> bytes:
    return open_for_scope(sealed, purpose=Purpose.TOKENS_REGISTRY, scope=_SEALS, place=place)


def _member_place(mark: bytes) -> Place:
    return Place("fraud_registrymember", "identity", mark.hex())


def _record_place(record: str) -> Place:
    return Place("fraud_registryrecord", "contributor", record)
