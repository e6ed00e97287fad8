"""The trail as people read it: who did what, in words, newest first."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.accounts.queries import names
from portal.audit.models import Entry
from portal.audit.operations import Subject
from portal.audit.queries import history
from portal.core.actors import ActorKind
from portal.web.act_words import ACT_WORDS
from portal.web.navigation import Words
from portal.web.pieces import Event

# The longest timeline that a page shows; what is older stays in the trail.
MOST_EVENTS = 50

More = Callable[[Mapping[str, Any]], Words]
_words: dict[str, tuple[Words, More | None]] = {act: (words, None) for act, words in ACT_WORDS.items()}
# Who looked is asked of the trail itself; among what was done it would hide the rest.
_quiet: set[str] = {"person.read", "member.read"}


def register(acts: Mapping[str, tuple[Words, More | None]], *, quiet: Collection[str] = ()) -> None:
    """Add the words of a domain's acts, and how to say more from an entry's facts.

    `quiet` acts stay in the trail but out of timelines, where their number would hide the rest.
    """
    _words.update(acts)
    _quiet.update(quiet)


def timeline(subject: Subject, *others: Subject, besides: Collection[str] = ()) -> list[Event]:
    """Tell what happened to one thing that the caller may see, in three queries; *others* are told with it.

    *besides*: acts that would say twice what another says.
    """
    told_of = history(subject, *others).exclude(act__in=_quiet | set(besides))
    return all_told(list(told_of[:MOST_EVENTS]))


def all_told(entries: Collection[Entry]) -> list[Event]:
    """Say entries in words, in two queries."""
    known = names({entry.actor_id for entry in entries})
    return [told(entry, known) for entry in entries]


def acts_in_words() -> list[tuple[str, Words]]:
    """List every act that has words, as choices in the order of their names."""
    return [(act, f"{words} ({act})") for act, (words, _more) in sorted(_words.items())]


def words_of_act(act: str) -> Words:
    """Say an act in words, without who did it; the act itself where nobody gave it words."""
    return _words.get(act, (act, None))[0]


def told(entry: Entry, known: Mapping[str, str]) -> Event:
    """Say an entry in words; *known* are the names of those who act, by their ids."""
    is_system = entry.actor_kind == ActorKind.SYSTEM
    who: Words = _("Countersign") if is_system else known.get(entry.actor_id, entry.actor_id) or _("Somebody")
    what, more = _words.get(entry.act, (entry.act, None))
    return Event(who=who, what=what, at=entry.at, more=more(entry.facts) if more else "")
