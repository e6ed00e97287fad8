"""Tokens: the same value gives the same token under the same key, and nothing else does."""

import hashlib
import hmac

from hypothesis import assume, given
from hypothesis import strategies as st

from portal.crypto.tokens import TOKEN_BYTES, registry_token, registry_tokeniser, token, tokeniser

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


@given(kind=st.text(max_size=10), values=st.lists(st.text(max_size=40), max_size=5))
def test_many_under_one_key_are_the_same_as_one_by_one(kind, values):
    inner, outer = tokeniser(KEY), registry_tokeniser(OTHER)

    made = [(inner(kind, value), outer(value.encode())) for value in values]

    assert made == [(token(KEY, kind, value), registry_token(OTHER, value.encode())) for value in values]


def test_the_outer_token_is_the_standard_mac_cut_to_128_bits():
    expected = hmac.new(KEY, b"registry\0half", hashlib.sha256).digest()[:16]

    assert registry_token(KEY, b"half") == expected
