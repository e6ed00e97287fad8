import pytest

from campaigns.rules.alphabets import (
    CROCKFORD,
    DIGITS,
    LOOK_ALIKES,
    PRESETS,
    UNAMBIGUOUS,
    AlphabetError,
    check_alphabet,
    folding,
)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_passes(preset):
    check_alphabet(PRESETS[preset])


def test_the_presets_have_their_sizes():
    assert (len(DIGITS), len(UNAMBIGUOUS), len(CROCKFORD)) == (10, 29, 32)


def test_the_unambiguous_preset_has_no_vowel_and_no_look_alikes():
    assert not set(UNAMBIGUOUS) & set("AEIOU")
    for group in LOOK_ALIKES:
        assert len(set(UNAMBIGUOUS) & set(group)) <= 1


@pytest.mark.parametrize(
    ("alphabet", "code", "reason"),
    [
        ("ABCA", "alphabet-repeated", "A is there more than once"),
        ("ABCa", "alphabet-repeated", "A is there more than once"),
        ("ABO0", "alphabet-look-alike", "0 and O look alike"),
        ("ABo0", "alphabet-look-alike", "0 and O look alike"),
        ("1ABI", "alphabet-look-alike", "1 and I look alike"),
        ("ABIL", "alphabet-look-alike", "I and L look alike"),
        ("1Il", "alphabet-look-alike", "1 and I and L look alike"),
        ("AB C", "alphabet-character", "space"),
        ("AB\tC", "alphabet-character", "space"),
        ("AB\u00a0C", "alphabet-character", "space"),
        ("AB-C", "alphabet-character", "dash"),
        ("AB_C", "alphabet-character", "dash"),
        ("AB\u0410", "alphabet-character", r"U\+0410"),
        ("AB\u200b", "alphabet-character", r"U\+200B"),
        ("ABÉ", "alphabet-character", r"U\+00C9"),
        ("AB!", "alphabet-character", "'!' is not a letter or a digit"),
        ("AB\x00", "alphabet-character", "not a letter or a digit"),
        ("", "alphabet-size", "2 to 64"),
        ("A", "alphabet-size", "2 to 64"),
        ("A" * 65, "alphabet-size", "not 65"),
    ],
)
def test_refuses_an_alphabet_with_its_reason(alphabet, code, reason):
    with pytest.raises(AlphabetError, match=reason) as refusal:
        check_alphabet(alphabet)

    assert refusal.value.code == code
    assert refusal.value.field == "alphabet"


def test_either_case_and_look_alikes_fold_to_what_the_alphabet_has():
    folds = folding(CROCKFORD)

    assert [folds[character] for character in "aAoOiIlL"] == list("AA001111")
    assert "U" not in folds


def test_digits_fold_to_letters_where_only_the_letters_are_there():
    folds = folding("OLABCD")

    assert (folds["0"], folds["1"], folds["i"]) == ("O", "L", "L")


def test_nothing_folds_to_a_character_that_is_not_there():
    assert "0" not in folding(UNAMBIGUOUS)
    assert "O" not in folding(UNAMBIGUOUS)
    assert folding(UNAMBIGUOUS)["1"] == "L"
