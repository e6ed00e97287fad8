"""A first draft of a mapping from a sample: fields by the names and contents of columns, and how sure each is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct
from rapidfuzz import fuzz

from fraud.rules.canonical import from_builtins
from fraud.rules.translation import document as d
from fraud.rules.translation import samples
from fraud.rules.translation import synonyms as s
from fraud.rules.translation.defaults import canonical_document
from fraud.rules.translation.proposed_fields import Place, fields_of
from fraud.rules.translation.samples import Source, sources_of_sample

# Below this nothing is proposed.
LEAST = 0.4
# What a name alone, or contents alone, are worth.
_EXACT, _WITHIN, _ALIKE, _CONTENT_ALONE = 0.9, 0.72, 0.6, 0.62
_ALIKE_FROM = 88


class Proposed(Struct, frozen=True):
    """One field of a proposal: *confidence* is 0.0 to 1.0."""

    target: str
    source: str
    confidence: float


class Proposal(Struct, frozen=True):
    """A draft to be looked at: the document, how sure each field is, and the columns that nothing was found for."""

    document: d.MappingDocument
    fields: tuple[Proposed, ...]
    unused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Guess:
    score: float
    place: Place
    source: Source


# What only contents can tell for sure; the share of values that must pass.
_CHECKS: Mapping[str, Callable[[str], object]] = {
    "parties[].national_id": samples.is_sin,
    "parties[].addresses[].postal_code": samples.is_postal_code,
    "parties[].phones[].number": samples.is_phone,
    "parties[].emails[]": samples.is_email,
    "ip_address": samples.is_ip,
}
_DATES = frozenset({"parties[].birth_date", "submitted_at"})
_AMOUNTS = frozenset({"amount", "parties[].income"})
_SYNONYMS = {
    target: tuple(each.strip() for each in names.split(","))
    for target, names in {**s.NAMES, **s.PIECES}.items()
}


def propose(records: Sequence[Mapping[str, Any]], layout: d.Layout, *, time_zone: str = "UTC") -> Proposal:
    """Propose an inbound mapping for a sample of records, as a reader gives them; the first 200 are looked at."""
    if not layout.kind.is_flat and _is_canonical(records):
        return _as_it_is(layout)
    sources = sources_of_sample(records, is_flat=layout.kind.is_flat)
    guesses = [guess for source in sources for guess in _guesses(source)]
    chosen = _chosen(guesses)
    found = [pair for guess in chosen for pair in fields_of(guess.place, guess.source, chosen_places(chosen))]
    fields: dict[str, d.FieldMapping] = {}
    sure: dict[str, float] = {}
    scores = {guess.source.name: guess.score for guess in chosen}
    for each in found:
        if each.target not in fields:
            fields[each.target] = each
            sure[each.target] = round(scores.get(each.source, 1.0), 2)
    document = d.MappingDocument(layout=layout, time_zone=time_zone, fields=tuple(fields.values()))
    proposed = tuple(Proposed(target, fields[target].source, sure[target]) for target in fields)
    used = {guess.source.name for guess in chosen}
    return Proposal(document, proposed, tuple(each.name for each in sources if each.name not in used))


def chosen_places(chosen: Sequence[_Guess]) -> dict[Place, str]:
    """Say which source each place was given."""
    return {guess.place: guess.source.name for guess in chosen}


def _is_canonical(records: Sequence[Mapping[str, Any]]) -> bool:
    try:
        for record in records[: samples.MOST_RECORDS]:
            from_builtins(record)
    except msgspec.ValidationError:
        return False
    return bool(records)


def _as_it_is(layout: d.Layout) -> Proposal:
    fields = canonical_document().fields
    proposed = tuple(Proposed(field.target, field.source, 1.0) for field in fields)
    return Proposal(d.MappingDocument(layout=layout, fields=fields), proposed, ())


def _guesses(source: Source) -> list[_Guess]:
    found = []
    words, second, kind = _plain_words(source)
    for target in _SYNONYMS:
        score = _score(source, target, _name_score(words, source.words, target))
        if score >= LEAST:
            found.append(
                _Guess(
                    score, Place(target, second, kind if "[].phones" in target else _which(source)), source
                )
            )
    return found


def _plain_words(source: Source) -> tuple[str, bool, str]:
    """Give the words that say what a column holds, whether it is the second party's, and the kind of a telephone."""
    words = source.words
    is_second = any(word in s.SECOND_PARTY for word in words) and "2" not in words[-1:]
    is_second = is_second or (bool(words) and words[0] in s.SECOND_PARTY)
    kind = next((s.PHONE_KINDS[word] for word in words if word in s.PHONE_KINDS), "")
    aside = s.SECOND_PARTY | s.FIRST_PARTY | s.PREVIOUS
    return " ".join(word for word in words if word not in aside), is_second, kind


def _which(source: Source) -> str:
    return "previous" if any(word in s.PREVIOUS for word in source.words) else ""


def _name_score(plain: str, words: list[str], target: str) -> float:
    whole = " ".join(words)
    last = words[-1] if words else ""
    best = 0.0
    for name in _SYNONYMS[target]:
        if name in {plain, whole}:
            return _EXACT
        if f" {plain} ".endswith(f" {name} ") or (len(name) > 3 and f" {name} " in f" {plain} "):
            best = max(best, _WITHIN + 0.01 * min(len(name), 15))
        elif name == last and len(name) > 2:
            best = max(best, _WITHIN)
        elif len(plain) > 3 and fuzz.ratio(plain, name) >= _ALIKE_FROM:
            best = max(best, _ALIKE)
    return best


def _score(source: Source, target: str, by_name: float) -> float:
    """Weigh a name by what the column holds; without values the name alone decides."""
    if not source.values:
        return by_name * 0.8
    if target in _CHECKS:
        share = source.share(_CHECKS[target])
        by_content = _CONTENT_ALONE if share >= 0.8 else 0.0
        return min(1.0, by_name + 0.1 * share) if by_name and share >= 0.3 else max(by_content, by_name * 0.4)
    if not by_name:
        return 0.0
    if target in _DATES:
        share = samples.date_format(source)[1]
        return (by_name + 0.1) * (0.75 + 0.25 * share) if share >= 0.3 else by_name * 0.4
    if target in _AMOUNTS:
        share = source.share(samples.is_money)
        return by_name + 0.1 * share if share >= 0.3 else by_name * 0.4
    return by_name * (0.4 if _is_something_else(source) else 1.0)


def _is_something_else(source: Source) -> bool:
    """Say whether what a column holds gives it away: e-mail addresses are no names, whatever the header says."""
    return any(source.share(check) >= 0.8 for check in (samples.is_email, samples.is_ip))


def _chosen(guesses: list[_Guess]) -> list[_Guess]:
    """Give each source its best place, and each place its best source; what is left of them waits for its turn."""
    chosen: list[_Guess] = []
    sources: set[str] = set()
    places: set[Place] = set()
    for guess in sorted(guesses, key=lambda each: -each.score):
        if guess.source.name in sources:
            continue
        place = guess.place
        if place in places and place.is_many:
            place = next((each for each in place.siblings() if each not in places), place)
        if place in places:
            continue
        sources.add(guess.source.name)
        places.add(place)
        chosen.append(_Guess(guess.score, place, guess.source))
    order = {name: at for at, name in enumerate(_SYNONYMS)}
    return sorted(chosen, key=lambda each: (each.place.is_second, order[each.place.target], each.place.which))
