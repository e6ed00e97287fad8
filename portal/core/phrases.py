"""Sentences that are written in English and may be said in another language later: a template and its values.

Knows no framework, so that rules may speak too; `portal.core.language` says a phrase in a reader's language.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeAlias

# Numbers are written by the reader's locale; what must stand as it is, such as a year, is given as text.
Value: TypeAlias = "str | int"


class Phrase(str):
    """An English sentence that remembers what it was made of: as text it reads as English.

    The template is found by its text when translations are collected, so it stands in the call itself; one that
    is chosen at run time is wrapped in `marked` where it is written.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, /, **values: Value) -> "Phrase":
        made = super().__new__(
            cls, template.format(**{name: _english(value) for name, value in values.items()})
        )
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Value]]:
        return (self.template,), dict(self.values)


def stored(words: Any) -> Any:
    """Give the form in which JSON holds a phrase; plain text and numbers stay what they are."""
    if not isinstance(words, Phrase):
        return words
    return {"phrase": words.template, "values": {name: stored(value) for name, value in words.values.items()}}


def revived(kept: Any) -> Any:
    """Read what `stored` gave."""
    if not isinstance(kept, dict):
        return kept
    return Phrase(kept["phrase"], **{name: revived(value) for name, value in kept["values"].items()})


def marked(template: str) -> str:
    """Mark a template for translation where it is written; it is made a phrase elsewhere."""
    return template


def words_of(error: Exception) -> str:
    """Give the words that an error carries: a phrase where it was raised with one."""
    return error.args[0] if error.args and isinstance(error.args[0], str) else str(error)


def joined(words: Sequence[str], joint: Callable[[str, str], Phrase]) -> str:
    """Join words two by two, such as by `either` or `both`."""
    return reduce(joint, words)


def either(one: str, other: str) -> Phrase:
    """Join two words by "or"."""
    return Phrase("{one} or {other}", one=one, other=other)


def both(one: str, other: str) -> Phrase:
    """Join two words by "and"."""
    return Phrase("{one} and {other}", one=one, other=other)


def _english(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
