import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.alphabets import CROCKFORD, DIGITS, UNAMBIGUOUS
from campaigns.rules.codes import CodeBook
from campaigns.rules.formats import CodeFormat
from campaigns.rules.word_list import WORDS
from campaigns.rules.words import WordScreen, reading

VECTORS = Path(__file__).parents[2] / "vectors"
LENGTH = 12
FORMATS = [
    CodeFormat(UNAMBIGUOUS, 12),
    CodeFormat(CROCKFORD, 12),
    CodeFormat(CROCKFORD, 13, has_check=True),
    CodeFormat(UNAMBIGUOUS, 8),
    CodeFormat(CROCKFORD.lower(), 9),
    CodeFormat("ASFUCKHIT0", 15),
]
SCREENS = [(code_format, WordScreen(code_format)) for code_format in FORMATS]


def matrix(*codes: str) -> np.ndarray:
    return np.array([list(code.encode()) for code in codes], np.uint8)


@pytest.mark.parametrize(
    "code",
    [
        "FVCK23456789",
        "2345FVCK6789",
        "23456789FVCK",
        "2FVCK3456789",
        "234567892SHT",
        "2222BCDF5HLT",
    ],
)
def test_finds_a_word_at_any_place(code):
    screen = WordScreen(CodeFormat(UNAMBIGUOUS, LENGTH))

    assert screen.hits_text(code)
    assert screen.hits(matrix(code)).tolist() == [True]


@pytest.mark.parametrize(
    "spelling",
    ["5EX", "S3X", "4SS", "A55", "F4G", "N1GG", "P155", "MERD", "M3RD", "PUTA", "PVT4", "FVK"],
)
def test_digits_are_read_as_letters(spelling):
    code_format = CodeFormat("ADEFGHJKMNPQRSTUVXYZ1345", LENGTH)
    code = (spelling + "Q" * LENGTH)[:LENGTH]
    screen = WordScreen(code_format)

    assert screen.hits(matrix(code)).tolist() == [screen.hits_text(code)] == [True]


def test_an_innocent_code_passes():
    assert not WordScreen(CodeFormat(UNAMBIGUOUS, LENGTH)).hits_text("K7QWM2XF9RTD")


@pytest.mark.parametrize("code_format", FORMATS)
def test_the_array_path_equals_the_scalar_path(code_format):
    screen = WordScreen(code_format)
    codes = CodeBook(code_format, bytes(32), b"").encode(0, 20_000)

    hits = screen.hits(codes)

    assert hits.tolist() == [screen.hits_text(row.tobytes().decode()) for row in codes]


@settings(deadline=None)
@given(st.data())
def test_the_array_path_finds_every_word_wherever_it_stands(data):
    code_format, screen = data.draw(st.sampled_from(SCREENS))
    word = data.draw(st.sampled_from(screen.words))
    place = data.draw(st.integers(0, code_format.length - len(word)))
    letters = {letter: [c for c in code_format.alphabet if reading(c) == letter] for letter in word}
    spelled = "".join(data.draw(st.sampled_from(letters[letter])) for letter in word)
    filler = data.draw(
        st.text(code_format.alphabet, min_size=code_format.length, max_size=code_format.length)
    )
    code = filler[:place] + spelled + filler[place + len(word) :]

    assert screen.hits(matrix(code)).tolist() == [True]
    assert screen.hits_text(code)


@pytest.mark.parametrize("code_format", FORMATS[:5])
def test_the_probability_bounds_the_share_that_is_found(code_format):
    screen = WordScreen(code_format)
    codes = CodeBook(code_format, bytes(32), b"").encode(0, 200_000)

    share = screen.hits(codes).mean()

    assert 0 < share < screen.hit_probability() + 4 * (share / len(codes)) ** 0.5
    assert screen.hit_probability() < 0.03


def test_an_alphabet_of_digits_has_no_screen():
    screen = WordScreen(CodeFormat(DIGITS, LENGTH))

    assert screen.words == ()
    assert screen.hit_probability() == 0
    assert not screen.hits(matrix("455455455455")).any()


def test_no_codes_have_no_hits():
    assert WordScreen(FORMATS[0]).hits(np.empty((0, 12), np.uint8)).tolist() == []


def test_a_listed_word_has_three_or_four_letters():
    with pytest.raises(ValueError, match="three or four"):
        WordScreen(FORMATS[0], ["FLOWER"])


def test_no_word_was_ever_taken_away():
    listed = json.loads((VECTORS / "words.json").read_text())["words"]

    assert set(listed) <= set(WORDS), "redemption looks for skipped serials only where today's words hit"
