"""Sealed values open at their own place, under their own key, and nowhere else."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.crypto.sealing import OVERHEAD_BYTES, DataKey, Place, UnsealError, key_of, seal, unseal

KEY = DataKey.new()
PLACE = Place("campaigns_member", "sealed_reference", "mem_01k4")
text = st.text(max_size=20)


@given(plain=st.binary(max_size=300), table=text, column=text, row=text)
def test_opens_what_was_sealed_at_the_same_place(plain, table, column, row):
    place = Place(table, column, row)

    sealed = seal(KEY, plain, place=place)

    assert unseal(KEY, sealed, place=place) == plain
    assert len(sealed) == len(plain) + OVERHEAD_BYTES


@given(one=st.tuples(text, text, text), other=st.tuples(text, text, text))
def test_opens_at_no_other_place(one, other):
    sealed = seal(KEY, b"ext:123", place=Place(*one))

    if one == other:
        assert unseal(KEY, sealed, place=Place(*other)) == b"ext:123"
    else:
        with pytest.raises(UnsealError):
            unseal(KEY, sealed, place=Place(*other))


def test_two_rows_cannot_swap_their_values():
    mine, theirs = PLACE, PLACE._replace(row="mem_01k5")
    sealed = seal(KEY, b"mine", place=mine)

    with pytest.raises(UnsealError):
        unseal(KEY, sealed, place=theirs)


def test_refuses_every_single_changed_byte():
    sealed = seal(KEY, b"ext:123", place=PLACE)

    for position in range(len(sealed)):
        spoiled = bytearray(sealed)
        spoiled[position] ^= 1
        with pytest.raises(UnsealError):
            unseal(KEY, bytes(spoiled), place=PLACE)


def test_refuses_every_shorter_envelope():
    sealed = seal(KEY, b"ext:123", place=PLACE)

    for length in range(len(sealed)):
        with pytest.raises(UnsealError):
            unseal(KEY, sealed[:length], place=PLACE)


@given(content=st.binary(max_size=120))
def test_refuses_whatever_else_is_given(content):
    with pytest.raises(UnsealError):
        unseal(KEY, content, place=PLACE)


def test_refuses_another_key():
    sealed = seal(KEY, b"ext:123", place=PLACE)

    with pytest.raises(UnsealError):
        unseal(DataKey.new(), sealed, place=PLACE)


def test_refuses_a_key_that_goes_by_the_same_name():
    sealed = seal(KEY, b"ext:123", place=PLACE)

    with pytest.raises(UnsealError):
        unseal(DataKey(b"\0" * 32, KEY.id), sealed, place=PLACE)


def test_says_every_refusal_alike():
    assert str(UnsealError()) == "This value cannot be unsealed here."


def test_names_its_key_and_version():
    key = DataKey.of(b"\1" * 32, version=513)

    assert key_of(seal(key, b"", place=PLACE)) == (key.id, 513)


def test_seals_the_same_twice_differently():
    assert seal(KEY, b"ext:123", place=PLACE) != seal(KEY, b"ext:123", place=PLACE)


def test_a_key_shows_nothing_of_itself():
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)
    assert KEY.id not in KEY.secret


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_cannot_leave_the_process(leave):
    with pytest.raises(TypeError):
        leave(KEY)
