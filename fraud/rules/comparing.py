"""One applicant beside another, field by field: masked values, and whether they are the same, close or different."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product

from rapidfuzz.distance import OSA, JaroWinkler

from fraud.rules.canonical import Address, Application, Party
from fraud.rules.masking import MASK, masked_address, masked_digits, masked_email, masked_name, masked_phone

# Below it two words are two words; above it a slip, a nickname or an accent (Jaro–Winkler).
_CLOSE = 0.88
# The letters or digits by which two numbers or addresses may differ and still be a slip.
_SLIPS = 2


class Mark(StrEnum):
    """How two values of one field compare."""

    SAME = "same"
    CLOSE = "close"
    DIFFERENT = "different"
    # Known of one of the two alone.
    HERE = "here"
    THERE = "there"


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of two people: what is shown of each, and how the values behind the masks compare.

    Of several values of the first all are shown, of the second the one that fits best.
    """

    field: str
    here: tuple[str, ...]
    there: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    # What is known of it, one value or several.
    read: Callable[[Party], Iterable[str]]
    mask: Callable[[str], str]
    is_close: Callable[[str, str], bool]


def compared(here: Party, there: Party) -> list[Compared]:
    """Compare two people, in the order in which people read; what neither has is left out."""
    found = []
    for field in _FIELDS:
        ours, theirs = ([*filter(None, field.read(party))] for party in (here, there))
        if ours or theirs:
            found.append(_compared(field, ours, theirs))
    return found


def counterpart(person: Party, application: Application) -> Party:
    """Give the person of another application who agrees with this one in the most fields; the main one of equals."""

    def likeness(other: Party) -> int:
        marks = [each.mark for each in compared(person, other)]
        return 2 * marks.count(Mark.SAME) + marks.count(Mark.CLOSE)

    return max(application.parties, key=likeness)


def _compared(field: _Field, ours: Sequence[str], theirs: Sequence[str]) -> Compared:
    here = tuple(map(field.mask, ours))
    if not theirs:
        return Compared(field.name, here, "", Mark.HERE)
    if not ours:
        return Compared(field.name, here, field.mask(theirs[0]), Mark.THERE)
    pairs = [(_mark(field, one, other), other) for one, other in product(ours, theirs)]
    mark, best = min(pairs, key=lambda pair: _ORDER.index(pair[0]))
    return Compared(field.name, here, field.mask(best), mark)


_ORDER = (Mark.SAME, Mark.CLOSE, Mark.DIFFERENT)


def _mark(field: _Field, one: str, other: str) -> Mark:
    plain_one, plain_other = plain(one), plain(other)
    if plain_one == plain_other:
        return Mark.SAME
    return Mark.CLOSE if field.is_close(plain_one, plain_other) else Mark.DIFFERENT


def plain(text: str) -> str:
    """Write a text without case, accents, spaces and punctuation, so that only what it says is compared.

    >>> plain("12, rue St-Étienne")
    '12ruestetienne'
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _alike(one: str, other: str) -> bool:
    return JaroWinkler.similarity(one, other) >= _CLOSE


def _slipped(one: str, other: str) -> bool:
    """A digit mistyped, left out or two of them swapped; in what is long enough for that to be no accident."""
    return min(len(one), len(other)) >= 2 * _SLIPS and OSA.distance(one, other, score_cutoff=_SLIPS) <= _SLIPS


def _swapped(one: str, other: str) -> bool:
    """Day and month changed places, or one digit differs."""
    return one[:4] + one[6:] + one[4:6] == other or OSA.distance(one, other, score_cutoff=1) <= 1


def _born(party: Party) -> list[str]:
    return [party.birth_date.isoformat()] if party.birth_date else []


def _addresses(party: Party) -> list[str]:
    return ["\n".join((each.line, each.city, each.province, each.postal_code)) for each in party.addresses]


def _address_mask(text: str) -> str:
    _line, city, province, postal = text.split("\n")
    return masked_address(Address(line="", city=city, province=province, postal_code=postal))


def _accounts(party: Party) -> list[str]:
    account = party.bank_account
    return [f"{account.institution} {account.transit} {account.number}"] if account else []


def _last(text: str) -> str:
    return masked_digits(text.rpartition(" ")[2])


def _year(text: str) -> str:
    return f"{date.fromisoformat(text).year}-••-••"


def _never(_one: str, _other: str) -> bool:
    return False


_FIELDS = (
    _Field("given_name", lambda party: [party.given_name], masked_name, _alike),
    _Field("middle_name", lambda party: [party.middle_name], masked_name, _alike),
    _Field("family_name", lambda party: [party.family_name], masked_name, _alike),
    _Field("birth_date", _born, _year, _swapped),
    _Field("national_id", lambda party: [party.national_id], masked_digits, _slipped),
    _Field("address", _addresses, _address_mask, _slipped),
    _Field("phone", lambda party: [each.number for each in party.phones], masked_phone, _slipped),
    _Field("email", lambda party: party.emails, masked_email, _slipped),
    _Field("employment", lambda party: [party.employment or ""], str, _never),
    _Field("employer", lambda party: [party.employer], masked_name, _alike),
    _Field("income", lambda party: [str(party.income or "")], lambda _text: MASK, _never),
    _Field("bank_account", _accounts, _last, _slipped),
)
