"""Which characters a code may be made of, and which typed characters stand for which of them."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from portal.core.phrases import Phrase, both, joined

DIGITS = "0123456789"
# Douglas Crockford's base 32: no I, L, O (read as 1, 1, 0) and no U.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# No vowel, so hardly a word; no 0 and no 1, so that Q, D and L have nothing to be mistaken for, and no digit
# reads as a missing vowel O or I. What remains of 36 is 29, a prime: every place of a code weighs the same.
UNAMBIGUOUS = "23456789BCDFGHJKLMNPQRSTVWXYZ"

PRESETS: Mapping[str, str] = MappingProxyType(
    {"digits": DIGITS, "unambiguous": UNAMBIGUOUS, "crockford": CROCKFORD}
)

# Characters that people take for one another, in print or by hand; an alphabet has one of each at most.
LOOK_ALIKES = ("0O", "1IL")

FEWEST, MOST = 2, 64


class AlphabetError(ValueError):
    """A set of characters that cannot make codes."""

    field = "alphabet"

    def __init__(self, code: str, message: Phrase) -> None:
        self.code = code
        super().__init__(message)


def check_alphabet(alphabet: str) -> None:
    """Pass 2 to 64 ASCII letters and digits, none repeated in either case, no two look-alikes.

    :raises AlphabetError: with the first reason found
    """
    for character in alphabet:
        _check_character(character)
    if not FEWEST <= len(alphabet) <= MOST:
        raise AlphabetError(
            "alphabet-size",
            Phrase(
                "An alphabet has {fewest} to {most} characters, not {count}.",
                fewest=FEWEST,
                most=MOST,
                count=len(alphabet),
            ),
        )
    upper = alphabet.upper()
    for character in upper:
        if upper.count(character) > 1:
            raise AlphabetError(
                "alphabet-repeated",
                Phrase(
                    "{character} is there more than once; capital and small letters count as the same.",
                    character=character,
                ),
            )
    for group in LOOK_ALIKES:
        present = [character for character in group if character in upper]
        if len(present) > 1:
            raise AlphabetError(
                "alphabet-look-alike",
                Phrase("{characters} look alike: keep one of them only.", characters=joined(present, both)),
            )


def _check_character(character: str) -> None:
    if character.isspace():
        raise _foreign(Phrase("A space cannot be part of a code."))
    if character in "-_":
        raise _foreign(Phrase("A dash cannot be part of a code: it parts the groups."))
    if not character.isascii():
        point = f"U+{ord(character):04X}"
        raise _foreign(
            Phrase(
                "{character} ({point}) is not a plain letter or digit.",
                character=repr(character),
                point=point,
            )
        )
    if not character.isalnum():
        raise _foreign(Phrase("{character} is not a letter or a digit.", character=repr(character)))


def _foreign(message: Phrase) -> AlphabetError:
    return AlphabetError("alphabet-character", message)


@lru_cache(maxsize=256)
def folding(alphabet: str) -> Mapping[str, str]:
    """Map each character that people may type to the one of the alphabet that it stands for.

    Either case stands for the character; a look-alike stands for the one of its group that the alphabet has.
    """
    folds: dict[str, str] = {}
    for group in LOOK_ALIKES:
        for target in alphabet:
            if target.upper() in group:
                folds.update(dict.fromkeys(group + group.lower(), target))
    for target in alphabet:
        folds[target.upper()] = folds[target.lower()] = target
    return MappingProxyType(folds)
