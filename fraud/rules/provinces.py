"""Provinces of Canada by the first letter of a postal code and by a telephone's area code."""

from collections.abc import Mapping
from types import MappingProxyType

# Canada Post, Addressing Guidelines: the first letter is a province, a part of one, or two territories.
_BY_LETTER = {
    **dict.fromkeys("A", frozenset({"NL"})),
    **dict.fromkeys("B", frozenset({"NS"})),
    **dict.fromkeys("C", frozenset({"PE"})),
    **dict.fromkeys("E", frozenset({"NB"})),
    **dict.fromkeys("GHJ", frozenset({"QC"})),
    **dict.fromkeys("KLMNP", frozenset({"ON"})),
    **dict.fromkeys("R", frozenset({"MB"})),
    **dict.fromkeys("S", frozenset({"SK"})),
    **dict.fromkeys("T", frozenset({"AB"})),
    **dict.fromkeys("V", frozenset({"BC"})),
    **dict.fromkeys("X", frozenset({"NT", "NU"})),
    **dict.fromkeys("Y", frozenset({"YT"})),
}
# Canadian Numbering Administrator, geographic area codes in service; 600 and 622 belong to no place.
_CODES = {
    "AB": "368 403 587 780 825",
    "BC": "236 250 257 604 672 778",
    "MB": "204 431 584",
    "NB": "428 506",
    "NL": "709 879",
    "NS PE": "782 902",
    "NT NU YT": "867",
    "ON": "226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 807 905 942",
    "QC": "263 354 367 418 438 450 468 514 579 581 819 873",
    "SK": "306 474 639",
}
_BY_AREA_CODE = {
    code: frozenset(provinces.split()) for provinces, codes in _CODES.items() for code in codes.split()
}
POSTAL_LETTERS: Mapping[str, frozenset[str]] = MappingProxyType(_BY_LETTER)
AREA_CODES: Mapping[str, frozenset[str]] = MappingProxyType(_BY_AREA_CODE)


def differs_from_postal_code(province: str, postal_code: str) -> bool:
    """Say whether a postal code lies in another province; untrue where one of them is not known."""
    places = POSTAL_LETTERS.get(postal_code[:1].upper())
    return places is not None and len(province) == 2 and province.upper() not in places


def differs_from_area_code(province: str, number: str) -> bool:
    """Say whether a number (E.164) has the area code of another province; untrue of numbers from elsewhere."""
    places = AREA_CODES.get(number[2:5]) if number.startswith("+1") else None
    return places is not None and len(province) == 2 and province.upper() not in places
