import pytest

from campaigns.rules.alphabets import CROCKFORD, DIGITS, UNAMBIGUOUS
from campaigns.rules.formats import CodeFormat
from campaigns.rules.odds import expected_guesses, guess_odds, most_codes, nearest_format, passes

FLOOR = 10_000_000


def test_odds_are_space_over_live_codes_rounded_down():
    assert guess_odds(3, 10_000_000) == 3_333_333


def test_nothing_live_has_no_odds():
    assert guess_odds(0, 10**12) is None


@pytest.mark.parametrize(("live", "space"), [(-1, 100), (1, 0)])
def test_refuses_what_cannot_be_counted(live, space):
    with pytest.raises(ValueError, match="negative"):
        guess_odds(live, space)


def test_an_attacker_finds_tries_times_share():
    assert expected_guesses(1_000, 10**9, 10_000, 30) == pytest.approx(0.3)


def test_the_floor_is_met_exactly_and_not_by_one_more():
    code_format = CodeFormat(DIGITS, 12)

    assert passes(code_format, 100_000, FLOOR)
    assert not passes(code_format, 100_001, FLOOR)


def test_more_codes_than_serials_never_pass():
    assert not passes(CodeFormat(DIGITS, 8), 10**8, 1)


def test_what_passes_is_nearest_to_itself():
    code_format = CodeFormat(UNAMBIGUOUS, 12, (4, 4, 4))

    assert nearest_format(code_format, 1_000_000, FLOOR) is code_format


def test_the_nearest_is_as_many_characters_longer_as_it_takes():
    near = nearest_format(CodeFormat(DIGITS, 10, (5, 5)), 1_000_000, FLOOR)

    assert near == CodeFormat(DIGITS, 13, (5, 4, 4))


def test_a_check_character_stays_and_does_not_count():
    near = nearest_format(CodeFormat(DIGITS, 11, has_check=True), 1_000_000, FLOOR)

    assert near == CodeFormat(DIGITS, 14, has_check=True)


def test_a_larger_preset_is_nearest_where_no_length_is_enough():
    near = nearest_format(CodeFormat("ABCDE", 16), 10_000_000, FLOOR)

    assert near is not None
    assert near.alphabet == UNAMBIGUOUS


def test_nothing_is_near_where_even_the_largest_fails():
    assert nearest_format(CodeFormat(CROCKFORD, 12), 10**18, 10**12) is None


@pytest.mark.parametrize("floor", [1, 1000, FLOOR])
def test_the_most_codes_just_pass(floor):
    code_format = CodeFormat(DIGITS, 12)
    most = most_codes(code_format, floor)

    assert passes(code_format, most, floor)
    assert not passes(code_format, most + 1, floor)
