"""Phrases: English as text, another language when said, and the same again after they were kept."""

import copy
import pickle

import pytest
from django.utils import translation

from portal.core.errors import InvalidError, NotFoundError
from portal.core.language import PhraseField, said
from portal.core.phrases import Phrase, both, either, joined, revived, stored, words_of

SAYS = Phrase("There are more than {most} keys.", most=12_000)


def test_a_phrase_reads_as_english_with_its_values() -> None:
    assert SAYS == "There are more than 12,000 keys."


def test_a_phrase_is_said_in_the_current_language_with_its_numbers() -> None:
    with translation.override("fr"):
        assert said(SAYS) == "Il y a plus de 12\xa0000 clés."


def test_plain_text_is_said_as_it_is() -> None:
    with translation.override("fr"):
        assert said("a {brace} of somebody") == "a {brace} of somebody"


def test_a_value_with_braces_is_not_taken_for_a_template() -> None:
    words = Phrase("The store's address cannot be used. {said}", said="{said} {0}")

    with translation.override("fr"):
        assert said(words).endswith("{said} {0}")


def test_words_are_joined_in_the_language_of_the_sentence() -> None:
    words = Phrase(
        "{characters} look alike: keep one of them only.", characters=joined(["1", "I", "L"], both)
    )

    with translation.override("fr"):
        french = said(words)

    assert words.startswith("1 and I and L")
    assert french.startswith("1 et I et L")
    assert either("a", "b") == "a or b"


@pytest.mark.parametrize("words", [SAYS, Phrase("{one} and {other}", one=SAYS, other="it"), "plain", ""])
def test_words_come_back_from_json_as_they_were(words: str) -> None:
    back = revived(stored(words))

    assert (back, type(back)) == (words, type(words))
    assert said(back) == said(words)


@pytest.mark.parametrize("words", [SAYS, "plain", ""])
def test_words_come_back_from_their_column_as_they_were(words: str) -> None:
    field = PhraseField()

    back = field.from_db_value(field.get_prep_value(words))

    assert (back, type(back)) == (words, type(words))


@pytest.mark.parametrize("copied", [copy.deepcopy(SAYS), pickle.loads(pickle.dumps(SAYS))])
def test_a_copy_of_a_phrase_can_be_said(copied: Phrase) -> None:
    with translation.override("fr"):
        assert said(copied) == said(SAYS)


def test_an_error_carries_its_words() -> None:
    error = InvalidError.of("recipients", SAYS)

    with translation.override("fr"):
        assert said(error) == said(SAYS)
        assert said(error.fields["recipients"]) == said(SAYS)
    assert words_of(ValueError(SAYS)) is SAYS


def test_an_error_without_words_has_those_of_its_title() -> None:
    with translation.override("fr"):
        assert said(NotFoundError()) == "Il n’y a rien à cette adresse"
