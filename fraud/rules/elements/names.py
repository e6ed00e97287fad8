"""Names as they are compared: folded, nicknames undone, by sound, double ones in each of their readings."""

import re
import unicodedata
from functools import lru_cache

from jellyfish import metaphone

from fraud.rules.elements.nicknames import FULL_NAMES
from fraud.rules.elements.words import words_of

# Few names carry most people, so a cache of some thousands answers nearly always.
CACHED_NAMES = 1 << 15
# Of one party: more spellings than people have, fewer than an attacker would like to try.
MOST_NAMES = 4

# Letters that NFKD does not take apart.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}
)
# What a scanner takes for a letter: 1 is an i between two consonants (D1na), else an l (Tremb1ay).
_SCANNED = str.maketrans("015348", "olseab")
_SCANNED_I = re.compile(r"(?<=[^aeiouyl])1(?=[^aeiouyl])")
_APART = re.compile(r"[^a-z0-9]+")
_JOINED = re.compile(r"['’`.´]")
_DOUBLED = re.compile(r"(.)\1+")
# French endings that sound like o: Perrault, Perreault, Perreaux, Perrot.
_SOUNDS_LIKE_O = re.compile(r"(?:e?aul?[tdx]?s?|e?aux|o[td])$")

# Written with or without a space before the next word: Le Blanc and Leblanc, O Brien and O'Brien.
_PARTICLES = words_of(
    """
    de da di do du des del della dela delos dos la le les los l d o mc mac san santa st ste van von der den
    ter ten te zu zum bin ben ibn al el abu
    """
)
_SAINTS = {"saint": "st", "sainte": "st", "ste": "st"}
_TITLES = words_of(
    """
    mr mrs ms miss dr mme mlle jr sr ii iii iv fils pere
    """
)
# First halves that tell nobody apart: Marie-Claude and Marie-Josée are sisters.
_GENERIC = words_of(
    """
    jean marie anne ann mary
    """
)


def fold(text: str) -> str:
    """Take accents and case from a text; what has no Latin letter is left as it is."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(character for character in parts if not unicodedata.combining(character))


@lru_cache(CACHED_NAMES)
def sound(word: str) -> str:
    """Give how a folded word sounds: metaphone (Philips 1990), after French endings in -o were made one.

    A word of which metaphone leaves one letter or none (Li, Wu, Ng) stands for itself: it would meet half a telephone
    book. So does one of another script.
    """
    plain = _DOUBLED.sub(r"\1", _letters(word))
    code = metaphone(_SOUNDS_LIKE_O.sub("o", plain))
    return code if len(code) > 1 else plain


@lru_cache(CACHED_NAMES)
def family_sounds(text: str) -> tuple[str, ...]:
    """Give the sounds of a family name, at most two: first and last of a double one, or with and without particle."""
    words = _words(text)
    readings: list[str] = []
    particle = ""
    for place, word in enumerate(words):
        is_last = place == len(words) - 1
        if word in _PARTICLES and not is_last:
            particle += word
            continue
        readings.append(particle + word)
        if len(particle) > 2:
            readings.append(word)
        particle = ""
    sounds = dict.fromkeys(sound(_scottish(reading)) for reading in readings)
    return tuple(sounds)[:1] + tuple(sounds)[1:][-1:]


@lru_cache(CACHED_NAMES)
def given_sounds(given: str, middle: str = "") -> tuple[str, ...]:
    """Give the sounds of a given name, at most two; a nickname sounds as the name that it stands for.

    Jean-Pierre is read as one name and as Pierre; Jean with a middle name as Jean and as Jean-Pierre. An initial is
    skipped when a name follows, and says nothing alone. Chris is read as Christopher and as Christine.
    """
    words = [word for word in _words(given) if not _is_initial(word)]
    if not words:
        return ()
    first = words[0]
    if first not in _GENERIC:
        return _given_sounds(first)
    if len(words) > 1:
        return sound(first + words[1]), _given_sounds(words[1])[0]
    second = next((word for word in _words(middle) if not _is_initial(word)), "")
    return (sound(first), sound(first + second)) if second else _given_sounds(first)


def name_sounds(givens: tuple[str, ...], families: tuple[str, ...]) -> tuple[str, ...]:
    """Give whole names by sound, given and family in no order, so that swapped ones meet; at most `MOST_NAMES`."""
    pairs = (
        f"{given}/{family}" if given < family else f"{family}/{given}"
        for family in families
        for given in givens
    )
    return tuple(dict.fromkeys(pairs))[:MOST_NAMES]


def _words(text: str) -> list[str]:
    folded = _JOINED.sub("", fold(text))
    words = [_SAINTS.get(word, word) for word in _APART.split(folded) if word and word not in _TITLES]
    # Of another script there is nothing to read: it is taken whole.
    return words or ([folded.strip()] if folded.strip() and not folded.isascii() else [])


def _letters(word: str) -> str:
    return word if word.isalpha() else _SCANNED_I.sub("i", word).translate(_SCANNED)


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isascii()


def _given_sounds(word: str) -> tuple[str, ...]:
    plain = _letters(word)
    return tuple(dict.fromkeys(sound(name) for name in FULL_NAMES.get(plain, (plain,))))


def _scottish(word: str) -> str:
    """MacDonald and McDonald are one; Mack and Macy are other names."""
    return "mc" + word[3:] if word.startswith("mac") and len(word) > 6 else word
