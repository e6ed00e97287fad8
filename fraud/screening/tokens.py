"""Tokens of an application: under the institution's own key to count, and the first half for the consortium."""

from collections.abc import Iterable

from fraud.models import Institution
from fraud.rules.canonical import Application
from fraud.rules.consortium import KindToken
from portal.crypto.keyring import Purpose
from portal.crypto.tokens import token
from portal.keys.scopes import PLATFORM, scope_keys


def own_tokens(institution: Institution, application: Application) -> list[tuple[str, bytes]]:
    """Give kind and 16-byte token of each element by which the institution finds the application again."""
    key = scope_keys(Purpose.TOKENS, institution.scope).newest.key.secret
    return sorted({(kind, token(key, kind, value)) for kind, value in _own_elements(application)})


def consortium_tokens(application: Application) -> tuple[KindToken, ...]:
    """Give the screening tokens of an application: made of elements that no single attribute gives away."""
    key = scope_keys(Purpose.TOKENS_SCREENING, PLATFORM).newest.key.secret
    found = {(kind, token(key, kind, value)) for kind, value in _registry_elements(application)}
    return tuple(KindToken(kind, digest) for kind, digest in sorted(found))


def _own_elements(application: Application) -> Iterable[tuple[str, str]]:
    for party in application.parties:
        yield from _registry_of(party.national_id)
        yield from (("phone.1", phone.number) for phone in party.phones)


def _registry_elements(application: Application) -> Iterable[tuple[str, str]]:
    for party in application.parties:
        yield from _registry_of(party.national_id)


def _registry_of(national_id: str) -> Iterable[tuple[str, str]]:
    if national_id:
        yield "sin.1", national_id
