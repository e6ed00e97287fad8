"""Secrets of people as tables keep them: sealed for one person and place, and tokens that only compare."""

import base64

from portal.crypto.sealing import Place
from portal.keys.scopes import PLATFORM
from portal.keys.sealed import open_for_platform, scope_token, seal_for_platform


def sealed(text: str, *, owner: str, place: str) -> str:
    """Seal a text for one person (a public id) and place (`table.column`): moved elsewhere it does not open."""
    return base64.b64encode(seal_for_platform(text.encode(), place=_bound(owner, place))).decode()


def opened(text: str, *, owner: str, place: str) -> str:
    """Open what was sealed for this person and place.

    :raises portal.crypto.sealing.UnsealError: it was sealed for another, or changed since
    """
    return open_for_platform(base64.b64decode(text), place=_bound(owner, place)).decode()


def token(kind: str, value: str) -> str:
    """Give 128 bits that say whether two values of a kind are the same, and nothing else; 26 characters."""
    return base64.b32encode(scope_token(PLATFORM, kind, value)).decode().rstrip("=").lower()


def _bound(owner: str, place: str) -> Place:
    table, _dot, column = place.partition(".")
    return Place(table, column, owner)
