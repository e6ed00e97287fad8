"""Tokens of an application: under the institution's own key to count, and the first half for the consortium."""

from fraud.models import Institution
from fraud.rules.canonical import Application
from fraud.rules.consortium import KindToken
from fraud.rules.elements.elements import own_elements, registry_elements
from portal.crypto.keyring import Purpose
from portal.crypto.tokens import tokeniser
from portal.keys.scopes import PLATFORM, scope_keys


def own_tokens(institution: Institution, application: Application) -> list[tuple[str, bytes]]:
    """Give kind and 16-byte token of each element by which the institution finds the application again."""
    made = tokeniser(scope_keys(Purpose.TOKENS, institution.scope).newest.key.secret)
    # Two parties may share a value; each is there once, in an order that does not depend on anything else.
    found = {(str(each.kind), each.value) for each in own_elements(application)}
    return [(kind, made(kind, value)) for kind, value in sorted(found)]


def consortium_tokens(application: Application) -> tuple[KindToken, ...]:
    """Give the screening tokens of an application: made of elements that no single attribute gives away."""
    made = tokeniser(scope_keys(Purpose.TOKENS_SCREENING, PLATFORM).newest.key.secret)
    # Of each party by itself: what two people share with one record is not added up.
    found = {(str(each.kind), each.value, each.party) for each in registry_elements(application)}
    return tuple(KindToken(kind, made(kind, value), party) for kind, value, party in sorted(found))
