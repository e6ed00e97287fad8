"""Tokens: the same value gives the same token under the same key, and nothing else does."""

import hashlib
import hmac

from hypothesis import assume, given
from hypothesis import strategies as st

from portal.crypto.tokens import TOKEN_BYTES, registry_token, token

KEY, OTHER = b"\1" * 32, b"\2" * 32


def test_is_the_standard_mac_cut_to_128_bits():
    expected = hmac.new(KEY, b"member\0ext:123", hashlib.sha256).digest()[:16]

    assert token(KEY, "member", "ext:123") == expected


@given(one=st.text(max_size=40), other=st.text(max_size=40))
def test_tells_values_apart_and_knows_them_again(one, other):
    import unicodedata

    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)

    assert (token(KEY, "member", one) == token(KEY, "member", other)) is same
    assert len(token(KEY, "member", one)) == TOKEN_BYTES


def test_takes_composed_and_decomposed_letters_for_one():
    assert token(KEY, "member", "e\u0301va") == token(KEY, "member", "\u00e9va")


def test_differs_by_key_and_by_kind():
    tokens = {token(KEY, "phone", "123"), token(OTHER, "phone", "123"), token(KEY, "account", "123")}

    assert len(tokens) == 3


@given(number=st.integers(0, 999_999_999))
def test_the_consortiums_token_takes_both_keys(number):
    screening, registry = KEY, OTHER
    half = token(screening, "sin", f"{number:09}")

    whole = registry_token(registry, half)

    assume(screening != registry)
    assert whole == registry_token(registry, token(screening, "sin", f"{number:09}"))
    assert whole not in {half, registry_token(screening, half), token(registry, "sin", f"{number:09}")}
