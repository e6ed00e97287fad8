"""What the codes of a campaign look like, how they are printed, and how typed text is read back."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from campaigns.rules.alphabets import AlphabetError, check_alphabet, folding
from campaigns.rules.check_character import check_character
from portal.core.phrases import Phrase, marked, words_of

SHORTEST_PAYLOAD, LONGEST_PAYLOAD = 8, 16
LEAST_SPACE = 1_000_000
MOST_PREFIX = 6
MOST_TYPED = 64
SEPARATOR = "-"
# Serials are stored in a signed 64-bit column.
MOST_SERIALS = 2**63 - 1
MOST_TEST_SERIALS = 1_000_000

# What phones and web pages put in place of a plain space or dash, and the full-width forms of East Asian
# keyboards.
_SPACES = " \t\r\n\u00a0\u2007\u2009\u202f\u3000"
_DASHES = "-_\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"
_CLEANING = {
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
    **{ord(character): None for character in _SPACES + _DASHES},
}
_LENGTHS = marked("A code has {shortest} to {longest} characters, not {length}.")
_LENGTHS_WITH_CHECK = marked(
    "A code has {shortest} to {longest} characters besides the check character, not {length}."
)
_PREFIX_LOOKS = str.maketrans("OIL", "011")


class FormatError(ValueError):
    """A code format that cannot be."""

    def __init__(self, field: str, code: str, message: str) -> None:
        self.field = field
        self.code = code
        super().__init__(message)


class MalformedCodeError(ValueError):
    """Typed text that cannot be a code of this format; `reason` says which way, in one word."""

    code = "code-malformed"

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class CheckCharacterError(MalformedCodeError):
    """All is well but the check character: very likely one character was mistyped."""

    def __init__(self) -> None:
        super().__init__("check", Phrase("One character is wrong: please compare the code with the print."))


@dataclass(frozen=True)
class CodeFormat:
    """The look of a campaign's codes.

    `length` counts the printed characters after the prefix, the check character included, which is the last.
    `grouping` adds up to `length`; empty is ungrouped. The prefix carries no meaning and stands as a group of
    its own before the code.

    :raises FormatError: naming the field
    """

    alphabet: str
    length: int
    grouping: tuple[int, ...] = ()
    prefix: str = ""
    has_check: bool = False

    def __post_init__(self) -> None:
        try:
            check_alphabet(self.alphabet)
        except AlphabetError as error:
            raise FormatError("alphabet", error.code, words_of(error)) from error
        self._check_length()
        self._check_print()

    def _check_length(self) -> None:
        if not SHORTEST_PAYLOAD <= self.payload_length <= LONGEST_PAYLOAD:
            template = _LENGTHS_WITH_CHECK if self.has_check else _LENGTHS
            message = Phrase(
                template, shortest=SHORTEST_PAYLOAD, longest=LONGEST_PAYLOAD, length=self.payload_length
            )
            raise FormatError("length", "length-out-of-range", message)
        if self.space < LEAST_SPACE:
            message = Phrase(
                "{length} characters of {radix} make {space} codes; at least {least} are needed.",
                length=self.payload_length,
                radix=self.radix,
                space=self.space,
                least=LEAST_SPACE,
            )
            raise FormatError("length", "space-too-small", message)

    def _check_print(self) -> None:
        if self.grouping and (min(self.grouping) < 1 or sum(self.grouping) != self.length):
            message = Phrase(
                "The groups must each have a character and add up to {length}.", length=self.length
            )
            raise FormatError("grouping", "grouping-invalid", message)
        is_plain = self.prefix == "" or (self.prefix.isascii() and self.prefix.isalnum())
        if not is_plain or self.prefix != self.prefix.upper() or len(self.prefix) > MOST_PREFIX:
            message = Phrase("A prefix has up to {most} capital letters and digits.", most=MOST_PREFIX)
            raise FormatError("prefix", "prefix-invalid", message)

    @property
    def radix(self) -> int:
        """The number of characters to choose from at each place."""
        return len(self.alphabet)

    @property
    def payload_length(self) -> int:
        """The characters that carry the serial: all but the check character."""
        return self.length - self.has_check

    @property
    def space(self) -> int:
        """The number of different codes."""
        return int(self.radix**self.payload_length)

    @property
    def test_serials(self) -> range:
        """The serials at the top of the space that are never issued: for setting up presses, and previews."""
        return range(self.space - min(MOST_TEST_SERIALS, self.space // 1000), self.space)

    @property
    def capacity(self) -> int:
        """The number of serials that batches may use: those from 0 up to it, without it."""
        return min(self.test_serials.start, MOST_SERIALS)

    def is_test_serial(self, serial: int) -> bool:
        """Say whether a serial is one of those whose codes can never be redeemed."""
        return serial in self.test_serials

    def to_json(self) -> dict[str, Any]:
        """Give the form in which manifests and the database hold a format."""
        return {
            "alphabet": self.alphabet,
            "length": self.length,
            "grouping": list(self.grouping),
            "check": self.has_check,
            "prefix": self.prefix,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "CodeFormat":
        """Read what `to_json` gave."""
        return cls(
            alphabet=stored["alphabet"],
            length=stored["length"],
            grouping=tuple(stored["grouping"]),
            prefix=stored.get("prefix", ""),
            has_check=stored["check"],
        )

    def printed(self, canonical: str) -> str:
        """Write a canonical code as it is printed: prefix, groups, dashes."""
        groups = [self.prefix] if self.prefix else []
        start = 0
        for size in self.grouping or (self.length,):
            groups.append(canonical[start : start + size])
            start += size
        return SEPARATOR.join(groups)

    def fold(self, text: str) -> str:
        """Read typed text as a canonical code: payload and check character, no prefix, no separators.

        Case, spaces, dashes, full-width forms and look-alikes are forgiven; the prefix may be left out.

        :raises CheckCharacterError: only the check character is wrong
        :raises MalformedCodeError: anything else
        """
        if len(text) > MOST_TYPED:
            raise MalformedCodeError(
                "too-long", Phrase("A code has {length} characters.", length=self.length)
            )
        cleaned = self._without_prefix(text.translate(_CLEANING))
        if len(cleaned) != self.length:
            _refuse_foreign(cleaned)
            message = Phrase(
                "A code has {length} characters, this has {found}.", length=self.length, found=len(cleaned)
            )
            raise MalformedCodeError("length", message)
        folds = folding(self.alphabet)
        try:
            canonical = "".join([folds[character] for character in cleaned])
        except KeyError as missing:
            _refuse_foreign(cleaned)
            message = Phrase("A code never has {character} in it.", character=repr(missing.args[0]))
            raise MalformedCodeError("character", message) from None
        if self.has_check and check_character(canonical[:-1], self.alphabet) != canonical[-1]:
            raise CheckCharacterError
        return canonical

    def with_length(self, length: int, alphabet: str | None = None) -> "CodeFormat":
        """Give the same format with another length, and alphabet if one is given, in even groups."""
        groups = -(-length // max(self.grouping)) if self.grouping else 0
        grouping = tuple(length // groups + (place < length % groups) for place in range(groups))
        return replace(self, length=length, grouping=grouping, alphabet=alphabet or self.alphabet)

    def _without_prefix(self, cleaned: str) -> str:
        start = cleaned[: len(self.prefix)].upper().translate(_PREFIX_LOOKS)
        if len(cleaned) == self.length + len(self.prefix) and start == self.prefix.translate(_PREFIX_LOOKS):
            return cleaned[len(self.prefix) :]
        return cleaned


def _refuse_foreign(text: str) -> None:
    """Name the first character that no code of any campaign could have."""
    for character in text:
        if unicodedata.category(character) in ("Cf", "Cc", "Mn", "Me", "Zl", "Zp"):
            message = Phrase("There is an invisible character ({point}).", point=f"U+{ord(character):04X}")
            raise MalformedCodeError("invisible", message)
        if not character.isascii():
            message = Phrase(
                "{character} ({point}) is not a plain letter or digit.",
                character=repr(character),
                point=f"U+{ord(character):04X}",
            )
            raise MalformedCodeError("character", message)
