"""Postal addresses as they are compared: unit, civic number, street, box and postal code out of a written line."""

import re
from functools import lru_cache
from typing import NamedTuple

from fraud.rules.canonical import Address
from fraud.rules.elements.names import fold
from fraud.rules.elements.words import words_of

# One line is read for the consortium and for the institution, one after the other.
CACHED_LINES = 1 << 12

_BOX = re.compile(
    r"\b(?:p\.?\s*o\.?\s*box|post\s+office\s+box|p\.?o\.?b\.?|c\.?\s*p\.?|case\s+postale|casier\s+postal|box)"
    r"\s*[#:]?\s*(\d+)"
)
_ROUTE = re.compile(r"\b(?:r\.?\s*r\.?|rural\s+route|route\s+rurale)\s*#?\s*(\d+)")
# 5-123 Main Street; #5 - 123 Main Street; B-123; and with a word before it: Apt 5-123.
_UNIT_FIRST = re.compile(
    r"^\s*(?:apt|app|apartment|appartement|unit|unite|suite)?\.?\s*#?\s*([a-z]?\d{1,5}[a-z]?|[a-z]{1,2})\s*-\s*(\d+[a-z]?)\b"
)
_UNIT = re.compile(
    r"(?:\b(?:apt|app|apartment|appartement|appt|unit|unite|suite|ste|bureau|bur|local|room|rm|porte|ph)\b\.?\s*#?|#)"
    r"\s*(?:no\.?\s*)?([a-z]?\d{1,5}[a-z]?|[a-z])\b"
    r"|\b(?:apt|app|unit|suite)(\d{1,5}[a-z]?)\b"
)
_CIVIC = re.compile(r"\b(\d{1,6})(?:\s*([a-z])\b(?!['’.]))?(?:\s+(?:1/2|½))?")
_WORD = re.compile(r"[a-z0-9]+")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th|e|er|re|ere|eme|ieme)$")
_NUMBERS = {
    word: str(number)
    for number, words in enumerate(
        (
            "first premiere premier", "second deuxieme seconde", "third troisieme", "fourth quatrieme",
            "fifth cinquieme", "sixth sixieme", "seventh septieme", "eighth huitieme", "ninth neuvieme",
            "tenth dixieme",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_DIRECTIONS = {
    "n": "n", "north": "n", "nord": "n", "s": "s", "south": "s", "sud": "s", "e": "e", "east": "e", "est": "e",
    "w": "w", "west": "w", "ouest": "w", "o": "w", "ne": "ne", "nw": "nw", "no": "nw", "se": "se", "sw": "sw",
    "so": "sw",
}  # fmt: skip
# What a street is, in either language and either place; and saints, of whom nobody knows how they are written.
_TYPES = words_of(
    """
    street st str saint sainte ste rue avenue ave av boulevard blvd boul bd road rd chemin ch drive dr
    promenade prom crescent cres croissant crois court crt ct cour place pl lane ln ruelle way terrace terr
    tsse terrasse circle cir cercle close trail trl sentier parkway pky pkwy highway hwy autoroute aut route
    rte montee mtee rang rg cote square sq carre gate grove heights hts hill gardens gdns jardins row ridge
    view quai quay impasse imp allee cul
    """
)
_LINKS = words_of(
    """
    de du des la le les l d a aux the of et and
    """
)

_POSTAL = re.compile(r"[A-Z]\d[A-Z]\d[A-Z]\d")
# Letters and digits take turns in Canada, so what a scanner mistook can be told by its place.
_TO_DIGIT = str.maketrans("OIQLSBZ", "0101582")
_TO_LETTER = str.maketrans("01582", "OISBZ")


class Place(NamedTuple):
    """Where a line says that somebody lives; each part folded, empty when it does not say."""

    civic: str
    unit: str
    street: str
    box: str
    route: str


def read_line(line: str) -> Place:
    """Read an address line, English or French: unit before or after, boxes and rural routes.

    *street* holds the words that name it, in the order of the alphabet, types and links left out; a direction is kept.
    """
    place = _cut(line)
    return place._replace(street=_street(place.street))


@lru_cache(CACHED_LINES)
def _cut(line: str) -> Place:
    """Do as `read_line` does, but for the street, which a postal code spares us: that is what is left of the line."""
    text = fold(line)
    box, text = _take(_BOX, text)
    route, text = _take(_ROUTE, text)
    if first := _UNIT_FIRST.match(text):
        unit, civic = first.group(1), first.group(2)
        rest = text[first.end() :]
        _, rest = _take(_UNIT, rest)
    else:
        unit, text = _take(_UNIT, text)
        civic, rest = _take(_CIVIC, text)
    return Place(civic, unit.lstrip("0"), rest, box, route)


def postal_key(text: str) -> str:
    """Give a postal code in capitals without spaces; in a Canadian one, letters and digits where they belong."""
    plain = text.replace(" ", "").replace("-", "").upper()
    if len(plain) != 6 or _POSTAL.fullmatch(plain):
        return plain
    mended = "".join(
        character.translate(_TO_DIGIT if place % 2 else _TO_LETTER) for place, character in enumerate(plain)
    )
    return mended if _POSTAL.fullmatch(mended) else plain


def civic_key(address: Address) -> str:
    """Give the number at which one lives, or the box or rural route that stands for it."""
    place = _cut(address.line)
    if place.civic:
        return place.civic
    return f"box {place.box}" if place.box else f"rr {place.route}" if place.route else ""


def address_key(address: Address) -> str:
    """Give a whole address: number, unit and postal code, which names the street; else street and city."""
    civic = civic_key(address)
    if not civic:
        return ""
    unit = _cut(address.line).unit
    postal = postal_key(address.postal_code)
    if postal:
        return f"{civic}|{unit}|{postal}"
    street, city = read_line(address.line).street, " ".join(_WORD.findall(fold(address.city)))
    return f"{civic}|{unit}|{street}|{city}" if street and city else ""


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """Give what a pattern finds and the text without it."""
    found = pattern.search(text)
    if found is None:
        return "", text
    value = "".join(group for group in found.groups() if group)
    return value, f"{text[: found.start()]} {text[found.end() :]}"


def _street(text: str) -> str:
    words = [_NUMBERS.get(word, word) for word in _WORD.findall(_no_apostrophes(text))]
    words = [_ORDINAL.sub(r"\1", word) for word in words]
    named = [_DIRECTIONS.get(word, word) for word in words if word not in _TYPES and word not in _LINKS]
    return " ".join(sorted(named or words))


def _no_apostrophes(text: str) -> str:
    return text.replace("'", " ").replace("’", " ")
