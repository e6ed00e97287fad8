import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.alphabets import CROCKFORD, DIGITS, UNAMBIGUOUS
from campaigns.rules.check_character import check_character
from campaigns.rules.codes import CodeBook, tweak_of
from campaigns.rules.formats import CodeFormat
from portal.crypto.ff1 import FF1
from portal.crypto.ff1_arrays import BLOCK

KEY = bytes(range(32))
ALPHABETS = [DIGITS, UNAMBIGUOUS, CROCKFORD, "abc", "ABCDEFGHJKMNPQRSTUVWXYZ23456789", "xyzuv"]


@st.composite
def formats(draw):
    alphabet = draw(st.sampled_from(ALPHABETS))
    shortest = next(n for n in range(8, 17) if len(alphabet) ** n >= 1_000_000)
    has_check = draw(st.booleans())
    return CodeFormat(alphabet, draw(st.integers(shortest, 16)) + has_check, has_check=has_check)


@settings(max_examples=300, deadline=None)
@given(formats(), st.data())
def test_arrays_and_single_codes_agree_and_come_back(code_format, data):
    book = CodeBook(code_format, KEY, b"tweak")
    first = data.draw(st.integers(0, code_format.space - 4))

    rows = book.encode(first, 4)

    for step, row in enumerate(rows):
        code = row.tobytes().decode("ascii")
        assert code == book.code_of(first + step)
        assert book.serial_of(code_format.fold(code_format.printed(code))) == first + step


def test_a_code_is_ff1_of_its_serial_and_the_check_character():
    code_format = CodeFormat(UNAMBIGUOUS, 13, has_check=True)
    numerals = FF1(KEY, radix=29, tweak=b"t").encrypt([0] * 10 + [2, 3])
    payload = "".join(UNAMBIGUOUS[numeral] for numeral in numerals)

    code = CodeBook(code_format, KEY, b"t").code_of(2 * 29 + 3)

    assert code == payload + check_character(payload, UNAMBIGUOUS)


def test_blocks_join_without_a_seam():
    book = CodeBook(CodeFormat(CROCKFORD, 12), KEY, b"")

    rows = book.encode(5, 2 * BLOCK + 10)

    assert len(np.unique(rows.view("V12"))) == 2 * BLOCK + 10
    assert rows[BLOCK].tobytes().decode() == book.code_of(5 + BLOCK)
    assert rows[-1].tobytes().decode() == book.code_of(5 + 2 * BLOCK + 9)


def test_codes_are_written_into_columns_of_a_wider_array():
    book = CodeBook(CodeFormat(CROCKFORD, 13, has_check=True), KEY, b"")
    wide = np.full((100, 20), ord("."), np.uint8)

    book.encode(0, 100, wide[:, 3:16])

    assert wide[7].tobytes().decode() == "..." + book.code_of(7) + "...."


def test_no_codes_are_an_empty_array():
    assert CodeBook(CodeFormat(DIGITS, 8), KEY, b"").encode(0, 0).shape == (0, 8)


def test_another_campaign_has_other_codes():
    code_format = CodeFormat(DIGITS, 12)
    one, other = (CodeBook(code_format, KEY, tweak_of(campaign)) for campaign in ("cmp_a", "cmp_b"))

    assert one.code_of(1) != other.code_of(1)


def test_a_tweak_is_eight_bytes():
    assert len(tweak_of("cmp_01h000000000000000000000aa")) == 8


@pytest.mark.parametrize("serial", [-1, 10**8])
def test_refuses_a_serial_outside_the_space(serial):
    with pytest.raises(ValueError, match="outside the domain"):
        CodeBook(CodeFormat(DIGITS, 8), KEY, b"").code_of(serial)
