"""What is said in the reader's language: phrases with their numbers, wherever they were written."""

import json
from typing import Any

from django.db import models
from django.utils import formats
from django.utils.translation import gettext

from portal.core.phrases import Phrase, Value, revived, stored, words_of

# How a phrase begins in a column of text; no sentence does.
_BEGINS = '{"phrase": '


def grouped(number: int | float, decimals: int | None = None) -> str:
    """Write a number with the locale's thousands, such as 1,000,000."""
    return formats.number_format(number, decimals, use_l10n=True, force_grouping=True)


def said(spoken: object) -> str:
    """Say a phrase, or the words that an error carries, in the current language.

    Text that is no phrase is somebody's own, or has been translated already, and is said as it is.
    """
    words = words_of(spoken) if isinstance(spoken, Exception) else revived(spoken)
    if not isinstance(words, Phrase):
        return str(words)
    return gettext(words.template).format(
        **{name: _said_value(value) for name, value in words.values.items()}
    )


def _said_value(value: Value) -> str:
    return grouped(value) if isinstance(value, int) else said(value)


class PhraseField(models.TextField):  # type: ignore[type-arg]
    """A column of text that keeps a phrase as a phrase, so that everybody reads it in their own language."""

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Phrase):
            return json.dumps(stored(value), ensure_ascii=False)
        return super().get_prep_value(value)

    def from_db_value(self, value: Any, *_context: Any) -> Any:
        is_phrase = isinstance(value, str) and value.startswith(_BEGINS)
        return revived(json.loads(value)) if is_phrase else value
